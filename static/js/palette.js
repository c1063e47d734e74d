/** Ctrl K: jump anywhere, begin anything. The server answers with options; here they are walked. */
import { $, $$, composing, el } from './dom.js';

const dialog = $('#palette'), input = $('#palette-q'), list = $('#palette-list');

function select(option) {
  for (const each of $$('[role=option]', list)) each.setAttribute('aria-selected', String(each === option));
  if (option) {
    input.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  } else input.removeAttribute('aria-activedescendant');
}

let isAwaited = false;
const words = (text) => text.trim().toLowerCase().split(/\s+/).join(' ');
const isAnswered = () => $('[data-asked]', list)?.dataset.asked === words(input.value);

let deeds = [];

/** What a button says, without its icon and its keys. */
function saying(button) {
  const copy = button.cloneNode(true);
  for (const part of $$('kbd, .badge', copy)) part.remove();
  return (button.getAttribute('aria-label') ?? copy.textContent).replace(/\s+/g, ' ').trim();
}

/** The buttons of the page, with those in its menus: the server finds them by pinyin, too. */
function collect() {
  const found = $$('.pacts a, .pacts button, [data-deed-of-page]').filter((each) => !each.disabled && !each.hidden && (each.offsetParent || each.closest('details')));
  deeds = found.filter((each) => saying(each)).slice(0, 30);
  $('#palette-here').replaceChildren(...deeds.map((each) => el('input', { type: 'hidden', class: 'pal-here', name: 'here', value: saying(each) })));
}

export function open() {
  if (dialog.open) return;
  collect();
  dialog.showModal();
  input.value = '';
  isAwaited = false;
  input.focus();
  input.dispatchEvent(new CustomEvent('palette:open', { bubbles: true }));
}

list?.addEventListener('click', (event) => {
  const { deed, ask } = event.target.closest('[role=option]')?.dataset ?? {};
  if (deed === undefined && ask === undefined) return;
  event.preventDefault();
  if (ask !== undefined) {
    input.value = ask;
    input.focus();
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return;
  }
  dialog.close();
  deeds[deed]?.click();
  deeds[deed]?.focus();
});

input?.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  const options = $$('[role=option]', list), at = options.findIndex((each) => each.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    if (options.length) select(options.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % options.length));
  } else if (event.key === 'Enter') {
    event.preventDefault();
    // Typed faster than answered: what Enter means is known when the answer is there.
    if (isAnswered()) options[Math.max(at, 0)]?.click();
    else isAwaited = true;
  }
});

document.addEventListener('htmx:after:swap', () => {
  if (!dialog?.open || !isAnswered()) return;
  const first = $('[role=option]:not([aria-disabled])', list);
  if (isAwaited) { isAwaited = false; first?.click(); }
  else if (!$('[aria-selected=true]', list)) select(first);
});
