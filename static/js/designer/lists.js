/** The tab of lists: columns, search, title and the menu become operations on the draft. */
import { $ } from '../dom.js';
import { act } from './panel-lists.js';
import { change, form } from './tab-page.js';

const main = $('#main');
const set = (name, value) => change({ op: 'set_form', form, name, value });

main.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]'), step = event.target.closest('[data-menu-do]');
  if (button) act(button, set);
  else if (step) moved(Number(step.dataset.menuDo));
  else if (event.target.closest('#li-make')) made();
});

main.addEventListener('change', (event) => {
  const box = event.target;
  if (box.matches('select[data-do=add]')) act(box, set);
  else if (box.matches('[data-as=choose]')) set(box.dataset.prop, box.value ? JSON.parse(box.value) : null);
  else if (box.id === 'li-group') grouped(box.value);
});

main.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.id === 'li-label' && !event.isComposing) { event.preventDefault(); made(); }
});

/* The menu is one value of the app: it is changed whole. */

const menus = () => JSON.parse($('#menus').dataset.menus);
const without = (all) => all.map((group) => ({ ...group, items: group.items.filter((item) => item.form !== form) }));
const kept = (all) => change({ op: 'set_menus', value: all });

function grouped(at) {
  $('#li-new').hidden = at !== 'new';
  if (at === 'new') { $('#li-label').focus(); return; }
  const all = without(menus());
  if (at) all[Number(at)].items.push({ form });
  kept(all);
}

function made() {
  const text = $('#li-label').value.trim();
  if (!text) { $('#li-label').focus(); return; }
  kept([...without(menus()), { label: text, items: [{ form }] }]);
}

function moved(by) {
  const all = menus(), { items } = all.find((group) => group.items.some((item) => item.form === form));
  const at = items.findIndex((item) => item.form === form), [own] = items.splice(at, 1);
  items.splice(at + by, 0, own);
  kept(all);
}
