/** Pages of an account: what is shown once can be copied or printed; what is wrong is read out first. */
import { $ } from './dom.js';

$('[data-focus]')?.focus();

document.addEventListener('click', async ({ target }) => {
  const copy = target.closest('[data-copy]');
  if (copy) {
    const from = document.getElementById(copy.dataset.copy);
    const items = [...from.querySelectorAll('code')];
    const text = items.length ? items.map((each) => each.textContent).join('\n') : from.textContent;
    if (await copied(text.trim())) copy.classList.add('is-done');
    else select(from);
  }
  if (target.closest('[data-print]')) print();
});

/** Says whether it went to the clipboard: without https a browser does not let us. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
