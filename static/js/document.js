/** The document screen: saving and submitting, shortcuts, dialogs, full use of what the other modules offer. */
import { $, $$, composing } from './dom.js';
import './entries.js';
import './left.js';
import './touched.js';
import './guards.js';
import './draft.js';
import './problems.js';
import './fill.js';
import './parts.js';
import { settled } from './ref-lookup.js';
import { tidy } from './entries.js';
import { isMarked } from './invalid.js';
import { reveal } from './sections.js';

const form = $('form#document');

/** What a person can type into or choose from, in the order of the page. */
const boxes = () => $$('input:not([type=hidden]):not([readonly]), select, textarea', form).filter((box) => box.offsetParent && !box.disabled);

/** Enter in a header box goes on to the next one; only Ctrl+Enter submits. */
function nextField(input) {
  const all = boxes();
  const next = all[all.indexOf(input) + 1];
  const grid = next?.closest('line-grid');
  if (grid) grid.focusCell(grid.body.rows[0], grid.stops[0]);
  else { next?.focus(); next?.select?.(); }
}

if (form) {
  let isSettled = false;
  // Capture: before htmx sees the submission, everything typed must be tidy and every record found.
  document.addEventListener('submit', (event) => {
    if (event.target !== form || isSettled) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    if (document.activeElement?.dataset?.entry) tidy(document.activeElement);
    for (const lookup of $$('ref-lookup', form)) if (lookup.contains(document.activeElement)) lookup.left();
    // A turn of its own: while this submission is still being told, the browser ignores another one.
    settled().then(() => new Promise((go) => { setTimeout(go); })).then(() => {
      isSettled = true;
      form.requestSubmit(submitter);
      isSettled = false;
    });
  }, true);

  // A new document begins where the typing begins; a phone's keyboard waits until it is asked for.
  if (form.elements.version.value === '0' && document.activeElement === document.body && !matchMedia('(pointer: coarse)').matches) {
    boxes().find((box) => !box.value && box.type !== 'checkbox' && !box.closest('line-grid'))?.focus({ preventScroll: true });
  }

  document.addEventListener('keydown', (event) => {
    if (composing(event)) return;
    const hasControl = event.ctrlKey || event.metaKey, inside = $('dialog[open]');
    if (hasControl && !inside && (event.key.toLowerCase() === 's' || event.key === 'Enter')) {
      event.preventDefault();
      const button = $(`button[name=_then][value=${event.key === 'Enter' ? 'submit' : 'save'}]`) ?? $('button[name=_then]');
      if (button && button.getAttribute('aria-busy') !== 'true') form.requestSubmit(button);
      return;
    }
    if (event.key === 'Enter' && !hasControl && !event.defaultPrevented && event.target.matches('#document input') && !event.target.closest('line-grid')) {
      event.preventDefault();
      if (!(isMarked(event.target) && event.target.closest('ref-lookup') && event.target.value)) nextField(event.target);
    }
    if (event.altKey && !event.shiftKey && /^Digit[1-9]$/.test(event.code)) {
      const section = $$('#document section.card')[Number(event.code.at(-1)) - 1];
      if (section) { event.preventDefault(); reveal(section); section.scrollIntoView({ block: 'start' }); $('input:not([type=hidden]), select, textarea', section)?.focus(); }
    }
  });
}

// Dialogs: [data-dialog="id"] opens, focus comes back by itself; a busy button keeps its width.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  else if (event.target.closest('[data-print]')) print();
  else if (event.target.closest('[data-dismiss]')) event.target.closest('dialog').close();
});
document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => ctx.request.submitter?.setAttribute('aria-busy', 'true'));
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => ctx.request.submitter?.removeAttribute('aria-busy'));
