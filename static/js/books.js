/** Pages of the books: dialogs open and close, what is wrong is read out first, a scan is traced at once. */
import { $, composing } from './dom.js';
import { listen } from './scanner.js';
import './entries.js';

$('[data-summary]')?.focus();

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  if (opener) document.getElementById(opener.dataset.dialog).showModal();
  else if (event.target.closest('[data-dismiss]')) event.target.closest('dialog').close();
});

// A day chosen in the calendar, or typed to its end, asks the list at once.
document.addEventListener('input', ({ target }) => {
  if (target.dataset?.entry === 'date' && target.form?.id === 'list-form' && /^\d{4}-\d\d-\d\d$/.test(target.value)) target.dispatchEvent(new Event('change', { bubbles: true }));
});

// A scanner's code goes into the box for lots and serial numbers, whatever has the focus.
const key = $('input#key');
if (key) {
  listen((code) => {
    key.value = code;
    key.form.requestSubmit();
    key.focus();
    key.select();
  });
}

document.addEventListener('keydown', (event) => {
  if (composing(event) || event.key !== '/' || $('#q') || event.target.closest?.('input, textarea, select, dialog[open]')) return;
  if (key) { event.preventDefault(); key.focus(); key.select(); }
});
