/** The buttons at the end of a line; its menu and its form come when they are asked for. */
import { el, icon } from '../dom.js';
import { t } from '../texts.js';

const rare = () => import('./menu.js');

/** Open a line as a form. */
export const openForm = (grid, row) => rare().then((menu) => menu.openForm(grid, row));

/** The buttons of the line that is pointed at or worked in: one set for the whole table. */
export function makeTools(grid) {
  const act = (name, key, run, more = {}) => el('button', { type: 'button', class: 'rowbtn', tabindex: '-1', 'aria-label': t(key), title: t(key), onclick: (event) => run(event.currentTarget.closest('tbody tr'), event.currentTarget), ...more }, icon(name, 'ic-16'));
  return el('div', { class: 'rowtools' }, act('dots', 'more_row', (row, opener) => rare().then(({ openMenu }) => openMenu(grid, row, opener)), { 'aria-haspopup': 'menu', 'aria-expanded': 'false' }),
    grid.mayAdd && act('copy', 'duplicate', (row) => grid.duplicate(row)), !('noDelete' in grid.dataset) && act('trash', 'remove', (row) => grid.remove(row)));
}
