/** The words beside a field that must change, tied to its input for those who listen instead of look. */
import { el, icon } from './dom.js';

const tipId = (input) => `${input.id}-err`;

/** Put a message beside an input; null takes it away. */
export function mark(input, message) {
  const old = document.getElementById(tipId(input));
  const cell = input.closest('td');
  if (!message) {
    if (!old && !input.hasAttribute('aria-invalid')) return;
    old?.remove();
    input.removeAttribute('aria-invalid');
    if (input.getAttribute('aria-describedby')?.includes(tipId(input))) input.removeAttribute('aria-describedby');
    cell?.classList.remove('bad');
    return;
  }
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', tipId(input));
  cell?.classList.add('bad');
  if (old) { old.lastElementChild.textContent = message; return; }
  const words = el(cell ? 'span' : 'p', { class: cell ? 'cell-tip' : 'err-msg', id: tipId(input) }, icon('alert-circle'), el('span', {}, message));
  (cell ?? input.closest('.field') ?? input.parentElement).append(words);
}

/** Whether an input is marked. */
export const isMarked = (input) => input.getAttribute('aria-invalid') === 'true';

/** Put a warning beside an input: it stops nobody, so the input stays valid; null takes it away. */
export function warn(input, message) {
  const id = `${input.id}-warn`, cell = input.closest('td');
  document.getElementById(id)?.remove();
  (cell ?? input.closest('.field'))?.classList.toggle('warned', Boolean(message));
  if (message) input.setAttribute('aria-description', message);
  else input.removeAttribute('aria-description');
  if (!message) return;
  const words = el(cell ? 'span' : 'p', { class: cell ? 'cell-tip is-warning' : 'warn-msg', id }, icon('alert-triangle'), el('span', {}, message));
  (cell ?? input.closest('.field') ?? input.parentElement).append(words);
}
