/** Drop or paste a table anywhere on the page, see it go up, and read why it was not taken. */
import { $ } from './dom.js';

const form = $('#upload');
const input = $('#file');
const sending = $('.imp-sending', form);
const bar = $('progress', form);
const state = $('#sending-state');

/** Say what is wrong, in the sentence the server would use. */
function complain(text) {
  const home = $('#upload-problem');
  const line = document.createElement('p');
  line.className = 'imp-alert';
  line.textContent = text;
  home.replaceChildren(line);
  form.classList.remove('is-busy');
  sending.hidden = true;
  input.value = '';
}

function answered(request) {
  let answer = {};
  try { answer = JSON.parse(request.responseText); } catch { /* not ours: said below */ }
  if (request.status === 200 && answer.href) location.assign(answer.href);
  else complain(answer.error ?? form.dataset.failed);
}

function send(file) {
  if (!file || form.classList.contains('is-busy')) return;
  if (file.size > Number(form.dataset.limit) * 1e6) { complain(form.dataset.tooLarge); return; }
  $('#upload-problem').replaceChildren();
  form.classList.add('is-busy');
  sending.hidden = false;
  $('#sending-name').textContent = file.name;
  const body = new FormData();
  body.append('csrf_token', form.elements.csrf_token.value);
  body.append('file', file);
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.upload.addEventListener('progress', (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round((event.loaded / event.total) * 100);
    state.textContent = `${form.dataset.sending} ${bar.value}%`;
  });
  request.upload.addEventListener('load', () => { bar.removeAttribute('value'); state.textContent = form.dataset.reading; });
  request.addEventListener('load', () => answered(request));
  request.addEventListener('error', () => complain(form.dataset.failed));
  request.send(body);
}

/** What was copied, as a file: the table of a page where there is one, for it has merged cells. */
function pasted(clipboard) {
  if (clipboard.files.length) return clipboard.files[0];
  const page = clipboard.getData('text/html');
  if (/<t[dh][\s>]/i.test(page)) return new File([page], `${form.dataset.pasted}.html`);
  const text = clipboard.getData('text/plain');
  // One word is what somebody meant for a field; a table has lines or columns.
  return /[\t\n]/.test(text.trim()) ? new File([text], `${form.dataset.pasted}.tsv`) : null;
}

input.addEventListener('change', () => send(input.files[0]));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const typed = form.elements.pasted.value;
  if (input.files[0]) send(input.files[0]);
  else if (typed.trim()) send(new File([typed], `${form.dataset.pasted}.tsv`));
  else complain(form.dataset.nothing);
});
document.addEventListener('paste', (event) => {
  const inField = event.target.closest?.('input, textarea, [contenteditable]');
  if (inField && !inField.matches('[data-paste]')) return;
  const file = pasted(event.clipboardData);
  if (!file) return;
  event.preventDefault();
  send(file);
});
for (const name of ['dragenter', 'dragover']) {
  document.addEventListener(name, (event) => { event.preventDefault(); form.classList.add('is-over'); });
}
document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) form.classList.remove('is-over'); });
document.addEventListener('drop', (event) => {
  event.preventDefault();
  form.classList.remove('is-over');
  send(event.dataTransfer.files[0]);
});
