/** The comment box: names behind an @, Ctrl+Enter says it; files come with attachments.js. */
import { $, $$, composing, el, place } from '../dom.js';

let list = null, asked = 0, timer = 0;

/** The name being typed: from the last @ to the caret, without a space in between. */
function typing(box) {
  const before = box.value.slice(0, box.selectionStart);
  const found = /(?:^|[^A-Za-z0-9_])@([^\s@，。；：,.;:]{0,20})$/.exec(before);
  return found ? found[1] : null;
}

function close() {
  list?.remove();
  list = null;
  for (const box of $$('[data-name-people][aria-expanded=true]')) {
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  }
}

function take(box, handle) {
  const at = box.selectionStart, start = box.value.lastIndexOf('@', at - 1);
  box.setRangeText(`@${handle} `, start, at, 'end');
  close();
  box.focus();
}

function mark(box, chosen) {
  for (const option of list.children) option.setAttribute('aria-selected', String(option === chosen));
  box.setAttribute('aria-activedescendant', chosen.id);
  chosen.scrollIntoView({ block: 'nearest' });
}

async function offer(box) {
  const text = typing(box), mine = ++asked;
  if (text === null) { close(); return; }
  let found = [];
  try {
    const answer = await fetch(`${box.dataset.namePeople}?q=${encodeURIComponent(text)}`, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
    found = answer.ok ? (await answer.json()).people : [];
  } catch { /* without a list one can still type the name */ }
  if (mine !== asked || document.activeElement !== box) return;
  close();
  if (!found.length) return;
  list = el('div', { class: 'menu names', role: 'listbox', id: 'names-offered' }, found.map((person, index) => el('div', { role: 'option', id: `name-${index}`, class: 'name-o', 'data-handle': person.handle }, el('span', { class: 'ava ava-sm', 'aria-hidden': 'true' }, person.name.slice(0, 1)), person.handle)));
  list.addEventListener('pointerdown', (event) => { event.preventDefault(); const option = event.target.closest('[data-handle]'); if (option) take(box, option.dataset.handle); });
  document.body.append(list);
  place(box, list);
  box.setAttribute('aria-controls', 'names-offered');
  box.setAttribute('aria-expanded', 'true');
  mark(box, list.firstElementChild);
}

document.addEventListener('input', (event) => {
  const box = event.target;
  if (!box.matches?.('[data-name-people]')) return;
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(offer, 120, box);
});
document.addEventListener('compositionend', (event) => { if (event.target.matches?.('[data-name-people]')) offer(event.target); });
document.addEventListener('focusout', (event) => { if (event.target.matches?.('[data-name-people]')) close(); });
document.addEventListener('keydown', (event) => {
  const box = event.target;
  if (composing(event) || !box.matches?.('[data-name-people]')) return;
  if (event.key === 'Enter' && event.ctrlKey) { event.preventDefault(); event.stopPropagation(); box.form.requestSubmit(); return; }
  if (!list) return;
  const chosen = $('[aria-selected=true]', list);
  const step = { ArrowDown: chosen.nextElementSibling ?? list.firstElementChild, ArrowUp: chosen.previousElementSibling ?? list.lastElementChild }[event.key];
  if (step) mark(box, step);
  else if (event.key === 'Enter' || event.key === 'Tab') take(box, chosen.dataset.handle);
  else if (event.key === 'Escape') { event.stopPropagation(); close(); }
  else return;
  event.preventDefault();
}, true);

// A notice leads to a comment: it is shown where it stands.
const named = location.hash.startsWith('#comment-') && document.getElementById(location.hash.slice(1));
if (named) { named.scrollIntoView({ block: 'center' }); named.classList.add('is-meant'); named.focus({ preventScroll: true }); }
