/** Working in a list: the dialog that asks what is to be done. */
import { $ } from '../dom.js';

const dialog = $('#work');

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-work]');
  if (opener && dialog) {
    $('#work-title').textContent = opener.dataset.title ?? opener.textContent.trim();
    $('#work-body').replaceChildren();
    dialog.showModal();
  }
  if (event.target.closest('[data-work-close]')) dialog?.close();
});

// A file comes as a download: the page stays, so the dialog closes by itself.
document.addEventListener('submit', (event) => {
  if (event.target.dataset.workDone === 'close') setTimeout(() => dialog?.close());
});
