/** Choosing one of a tree level by level (regions, cascades), and asking the device where it is. */
import { $, $$, el, toast } from './dom.js';
import { t } from './texts.js';

const trees = new Map();

/** What stands below what: `code → [[code, name], …]`, asked for once a page. */
function treeOf(box) {
  const { treeUrl: address, tree } = box.dataset;
  const key = address ?? tree;
  if (!trees.has(key)) {
    const rows = address ? fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } }).then((answer) => answer.json()) : Promise.resolve(JSON.parse(tree));
    trees.set(key, rows.then((list) => {
      const below = new Map(), above = new Map();
      for (const [code, parent, name] of list) {
        if (!below.has(parent)) below.set(parent, []);
        below.get(parent).push([code, name]);
        above.set(code, parent);
      }
      return { below, above };
    }));
  }
  return trees.get(key);
}

function pathTo(tree, code) {
  const path = [];
  for (let at = code; at && tree.above.has(at); at = tree.above.get(at)) path.unshift(at);
  return path;
}

/** Draw the lists for what is chosen: one for each level so far, and one for the next. */
function draw(box, tree, focusAt = -1) {
  const hidden = $('input[type=hidden]', box), first = $('select', box), most = Number(box.dataset.depth ?? 99);
  const path = pathTo(tree, hidden.value);
  const lists = [];
  for (let level = 0; level <= path.length && level < most; level += 1) {
    const options = tree.below.get(level ? path[level - 1] : '') ?? [];
    if (!options.length) break;
    // Where there is only one way on, nobody has to be asked.
    if (level === path.length && level && options.length === 1) {
      path.push(options[0][0]);
      [[hidden.value]] = options;
    }
    const list = level ? el('select', { class: 'inp', 'aria-label': `${box.dataset.label} ${level + 1}` }) : first;
    list.replaceChildren(el('option', { value: '' }, first.dataset.none), ...options.map(([code, name]) => el('option', { value: code, selected: code === path[level] }, name)));
    list.value = path[level] ?? '';
    lists.push(list);
  }
  for (const old of $$('select', box).slice(1)) old.remove();
  box.append(...lists.slice(1));
  (lists[focusAt] ?? null)?.focus();
}

/** Lists for one of a tree, made by a script: `tree` as rows, or the address that has them. */
export function chooser({ tree, treeUrl, depth, label }) {
  const select = el('select', { class: 'inp', 'aria-label': label }, el('option', { value: '' }, '—'));
  select.dataset.none = '—';
  const box = el('div', { class: 'steps', 'data-steps': '', 'data-label': label }, el('input', { type: 'hidden' }), select);
  if (treeUrl) Object.assign(box.dataset, { treeUrl, depth }); else box.dataset.tree = JSON.stringify(tree);
  return { box, ready: treeOf(box).then((found) => draw(box, found)).catch(() => toast(t('failed'))) };
}

/** The names from the top down to what is chosen; a level that stands for no place of its own is left out. */
export async function namesOf(box) {
  const tree = await treeOf(box);
  const names = pathTo(tree, $('input[type=hidden]', box).value).map((code) => tree.below.get(tree.above.get(code)).find(([one]) => one === code)[1]);
  return names.filter((name) => name !== '市辖区' && name !== '县');
}

for (const box of $$('[data-steps]')) {
  const first = $('select', box);
  first.dataset.none = first.options[0].textContent;
  treeOf(box).then((tree) => draw(box, tree)).catch(() => toast(t('failed')));
}

document.addEventListener('change', async (event) => {
  const box = event.target.closest?.('[data-steps]');
  if (!box || event.target.tagName !== 'SELECT') return;
  const tree = await treeOf(box), lists = $$('select', box), at = lists.indexOf(event.target);
  $('input[type=hidden]', box).value = event.target.value || (at ? lists[at - 1].value : '');
  draw(box, tree, event.target.value ? at + 1 : at);
});

// Six places are a tenth of a metre; more would only pretend.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-locate]');
  if (!button) return;
  const box = document.getElementById(button.dataset.locate);
  button.setAttribute('aria-busy', 'true');
  const done = () => button.removeAttribute('aria-busy');
  if (!navigator.geolocation) { done(); toast(t('no_location')); return; }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    done();
    box.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    box.dispatchEvent(new Event('change', { bubbles: true }));
    box.focus();
  }, () => { done(); toast(t('no_location')); }, { enableHighAccuracy: true, timeout: 15_000 });
});
