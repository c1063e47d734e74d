/** Who sees a new field: one click takes the usual answer, a choice beside a role another one. */
import { $, $$ } from '../dom.js';
import { at, selected, send } from './studio.js';

const place = (path) => { const [lines, field] = path.includes('.') ? path.split('.') : [null, path]; return lines ? { lines, field } : { field }; };
const form = selected().form;
let isPutOff = false;

function decided(box) {
  const paths = box.dataset.paths.split(',');
  const other = $$('select', box).filter((each) => each.value !== each.dataset.usual);
  const ops = paths.flatMap((path) => other.map((each) => ({ op: 'set_field_access', role: each.dataset.role, form, ...place(path), access: each.value })));
  return [...ops, ...paths.map((path) => ({ op: 'accept_access', form, ...place(path) }))];
}

document.addEventListener('click', async (event) => {
  const box = $('#ask');
  if (!box?.contains(event.target)) return;
  if (event.target.closest('[data-later]')) { isPutOff = true; box.hidden = true; }
  else if (!event.target.closest('[data-accept]')) return;
  else await send(decided(box));
  (at(selected().path) ?? $('#main')).focus({ preventScroll: true });
});

// Put off is put off until the next new field.
document.addEventListener('designer:changed', ({ detail: { ops } }) => {
  if (ops.some((op) => op.op === 'add_field' || op.op === 'duplicate')) isPutOff = false;
  if (isPutOff) $('#ask').hidden = true;
});
