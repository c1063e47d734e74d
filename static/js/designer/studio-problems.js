/** What is wrong with the draft, looked at after every change; and publishing it. */
import { $, toast } from '../dom.js';
import { base, post, saying, select } from './studio.js';
import { pane } from './pane.js';

// Long enough that nobody waits for it who is still changing things.
const PAUSE = 900;
const box = $('#problems'), opener = $('#problems-open'), dialog = $('#dlg-publish');
let timer = 0, request = null;

async function look() {
  request?.abort();
  request = new AbortController();
  try {
    const answer = await fetch(`${base}/problems`, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin', signal: request.signal });
    if (answer.ok) show(await answer.text());
  } catch (error) {
    if (error.name !== 'AbortError') opener.dataset.tone = 'warn';
  }
}

async function show(text) {
  await window.htmx.swap({ text, sourceElement: document.body, target: document.body, swap: 'none' });
  const { errors, warnings, changes } = $('#problems-list').dataset;
  opener.dataset.tone = Number(errors) ? 'err' : Number(warnings) ? 'warn' : 'ok';
  const count = $('#publish-count');
  count.hidden = changes === '0';
  count.textContent = changes;
  document.dispatchEvent(new CustomEvent('designer:problems'));
}

const later = () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); };
document.addEventListener('designer:changed', later);

opener.addEventListener('click', () => {
  box.hidden = !box.hidden;
  opener.setAttribute('aria-expanded', String(!box.hidden));
  if (!box.hidden) $('button, p', box)?.focus();
  document.dispatchEvent(new CustomEvent('designer:placed'));
});
box.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  opener.click();
  opener.focus();
});

/** Go where a problem is put right: here, or in another room. */
function go(event) {
  const { path, href } = event.currentTarget.dataset;
  if (href) { location.assign(href); return; }
  dialog.close?.();
  pane('canvas');
  select(path ?? '', { focus: true });
  if (path) document.dispatchEvent(new CustomEvent('designer:open', { detail: { what: matchMedia('(max-width:860px)').matches ? 'props' : 'canvas' } }));
}
for (const home of [box, dialog]) home.addEventListener('click', (event) => { const found = event.target.closest('[data-problem]'); if (found) go({ currentTarget: found }); });

/* Publishing. */

$('#publish').addEventListener('click', () => { $('#publish-report').replaceChildren(); dialog.showModal(); $('#publish-note').focus(); });
dialog.addEventListener('click', (event) => { if (event.target.closest('[data-close]')) dialog.close(); });
$('#publish-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = $('#publish-go');
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  const done = await post('publication', { note: $('#publish-note').value.trim() });
  button.removeAttribute('aria-busy');
  if (done.ok) { dialog.close(); $('#publish-note').value = ''; toast(saying('published', { version: $('#rev').dataset.version })); return; }
  await look();
  const found = $('#problems-list ul')?.cloneNode(true);
  const note = document.createElement('div');
  note.className = 'note note-err';
  note.append(done.text);
  $('#publish-report').replaceChildren(note, ...(found ? [found] : []));
});

look();
