/** The buttons at the end of a line; its menu and its form come when somebody works in the lines, before they are asked for. */
import { el, icon } from '../dom.js';
import { t } from '../texts.js';

let menu = null;
const fetched = () => import('./menu.js').then((module) => { menu = module; return module; });

/** At once where the menu is there, so that the next key finds it open. */
const rare = (use) => { if (menu) use(menu); else fetched().then(use); };

/** Open a line as a form. */
export const openForm = (grid, row) => rare((module) => module.openForm(grid, row));

/** The buttons of the line that is pointed at or worked in: one set for the whole table. */
export function makeTools(grid) {
  for (const name of ['focusin', 'pointerover']) grid.addEventListener(name, () => fetched().catch(() => {}), { once: true });
  const act = (name, key, run, more = {}) => el('button', { type: 'button', class: 'rowbtn', tabindex: '-1', 'aria-label': t(key), title: t(key), onclick: (event) => run(event.currentTarget.closest('tbody tr'), event.currentTarget), ...more }, icon(name, 'ic-16'));
  return el('div', { class: 'rowtools' }, act('dots', 'more_row', (row, opener) => rare(({ openMenu }) => openMenu(grid, row, opener)), { 'aria-haspopup': 'menu', 'aria-expanded': 'false' }),
    grid.mayAdd && act('copy', 'duplicate', (row) => grid.duplicate(row)), !('noDelete' in grid.dataset) && act('trash', 'remove', (row) => grid.remove(row)));
}
