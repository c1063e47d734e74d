/** The tables of a workbook: what is left out is greyed, what is typed is kept at once. */
import { $, $$ } from './dom.js';

for (const card of $$('[data-table]')) {
  const take = $('[data-table-take]', card);
  take.addEventListener('change', () => card.classList.toggle('is-off', !take.checked));
  // What is told of a table may be clicked too; the arrow beside it is for the keyboard.
  $('.imp-facts', card).addEventListener('click', () => { const list = $('details', card); list.open = !list.open; });
  for (const box of $$('[data-col-take]', card)) {
    box.addEventListener('change', () => box.closest('tr').classList.toggle('is-skipped', !box.checked));
  }
}
$('[data-focus]')?.focus();

const whole = $('#whole');
let keeping = Promise.resolve();

/** Keep what was changed, one request after the other; a lost one is sent again with the page. */
function keep() {
  const body = new FormData(whole);
  body.set('do', 'keep');
  const send = () => fetch(whole.action, { method: 'POST', body, credentials: 'same-origin' });
  keeping = keeping.then(send).catch(() => null);
}
whole?.addEventListener('change', keep);
// A link out of the page waits for what was typed last.
document.addEventListener('click', async (event) => {
  const link = event.target.closest?.('#whole a[href]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  document.activeElement?.blur?.();
  await keeping;
  location.assign(link.href);
});
