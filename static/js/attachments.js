/** Files of a record: chosen, dropped, pasted or signed, uploaded at once; the form posts their ids. */
import { $, $$, el, icon, toast } from './dom.js';
import { sign } from './signature.js';
import { t } from './texts.js';

const SCALED = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** A large photo made small before it is sent; anything else stays as it is. */
async function reduced(file, side) {
  if (!SCALED.has(file.type)) return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = side / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = el('canvas', { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => { canvas.toBlob(done, file.type, 0.85); });
    return made ? new File([made], file.name, { type: file.type }) : file;
  } catch { return file; }
}

async function sent(field, file) {
  const body = new FormData();
  body.append('file', file);
  try {
    const answer = await fetch(field.dataset.upload, { method: 'POST', body, credentials: 'same-origin', headers: { 'X-CSRFToken': $('input[name=csrf_token]').value, Accept: 'application/json' } });
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

/** What stands in the list for a file that was kept. */
function entry(field, made) {
  const hidden = el('input', { type: 'hidden', name: field.dataset.name, value: made.id, form: field.closest('[data-owner]')?.dataset.owner });
  if ('cell' in field.dataset) return el('li', {}, hidden);
  const shown = field.dataset.files === 'file'
    ? [icon('paperclip', 'ic-16'), el('a', { href: made.url, class: 'grow trunc' }, made.name)]
    : [el('a', { href: made.picture, class: 'pic', target: '_blank', rel: 'noopener' }, el('img', { src: made.picture, alt: made.name }))];
  return el('li', {}, ...shown, hidden, el('button', { type: 'button', class: 'btn btn-ghost btn-icon btn-sm', 'data-remove': '', 'aria-label': t('removed', { name: made.name }) }, icon('x', 'ic-16')));
}

function changed(field) {
  const count = $$('ul > li', field).length, shown = $('[data-n]', field), clear = $('[data-clear]', field);
  if (shown) shown.textContent = count || '';
  if (clear) clear.hidden = !count;
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

async function upload(field, file) {
  const { files: look, most, side } = field.dataset, list = $('ul', field), state = $('[data-state]', field);
  if (look === 'sign') list.replaceChildren();
  else if (list.children.length >= Number(most)) { toast(t('too_many_files', { limit: most })); return; }
  state.textContent = t('uploading', { name: file.name });
  const made = await sent(field, look === 'picture' ? await reduced(file, Number(side)) : file);
  state.textContent = '';
  if (!made) { toast(t('upload_failed', { name: file.name }), { stay: true }); return; }
  if (look !== 'file' && !made.picture) { toast(t('not_picture', { name: file.name }), { stay: true }); return; }
  list.append(entry(field, made));
  changed(field);
}

const fieldOf = (event) => event.target.closest?.('.files[data-upload]');
async function all(field, files) { for (const file of files) await upload(field, file); }

// On the document: lines come and go, and each brings boxes of its own.
document.addEventListener('change', (event) => {
  const field = fieldOf(event);
  if (!field || event.target.type !== 'file') return;
  event.stopPropagation();
  all(field, [...event.target.files]).then(() => { event.target.value = ''; });
}, true);
document.addEventListener('click', async (event) => {
  const field = fieldOf(event);
  if (!field) return;
  if (event.target.closest('[data-sign]')) {
    const drawn = await sign();
    if (drawn) await upload(field, drawn);
    return;
  }
  const one = event.target.closest('[data-remove]'), every = event.target.closest('[data-clear]');
  if (!one && !every) return;
  if (one) one.closest('li').remove();
  else $('ul', field).replaceChildren();
  changed(field);
  $('input[type=file], [data-sign]', field)?.focus();
});
document.addEventListener('dragover', (event) => { const field = fieldOf(event); if (field) { event.preventDefault(); $('.drop', field).classList.add('over'); } });
document.addEventListener('dragleave', (event) => { const field = fieldOf(event); if (field) $('.drop', field).classList.remove('over'); });
document.addEventListener('drop', (event) => {
  const field = fieldOf(event);
  if (!field || field.dataset.files === 'sign') return;
  event.preventDefault();
  $('.drop', field).classList.remove('over');
  all(field, [...event.dataTransfer.files]);
});
document.addEventListener('paste', (event) => {
  const field = fieldOf(event);
  if (!field || field.dataset.files === 'sign' || !event.clipboardData.files.length) return;
  event.preventDefault();
  all(field, [...event.clipboardData.files]);
});
