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
    grid.addEventListener('grid:changed', ({ detail: { rows, isStructure } }) => {
      // What a row takes is read again only when the row has changed, and shown again only when that is something else.
      const place = grid.warehouse(), isOther = rows.filter((row) => this.isOther(row, place)).length > 0;
      if (isOther || isStructure) this.later();
    });
    grid.form.addEventListener('ref:chosen', (event) => {
      if (event.target.lastElementChild.name === grid.model.stock.warehouse) { this.known.clear(); this.taken = new WeakMap(); this.later(0); }
    });
    this.later(0);
  }

  isOther(row, place) {
    const before = this.taken.get(row);
    this.taken.delete(row);
    const now = this.takes(row, place);
    if (before) Object.assign(now, { shown: before.shown, isShort: before.isShort });
    return now.key !== before?.key || now.qty !== before?.qty;
  }

  later(pause = PAUSE) {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.show(); });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), pause);
  }

  /** Ask for the pairs of item and warehouse not known yet, many in one request. */
  async ask() {
    const lacking = new Map(), place = this.grid.warehouse();
    for (const row of this.grid.body.rows) {
      const { key } = this.takes(row, place);
      const [item, warehouse] = (key || '').split('@');
      if (!item || !warehouse || this.known.has(key)) continue;
      if (!lacking.has(warehouse)) lacking.set(warehouse, new Set());
      lacking.get(warehouse).add(item);
    }
    if (!lacking.size) return;
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

  /** What a row takes of which pool. */
  takes(row, place) {
    let found = this.taken.get(row);
    if (!found) {
      const { item, qty, lineWarehouse } = this.grid.model.stock;
      const input = this.grid.input(row, qty), key = this.grid.lookup(row, item).key;
      const where = lineWarehouse ? this.grid.lookup(row, lineWarehouse).key : place;
      found = { key: key && `${key}@${where}`, input, qty: scaled((input?.value && read(input)?.plain) || '0'), shown: null, isShort: false };
      this.taken.set(row, found);
    }
    return found;
  }

  /** Lines of one item share what is there: the line that goes over it is the one marked. */
  show() {
    const totals = new Map(), limits = new Map(), place = this.grid.warehouse();
    for (const row of this.grid.body.rows) {
      const taken = this.takes(row, place), { key, input } = taken;
      const available = key ? this.known.get(key) : undefined;
      if (available !== undefined && !limits.has(key)) limits.set(key, [scaled(available), showNumber(available)]);
      const [limit, text] = limits.get(key) ?? [null, ''];
      if (taken.shown !== text) { this.grid.cell(row, '_stock').firstElementChild.textContent = text; taken.shown = text; }
      if (!input) continue;
      const total = (totals.get(key) ?? 0n) + taken.qty;
      totals.set(key, total);
      const isShort = limit !== null && total > limit;
      if (isShort !== taken.isShort || (isShort && taken.said !== text)) this.warn(this.grid.cell(row, '_stock'), taken, isShort, text);
    }
  }

  warn(cell, taken, isShort, available) {
    const { input } = taken, home = input.closest('td');
    Object.assign(taken, { isShort, said: available });
    home.classList.toggle('warn', isShort);
    cell.classList.toggle('warn', isShort);
    if (isShort) input.setAttribute('aria-description', t('short', { available }));
    else input.removeAttribute('aria-description');
    home.title = isShort ? t('short', { available }) : '';
  }
}

for (const grid of document.querySelectorAll('line-grid[data-stock][data-editable]')) new Stock(grid);
