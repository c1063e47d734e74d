/** The sheet of a conversion: another table of lines lists other columns. */
import { $, toast } from '../dom.js';
import { t } from '../texts.js';

const form = $('#cv-form');

form.addEventListener('change', async ({ target }) => {
  const row = target.closest('tr');
  if (row && target.matches('select')) row.classList.toggle('is-on', Boolean(target.value));
  if (!target.matches('[data-draw]')) return;
  const body = new URLSearchParams(new FormData(form));
  body.set('do', 'draw');
  const answer = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) { toast(t('no_answer')); return; }
  const drawn = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('cv-sheet');
  await window.htmx.swap({ text: drawn.innerHTML, sourceElement: $('#cv-sheet'), target: $('#cv-sheet'), swap: 'innerHTML' });
  document.getElementById(target.id)?.focus();
});
