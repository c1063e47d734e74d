/** The ƒ of computed cells: one button for a whole table, in the cell that is pointed at. Opens how the value came about. */
import { $, $$, composing, el } from './dom.js';
import { t } from './texts.js';

const CELL = 'tr[data-line]>td.calc[data-col],tr[data-line]>td.carry[data-col]';
const base = $('main')?.dataset.explain;

class Why {
  constructor(table, code) {
    this.table = table;
    this.code = code;
    this.isRead = !table.closest('line-grid');
    this.button = el('button', { type: 'button', class: 'why-open why-cell', tabindex: this.isRead ? '0' : '-1', onclick: (event) => { event.stopPropagation(); this.open(this.button.parentElement); } }, 'ƒ');
    table.addEventListener('mouseover', (event) => { const cell = event.target.closest(CELL); if (cell) this.place(cell); });
    table.addEventListener('click', (event) => { const cell = event.target.closest(CELL); if (cell && this.isTold(cell)) { this.place(cell); this.open(cell); } });
    table.addEventListener('keydown', (event) => { if (!composing(event)) this.onKey(event); });
    const first = this.isRead && this.cells()[0];
    if (first) this.place(first);
  }

  isTold(cell) { return Boolean((cell.firstElementChild ?? cell).textContent.trim()); }
  cells(row = this.table) { return $$(row === this.table ? CELL : 'td.calc[data-col],td.carry[data-col]', row).filter((cell) => this.isTold(cell)); }

  /** Put the button into a cell; the focus goes with it. */
  place(cell) {
    if (this.button.parentElement === cell || !this.isTold(cell)) return;
    const had = document.activeElement === this.button;
    const name = t('why', { line: cell.parentElement.dataset.line, name: cell.dataset.label });
    this.button.setAttribute('aria-label', name);
    this.button.title = name;
    cell.append(this.button);
    if (had) this.button.focus();
  }

  open(cell) {
    const dialog = document.getElementById('dlg-explain');
    const address = `${base}${this.code}.${cell.dataset.col}?line=${cell.parentElement.dataset.line}`;
    this.opener = document.activeElement;
    if (!dialog.open) dialog.showModal();
    window.htmx.ajax('GET', address, { target: '#explanation', swap: 'innerHTML' });
  }

  /** Where nothing is typed the arrows walk from value to value; in a row that is filled in, Alt+Enter asks for the next one. */
  onKey(event) {
    const { key } = event, row = event.target.closest('tr');
    if (!this.isRead && key === 'Enter' && event.altKey && row?.dataset.line) {
      const cells = this.cells(row), own = event.target.closest('td');
      const next = cells.find((cell) => own.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING) ?? cells[0];
      if (next) { event.preventDefault(); event.stopPropagation(); this.place(next); this.open(next); }
    } else if (event.target === this.button && key.startsWith('Arrow')) {
      const to = this.beside(this.button.parentElement, key);
      event.preventDefault();
      if (to) { this.place(to); to.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }
    }
  }

  beside(cell, key) {
    const cells = key === 'ArrowLeft' || key === 'ArrowRight' ? this.cells() : this.cells().filter((each) => each.dataset.col === cell.dataset.col);
    return cells[cells.indexOf(cell) + (key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1)];
  }
}

if (base) {
  for (const table of $$('table.lg')) {
    const code = table.closest('line-grid')?.dataset.code ?? table.dataset.code;
    if (code) new Why(table, code);
  }
}
