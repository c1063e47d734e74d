/** Files of a record: chosen, dropped or pasted, uploaded at once; the form posts their ids. */
import { $, $$, el, icon, toast } from './dom.js';
import { t } from './texts.js';

async function upload(field, file) {
  const body = new FormData();
  body.append('file', file);
  const state = $('[data-state]', field);
  state.textContent = t('uploading', { name: file.name });
  let made = null;
  try {
    const answer = await fetch(field.dataset.upload, { method: 'POST', body, credentials: 'same-origin', headers: { 'X-CSRFToken': $('input[name=csrf_token]').value, Accept: 'application/json' } });
    made = answer.ok ? await answer.json() : null;
  } catch { /* The toast below says so. */ }
  state.textContent = '';
  if (!made) { toast(t('upload_failed', { name: file.name }), { stay: true }); return; }
  $('ul', field).append(el('li', {}, icon('paperclip', 'ic-16'), el('a', { href: made.url ?? `/files/${made.id}`, class: 'grow trunc' }, made.name ?? file.name),
    el('input', { type: 'hidden', name: field.dataset.name, value: made.id }), el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'data-remove': '', 'aria-label': t('removed', { name: file.name }) }, icon('x', 'ic-16'))));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

for (const field of $$('.files[data-upload]')) {
  const chooser = $('input[type=file]', field), drop = $('.drop', field);
  chooser.addEventListener('change', (event) => {
    event.stopPropagation();
    for (const file of chooser.files) upload(field, file);
    chooser.value = '';
  });
  field.addEventListener('click', (event) => {
    const button = event.target.closest('[data-remove]');
    if (!button) return;
    button.closest('li').remove();
    field.dispatchEvent(new Event('change', { bubbles: true }));
    chooser.focus();
  });
  drop.addEventListener('dragover', (event) => { event.preventDefault(); drop.classList.add('over'); });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => { event.preventDefault(); drop.classList.remove('over'); for (const file of event.dataTransfer.files) upload(field, file); });
  field.addEventListener('paste', (event) => { for (const file of event.clipboardData.files) { event.preventDefault(); upload(field, file); } });
}
