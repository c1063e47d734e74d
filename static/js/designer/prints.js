/** The tab of print templates: placeholders are copied with a click. */
import { $ } from '../dom.js';
import './tab-page.js';

document.addEventListener('click', async (event) => {
  const chip = event.target.closest('[data-copy-text]');
  if (!chip) return;
  const text = chip.dataset.copyText;
  try { await navigator.clipboard.writeText(text); } catch { return; }
  const said = $('#said');
  said.textContent = `${said.dataset.copied} ${text}`;
  chip.classList.add('is-done');
  setTimeout(() => chip.classList.remove('is-done'), 1200);
});

$('#ds-refusal')?.focus();
