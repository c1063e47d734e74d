/** Available stock beside each line, asked for a moment after the last edit; a mark where the lines take more than there is. */
import { askJson } from './dom.js';
import { read } from './entries.js';
import { scaled, showNumber } from './typed.js';
import { t } from './texts.js';

const PAUSE = 400, AT_ONCE = 200;

class Stock {
  constructor(grid) {
    this.grid = grid;
    this.known = new Map();
    this.taken = new WeakMap();
    this.timer = 0;
    grid.addEventListener('grid:changed', ({ detail: { rows } }) => {
      if (rows) for (const row of rows) this.taken.delete(row); else this.taken = new WeakMap();
      this.later();
    });
    grid.form.addEventListener('ref:chosen', (event) => {
      if (event.target.lastElementChild.name === grid.model.stock.warehouse) { this.known.clear(); this.taken = new WeakMap(); this.later(0); }
    });
    this.later(0);
  }

  later(pause = PAUSE) {
    this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  itemOf(row) { return this.grid.lookup(row, this.grid.model.stock.item).key; }

  warehouseOf(row) {
    const column = this.grid.model.stock.lineWarehouse;
    return column ? this.grid.lookup(row, column).key : this.grid.warehouse();
  }

  /** Ask for the pairs of item and warehouse not known yet, many in one request. */
  async ask() {
    const lacking = new Map();
    for (const row of this.grid.body.rows) {
      const [item, warehouse] = (this.takes(row).key || '').split('@');
      if (!item || !warehouse || this.known.has(`${item}@${warehouse}`)) continue;
      if (!lacking.has(warehouse)) lacking.set(warehouse, new Set());
      lacking.get(warehouse).add(item);
    }
    for (const [warehouse, items] of lacking) {
      const wanted = [...items];
      for (let i = 0; i < wanted.length; i += AT_ONCE) {
        const part = wanted.slice(i, i + AT_ONCE);
        const found = await askJson(`${this.grid.dataset.stock}?item=${part.join(',')}&warehouse=${warehouse}`);
        if (!found) return;
        for (const item of part) this.known.set(`${item}@${warehouse}`, found.available[item] ?? '0');
      }
    }
    this.show();
  }

  /** What a row takes of which pool; read again only when the row has changed. */
  takes(row) {
    let found = this.taken.get(row);
    if (!found) {
      const item = this.itemOf(row), input = this.grid.input(row, this.grid.model.stock.qty);
      found = { key: item && `${item}@${this.warehouseOf(row)}`, input, qty: scaled((input?.value && read(input)?.plain) || '0') };
      this.taken.set(row, found);
    }
    return found;
  }

  /** Lines of one item share what is there: the line that goes over it is the one marked. */
  show() {
    const totals = new Map();
    for (const row of this.grid.body.rows) {
      const { key, input, qty } = this.takes(row);
      const available = key ? this.known.get(key) : undefined;
      const cell = this.grid.cell(row, '_stock'), out = cell.firstElementChild;
      const text = available === undefined ? '' : showNumber(available);
      if (out.textContent !== text) out.textContent = text;
      if (!input) continue;
      const total = (totals.get(key) ?? 0n) + qty;
      totals.set(key, total);
      this.warn(cell, input, available !== undefined && total > scaled(available), text);
    }
  }

  warn(cell, input, isShort, available) {
    const home = input.closest('td');
    if (home.classList.contains('warn') === isShort) return;
    home.classList.toggle('warn', isShort);
    cell.classList.toggle('warn', isShort);
    if (isShort) input.setAttribute('aria-description', t('short', { available }));
    else input.removeAttribute('aria-description');
    home.title = isShort ? t('short', { available }) : '';
  }
}

for (const grid of document.querySelectorAll('line-grid[data-stock][data-editable]')) new Stock(grid);
