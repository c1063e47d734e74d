/** Before a field is deleted, retyped or renamed: what uses it, what it holds, and only then the change. */
import { $, askJson, elementsOf } from '../dom.js';
import { at, base, select, send } from './studio.js';

async function dialog(why, path) {
  const address = `${base}/uses?why=${why}&path=${encodeURIComponent(path)}`;
  let text;
  try {
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
    if (!answer.ok) return null;
    text = await answer.text();
  } catch { return null; }
  const made = new DOMParser().parseFromString(text, 'text/html').querySelector('dialog');
  $('#dlg-uses')?.remove();
  document.body.append(document.adoptNode(made));
  return made;
}

/** Ask about a field by its path; `go` does it, unless nobody has to be asked. */
export async function ask(why, path, go = null) {
  const opener = document.activeElement, made = await dialog(why, path);
  if (!made) return;
  const plain = { ...JSON.parse(made.dataset.op), op: undefined };
  if (why === 'delete' && made.dataset.free === 'yes') { made.remove(); go?.(); return; }
  made.addEventListener('click', (event) => {
    const to = event.target.closest('[data-select]');
    if (to) { made.close(''); select(to.dataset.select, { focus: true }); }
  });
  if (why === 'retype') retyping(made, path);
  made.addEventListener('close', () => {
    made.remove();
    if (opener?.isConnected) opener.focus();
    if (made.returnValue === 'go') done(why, made, plain, go);
  });
  made.showModal();
}

function done(why, made, op, go) {
  if (why === 'delete') go?.();
  else if (why === 'retype') send([{ ...op, op: 'convert_type', kind: $('#us-kind', made).value, options: made.options }]);
  else {
    const code = $('#us-code', made).value.trim();
    if (code && code !== op.field) send([{ ...op, op: 'recode', code }]).then((sent) => { if (sent.ok) select(op.lines ? `${op.lines}.${code}` : code); });
  }
}

/** Choosing a kind tries the conversion on the records there are. */
function retyping(made, path) {
  const box = $('#us-kind', made), go = $('#us-go', made), dry = $('#us-dry', made);
  let wanted = 0;
  box.addEventListener('change', async () => {
    const mine = ++wanted;
    go.disabled = true;
    if (!box.value) return;
    dry.setAttribute('aria-busy', 'true');
    const answer = await askJson(`${base}/dry-run?path=${encodeURIComponent(path)}&kind=${box.value}`);
    if (mine !== wanted) return;
    dry.removeAttribute('aria-busy');
    if (answer) dry.replaceChildren(...elementsOf(answer.html));
    made.options = answer?.options;
    go.disabled = !answer?.possible;
  });
}

// The canvas asks before it deletes a field: by its own keys and buttons.
document.addEventListener('designer:before-delete', (event) => {
  const { op, go } = event.detail, path = op.lines ? `${op.lines}.${op.field}` : op.field;
  if (!op.field || !at(path)) return;
  event.preventDefault();
  ask('delete', path, go);
});
