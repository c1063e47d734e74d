/** What every page does for the desk of its reader: single letters off, what is open, notices read, pages pinned. */
import { $, $$, toast } from '../dom.js';
import { t } from '../texts.js';

const shell = $('#shell');
const token = () => JSON.parse(document.body.getAttribute('hx-headers:inherited') ?? '{}')['X-CSRFToken'] ?? '';

/** Send a small form that may outlive the page. */
function send(address, fields = {}) {
  const headers = { 'X-CSRFToken': token(), 'HX-Request': 'true', 'Content-Type': 'application/x-www-form-urlencoded' };
  return fetch(address, { method: 'POST', headers, body: new URLSearchParams(fields), keepalive: true, credentials: 'same-origin' });
}

// Where single letters are off, none reaches the keys of a page: a listener below `document` hears them first.
const writing = (target) => target.closest?.('input, textarea, select, [contenteditable], [role=grid], [role=textbox]');
if (shell?.dataset.letterKeys === 'off') {
  document.documentElement.addEventListener('keydown', (event) => {
    const isLetter = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isLetter && !writing(event.target)) event.stopPropagation();
  });
}

// A record counts as opened when somebody has looked at it for a moment, not when they passed through.
if (shell?.dataset.opening) setTimeout(() => { if (!document.hidden) send(shell.dataset.opening).catch(() => {}); }, 800);

// Following a notice reads it; one about a record is read by opening the record, too.
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-notice]');
  if (link) send(shell.dataset.reading, { notice: link.dataset.notice }).catch(() => {});
});

const pin = $('[data-pin]');
const here = () => location.pathname + location.search;

function mark() {
  if (!pin) return;
  const isPinned = $$('#pins [data-pinned]').some((link) => link.getAttribute('href') === here());
  pin.hidden = false;
  pin.setAttribute('aria-pressed', String(isPinned));
}

async function toggle() {
  const label = ($('h1')?.textContent.trim() || document.title).slice(0, 60), wasPinned = pin.getAttribute('aria-pressed') === 'true';
  const answer = await send(shell.dataset.pins, { href: here(), label }).catch(() => null);
  if (!answer?.ok) {
    const said = JSON.parse(answer?.headers.get('HX-Trigger') ?? '{}')['ui:toast'];
    return toast(said?.text ?? t('no_answer'), { stay: true });
  }
  const drawn = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('#pins');
  $('#pins').replaceWith(drawn);
  mark();
  toast(t(wasPinned ? 'unpinned' : 'pinned'));
}

pin?.addEventListener('click', toggle);
document.addEventListener('htmx:after:history:update', mark);
document.addEventListener('htmx:after:swap', mark);
mark();
