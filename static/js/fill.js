/** What choosing a record brings along: into boxes that are empty, or that still hold what an earlier choice brought. */
import { $ } from './dom.js';

/** What a box holds, whatever it is. */
function held(box) {
  if (box.type === 'checkbox') return box.checked ? 'true' : '';
  return box.value;
}

function put(box, text, key) {
  const lookup = box.closest('ref-lookup');
  if (lookup) {
    lookup.hidden_input.value = key;
    box.value = text;
    box.dataset.shown = text;
  } else if (box.type === 'checkbox') box.checked = key === 'true';
  else box.value = box.tagName === 'SELECT' ? key : text;
}

/** Fill the boxes that `find(code)` knows; true when any has changed. */
export function fill(row, find) {
  let isChanged = false;
  for (const [code, text] of Object.entries(row?.fill ?? {})) {
    const box = find(code);
    if (!box || box.readOnly || box.disabled || box === document.activeElement) continue;
    const now = held(box);
    // What a person typed stays, unless the author wants the fields to follow the choice.
    if (now && box.dataset.auto !== now && !row.follows) continue;
    put(box, text, row.keys[code] ?? '');
    box.dataset.auto = held(box);
    isChanged = true;
  }
  return isChanged;
}

const form = $('form#document');
form?.addEventListener('ref:chosen', (event) => {
  if (event.target.closest('line-grid') || event.target.closest('[data-picks]')) return;
  if (fill(event.detail.row, (code) => document.getElementById(`f-${code}`))) form.dispatchEvent(new Event('change', { bubbles: true }));
});
form?.addEventListener('input', (event) => { if (event.isTrusted && !event.target.closest('line-grid')) delete event.target.dataset.auto; });
