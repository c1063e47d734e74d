/** The tab of rights: ticks and choices become operations on the draft. */
import { $, $$ } from '../dom.js';
import { openAt } from './panel-formula.js';
import { base } from './studio.js';
import { change, form, redrawn } from './tab-page.js';

const main = $('#main');
const ticked = (row) => $$('[data-verb]:checked', row).map((each) => each.dataset.verb);
const access = (row, role, to) => ({ op: 'set_field_access', role, form, lines: row.dataset.lines || undefined, field: row.dataset.code, access: to });

/** What one may do with what one cannot see is nothing: viewing comes with the rest, and goes with it. */
function verbs(row, box) {
  if (box.dataset.verb === 'view' && !box.checked) for (const each of $$('[data-verb]', row)) each.checked = false;
  else if (box.checked) $('[data-verb=view]', row).checked = true;
  return ticked(row);
}

main.addEventListener('change', (event) => {
  const box = event.target, row = box.closest('[data-role]:not(select), [data-path]'), role = row?.dataset.role;
  if (box.matches('[data-verb]')) change({ op: 'set_grant', role, form, verbs: verbs(row, box) });
  else if (box.matches('[data-every]')) {
    for (const each of $$('[data-verb]', row)) each.checked = box.checked;
    change({ op: 'set_grant', role, form, verbs: ticked(row) });
  } else if (box.matches('[data-rows]') && box.value === 'rule') condition(role, box);
  else if (box.matches('[data-rows]')) change({ op: 'set_grant', role, form, rows: box.value });
  else if (box.matches('[data-name]')) { if (box.value.trim()) change({ op: 'set_role', role, name: 'label', value: named(box) }); }
  else if (box.matches('.ac-cell')) change(access(row, box.dataset.role, box.value));
  else if (box.matches('[data-all]')) all(box);
});

/** The name in the language it is typed in; one of a role that has an English name keeps it. */
function named(box) {
  const { zh, en } = box.dataset, text = box.value.trim();
  if (!en) return text;
  return document.documentElement.lang.startsWith('en') ? { zh, en: text } : { zh: text, en };
}

function all(box) {
  const { all: role } = box.dataset, to = box.value;
  const cells = $$(`.ac-cell[data-role="${role}"]`, main).filter((each) => !each.closest('tr').hidden && each.value !== to && $(`option[value=${to}]`, each));
  box.value = '';
  if (cells.length) change(...cells.map((each) => access(each.closest('[data-path]'), role, to)));
}

main.addEventListener('click', (event) => {
  const hit = (selector) => event.target.closest(selector);
  if (hit('#ac-add')) { $('#role-label').value = ''; $('#dlg-role').showModal(); }
  else if (hit('#ac-accept')) change(...$$('[data-new]', main).map((row) => ({ op: 'accept_access', form, lines: row.dataset.lines || undefined, field: row.dataset.code })));
  else if (hit('[data-condition]')) condition(hit('[data-condition]').dataset.condition);
  else if (hit('[data-include]')) include(hit('[data-include]'));
  else if (hit('[data-drop-role]')) drop(hit('[data-drop-role]').dataset.dropRole);
});

/** Which records a role reaches is written before it is said; who thinks better of it keeps what was. */
function condition(role, select = null) {
  const was = select && $('option[selected]', select)?.value;
  let isKept = false;
  openAt(`${base}/access/condition?role=${encodeURIComponent(role)}`, 'condition', (_name, text) => {
    isKept = true;
    change({ op: 'set_grant', role, form, rows: 'rule', condition: text });
  }, () => { if (select && !isKept) select.value = was ?? 'all'; });
}

function include(button) {
  const { include: role, may, has, label } = button.dataset, dialog = $('#dlg-include'), note = $('#dlg-include-n');
  const open = may.split(' '), now = has.split(' ').filter(Boolean);
  const boxes = $$('input[name=include]', dialog);
  for (const box of boxes) {
    box.closest('label').hidden = !open.includes(box.value);
    box.checked = now.includes(box.value);
  }
  note.textContent = note.dataset.text.replace('{role}', label);
  $('#dlg-include-0').hidden = boxes.some((box) => !box.closest('label').hidden);
  dialog.returnValue = '';
  dialog.onclose = () => {
    if (dialog.returnValue !== 'go') return;
    const value = boxes.filter((box) => box.checked).map((box) => box.value);
    change({ op: 'set_role', role, name: 'includes', value: value.length ? value : null });
  };
  dialog.showModal();
}

function drop(role) {
  const dialog = $('#dlg-drop');
  dialog.onclose = () => { if (dialog.returnValue === 'go') change({ op: 'delete_role', role }); };
  dialog.returnValue = '';
  dialog.showModal();
}

$('#dlg-role form').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = $('#role-label').value.trim();
  if (!name) { $('#role-label').setAttribute('aria-invalid', 'true'); $('#role-label').focus(); return; }
  $('#role-label').removeAttribute('aria-invalid');
  $('#dlg-role').close();
  change({ op: 'add_role', role: { label: name, grants: [{ form, verbs: ['view'] }] } });
});

function find() {
  const wanted = $('#ac-find').value.trim().toLowerCase();
  for (const row of $$('[data-path]', main)) row.hidden = Boolean(wanted) && !row.dataset.find.includes(wanted);
}

main.addEventListener('input', (event) => { if (event.target.id === 'ac-find') find(); });
document.addEventListener('tab:drawn', find);
main.addEventListener('submit', (event) => {
  if (!event.target.matches('.ac-as')) return;
  event.preventDefault();
  const to = new URL(main.dataset.here, location.href);
  if ($('#ac-as').value) to.searchParams.set('as', $('#ac-as').value);
  history.replaceState(null, '', to);
  redrawn(to);
});
