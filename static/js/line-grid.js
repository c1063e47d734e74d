/**
 * <line-grid>: the lines of a document as a real table of real inputs, made fast for the keyboard.
 *
 * A row's inputs are named `lines.<key>.<code>`; the key never changes, the order of the rows is the order
 * of the form. The last row is always an empty one. Events: `grid:changed` {rows, isStructure}: the rows
 * in which something changed, and whether rows came, went or moved.
 */
import { $, $$, composing, embedded, toast } from './dom.js';
import { tidy } from './entries.js';
import { fill } from './fill.js';
import { isMarked, mark } from './invalid.js';
import { pasteInto, scanInto } from './line-entry.js';
import { measure } from './lines/long.js';
import { listen } from './scanner.js';
import { makeTools, openForm } from './lines/tools.js';
import { carried, carry, putBack, touch, valuesOf, writeInto } from './lines/values.js';
import { t } from './texts.js';

const UNDO_DEPTH = 50;

class LineGrid extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.code = this.dataset.code;
    this.model = embedded('form-model').lines[this.code];
    this.body = $('tbody', this);
    this.pattern = $('template', this).content.firstElementChild;
    this.next = 1 + Math.max(-1, ...[...this.body.rows].map((row) => Number(row.dataset.key)));
    this.stops = this.model.stops;
    this.undoStack = [];
    this.known = new WeakMap();
    this.touched = new Set();
    this.isEditable = 'editable' in this.dataset;
    if (!this.isEditable) return;
    this.tools = makeTools(this);
    measure(this.body.parentElement);
    this.bind();
    this.refresh([], true);
  }

  get rows() { return [...this.body.rows]; }
  get form() { return this.closest('form'); }
  // A step of a flow may let nobody add lines, or take away those that are there.
  get mayAdd() { return !('noAdd' in this.dataset); }
  mayRemove(row) { return !('noDelete' in this.dataset) || !row.cells[0].querySelector('input').value; }

  /** The record chosen as the warehouse in the header, where the stock beside a line is asked for. */
  warehouse() {
    const name = this.model.stock?.warehouse;
    return name ? document.getElementById(`f-${name}`)?.closest('ref-lookup')?.key ?? '' : '';
  }

  /** The record chosen in the header whose last price is asked for beside an item. */
  party() {
    const name = this.model.party;
    return name ? document.getElementById(`f-${name}`)?.closest('ref-lookup')?.key ?? '' : '';
  }

  bind() {
    this.addEventListener('keydown', (event) => this.onKey(event));
    // Whoever changed a row: it is read anew.
    this.addEventListener('grid:changed', ({ detail }) => detail.rows.forEach(touch));
    this.addEventListener('ref:unknown', ({ target }) => touch(target.closest('tr')));
    this.addEventListener('input', (event) => this.onInput(event));
    this.addEventListener('change', (event) => this.onInput(event));
    this.addEventListener('paste', (event) => pasteInto(this, event));
    this.addEventListener('ref:chosen', (event) => this.onChosen(event));
    this.addEventListener('focusin', (event) => this.onFocus(event));
    this.addEventListener('mouseover', (event) => { const row = event.target.closest('tbody tr'); if (row && !row.classList.contains('as-form')) this.showTools(row); });
    $('[data-add]', this)?.addEventListener('click', () => this.focusCell(this.body.rows[this.body.rows.length - 1], this.stops[0]));
    $('[data-expand]', this)?.addEventListener('click', (event) => this.expand(event.currentTarget));
    if (this.model.scan) listen((code, box) => scanInto(this, code, box));
  }

  // Cells ---------------------------------------------------------------------------------------

  /** A row's cells and boxes by column, found once. */
  parts(row) {
    let found = this.known.get(row);
    if (!found) {
      found = { cells: {}, inputs: {}, lookups: {}, carried: {}, outputs: {} };
      this.model.columns.forEach((code, i) => {
        const cell = row.cells[i + 1], input = cell.querySelector('input:not([type=hidden]), select, textarea');
        found.cells[code] = cell;
        if (input) found.inputs[code] = input;
        if (cell.firstElementChild?.localName === 'ref-lookup') found.lookups[code] = cell.firstElementChild;
        if (cell.firstElementChild?.hasAttribute('data-carry')) found.carried[code] = cell.firstElementChild;
        if (cell.firstElementChild?.hasAttribute('data-out')) found.outputs[code] = cell.firstElementChild;
      });
      this.known.set(row, found);
    }
    return found;
  }

  cell(row, code) { return this.parts(row).cells[code]; }
  input(row, code) { return this.parts(row).inputs[code] ?? null; }
  lookup(row, code) { return this.parts(row).lookups[code] ?? null; }
  inputs(row) { return Object.values(this.parts(row).inputs); }
  codeOf(input) { return input.closest('td')?.dataset.col; }

  /** Whether nothing was entered in a row. */
  isBlank(row) {
    if (row.querySelector('.pick')) return false;
    return this.inputs(row).every((input) => input.readOnly || (input.type === 'checkbox' ? !input.checked : !input.value || input.dataset.auto === input.value));
  }

  /** Whether a person may type into a cell as it stands: rules hide and lock single ones. */
  isOpen(row, code) {
    const input = this.input(row, code);
    return Boolean(input) && !input.readOnly && !input.disabled && !input.closest('td').inert;
  }

  /** The places of a row where Enter stops. */
  stopsOf(row) { return this.stops.filter((code) => this.isOpen(row, code)); }

  focusCell(row, code) {
    const input = row && this.input(row, code);
    if (!input) return;
    input.focus();
    input.select?.();
  }

  // Rows ----------------------------------------------------------------------------------------

  /** Put `count` new rows before `at` (at the end without it). */
  grow(count = 1, at = null) {
    measure(this.body.parentElement, count);
    const made = Array.from({ length: count }, () => this.freshRow());
    const holder = document.createDocumentFragment();
    holder.append(...made);
    this.body.insertBefore(holder, at);
    return made;
  }

  freshRow() {
    const row = document.importNode(this.pattern, true), key = String(this.next++);
    row.dataset.key = key;
    row.dataset.fresh = '';
    for (const part of row.querySelectorAll('[name], [id], [data-picks]')) {
      if (part.dataset.picks) part.dataset.picks = part.dataset.picks.replace('__key__', key);
      if (part.name) part.name = part.name.replace('__key__', key);
      if (part.id) part.id = part.id.replace('__key__', key);
    }
    return row;
  }

  renumber() {
    let i = 1;
    for (const row of this.body.rows) {
      const place = row.cells[0].firstElementChild;
      if (place.textContent !== String(i)) place.textContent = i;
      i += 1;
    }
  }

  /** A row that is being filled for the first time begins with the defaults of its columns. */
  begin(row) {
    delete row.dataset.fresh;
    for (const [code, text] of Object.entries(this.model.defaults)) {
      const input = this.input(row, code);
      if (!input || input === document.activeElement) continue;
      if (input.type === 'checkbox') input.checked = text === 'true';
      else if (!input.value) { input.value = text; input.dataset.auto = text; }
    }
  }

  /** Something in these rows changed, or rows came, went or moved: keep one empty row at the end and tell everybody. */
  refresh(rows = [], isStructure = false) {
    for (const row of rows) this.touched.add(row);
    const last = this.body.rows[this.body.rows.length - 1];
    const isGrown = !last || !last.classList.contains('ghost') || !this.isBlank(last);
    if (isGrown) {
      last?.classList.remove('ghost');
      this.grow()[0].classList.add('ghost');
    }
    for (const row of this.touched) if ('fresh' in row.dataset && !this.isBlank(row)) this.begin(row);
    if (isStructure || isGrown) this.renumber();
    const changed = [...this.touched];
    this.touched.clear();
    this.dispatchEvent(new CustomEvent('grid:changed', { bubbles: true, detail: { rows: changed, isStructure: isStructure || isGrown } }));
  }

  remove(row) {
    const at = row.rowIndex - 1, line = at + 1;
    if (row.classList.contains('ghost') || this.isLocked || !this.mayRemove(row)) return;
    this.keep();
    const column = this.codeOf(document.activeElement) ?? this.stops[0];
    this.append(this.tools);
    row.remove();
    this.refresh([], true);
    this.focusCell(this.body.rows[Math.min(at, this.body.rows.length - 1)], column);
    toast(t('line_deleted', { line }), { undo: () => this.undo() });
  }

  insert(row) {
    if (this.isLocked || !this.mayAdd) return;
    this.keep();
    const [made] = this.grow(1, row);
    this.refresh([], true);
    this.focusCell(made, this.stops[0]);
  }

  duplicate(row) {
    if (this.isLocked || !this.mayAdd) return;
    this.keep();
    const [made] = this.grow(1, row.nextElementSibling), { cells, auto } = this.values(row);
    this.write(made, { id: '', cells, auto });
    this.refresh([], true);
    this.focusCell(made, this.stops.at(-1));
  }

  move(row, step) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || this.isLocked || other.classList.contains('ghost') || row.classList.contains('ghost')) return;
    const column = this.codeOf(document.activeElement) ?? this.stops[0];
    this.keep();
    this.body.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
    this.refresh([], true);
    this.focusCell(row, column);
  }

  copyAbove(row, code) {
    const above = row.previousElementSibling;
    if (!above || !this.isOpen(row, code)) return;
    this.keep();
    const value = this.values(above).cells[code];
    this.write(row, { cells: { [code]: value } });
    const lookup = this.lookup(row, code);
    if (lookup) this.carry(row, code, carried(this, above, code));
    this.refresh([row]);
    this.focusCell(row, code);
  }

  // What a row holds, for undo, duplicates and drafts ------------------------------------------

  values(row) { return valuesOf(this, row); }
  write(row, values) { writeInto(this, row, values); this.touched.add(row); }
  carry(row, code, values) { carry(this, row, code, values); }

  snapshot() { return this.rows.filter((row) => !row.classList.contains('ghost')).map((row) => this.values(row)); }

  keep() {
    this.undoStack.push(this.snapshot());
    if (this.undoStack.length > UNDO_DEPTH) this.undoStack.shift();
  }

  undo() {
    if (this.isLocked) return;
    const before = this.undoStack.pop();
    if (!before) { toast(t('nothing_to_undo')); return; }
    this.restore(before);
    toast(t('undone'));
  }

  /** Make the rows be as they were in a snapshot; rows that are still there keep their inputs. */
  restore(before) {
    const at = this.rows.indexOf(document.activeElement?.closest('tr')), column = document.activeElement && this.codeOf(document.activeElement);
    this.append(this.tools);
    for (const row of putBack(this, before)) this.touched.add(row);
    this.refresh([], true);
    if (at >= 0) this.focusCell(this.body.rows[Math.min(at, this.body.rows.length - 1)], column ?? this.stops[0]);
  }

  // Events --------------------------------------------------------------------------------------

  onFocus(event) {
    const input = event.target, row = input.closest('tbody tr');
    if (!row) return;
    this.showTools(row);
    this.before = { input, value: input.value };
  }

  onInput(event) {
    const input = event.target, row = input.closest('tbody tr');
    if (row) touch(row);
    if (!row || event.isComposing) return;
    delete input.dataset.auto;
    if (isMarked(input) && !('unread' in input.dataset) && !input.closest('ref-lookup')) mark(input, null);
    this.refresh([row]);
  }

  onChosen(event) {
    const lookup = event.target, row = lookup.closest('tr'), code = this.codeOf(lookup), found = event.detail.row;
    this.carry(row, code, found ? { ...found.carry, code: [found.code ?? '', ''] } : {});
    // A cell the person filled keeps its value; what was filled for them follows the choice.
    fill(found, (target) => this.input(row, target));
    this.refresh([row]);
    if (!event.detail.isLate && found && !lookup.closest('[data-picks]') && lookup.contains(document.activeElement) && !this.isKeyed) this.go(row, code, 1);
  }

  onKey(event) {
    const input = event.target, row = input.closest('tbody tr');
    if (!row || composing(event)) return;
    const code = this.codeOf(input), hasControl = event.ctrlKey || event.metaKey, name = event.key;
    if (!code) return;
    const take = () => event.preventDefault();
    if (name === 'Enter' && !hasControl && !event.altKey) {
      take();
      if (isMarked(input) && input.closest('ref-lookup') && input.value) return;
      this.go(row, code, event.shiftKey ? -1 : 1);
    } else if (name === 'Enter' && event.altKey) { take(); openForm(this, row); }
    else if (event.altKey && event.shiftKey && (name === 'ArrowUp' || name === 'ArrowDown')) {
      take();
      this.move(row, name === 'ArrowUp' ? -1 : 1);
    } else if ((name === 'ArrowDown' || name === 'ArrowUp') && !event.altKey && !event.shiftKey && input.tagName !== 'SELECT') {
      take();
      if (hasControl && name === 'ArrowDown') this.leave();
      else this.focusCell(name === 'ArrowUp' ? row.previousElementSibling : row.nextElementSibling, code);
    } else if (hasControl && name.toLowerCase() === 'd') { take(); this.copyAbove(row, code); }
    else if (name === 'Insert' && !hasControl && !event.shiftKey) { take(); this.insert(row); }
    else if (hasControl && name === 'Delete') { take(); this.remove(row); }
    else if (hasControl && !event.shiftKey && name.toLowerCase() === 'z' && this.undoStack.length && !this.isTypedIn(input)) { take(); this.undo(); }
  }

  /** Whether the browser's own undo has something to take back in this box. */
  isTypedIn(input) { return this.before?.input === input && this.before.value !== input.value; }

  /** On to the next place Enter stops at; a new row after the last one. */
  go(row, code, step) {
    const order = this.model.columns, at = order.indexOf(code), stops = this.stopsOf(row);
    const wanted = step > 0 ? stops.find((stop) => order.indexOf(stop) > at) : stops.findLast((stop) => order.indexOf(stop) < at);
    if (wanted) { this.focusCell(row, wanted); return; }
    const active = document.activeElement;
    if (active?.dataset.entry) tidy(active);
    const above = row.previousElementSibling;
    // A line opened as a form is left by its own button, not by falling off its end.
    if (row.classList.contains('as-form')) { $('.as-form-bar .btn-primary', row).focus(); return; }
    if (step < 0) { if (above) this.focusCell(above, this.stopsOf(above).at(-1)); return; }
    if (row.classList.contains('ghost') && this.isBlank(row)) { this.leave(); return; }
    this.refresh([row]);
    const below = row.nextElementSibling;
    this.focusCell(below, this.stopsOf(below)[0] ?? this.stops[0]);
  }

  /** Past the grid to whatever comes next on the page. */
  leave() {
    const all = $$('input:not([type=hidden]):not([readonly]), select, textarea, button:not([tabindex="-1"])', document).filter((e) => e.offsetParent && !e.disabled);
    const after = all.find((e) => !this.contains(e) && this.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
    after?.focus();
  }

  expand(button) {
    const isOpen = this.closest('.card').classList.toggle('is-full');
    button.setAttribute('aria-pressed', String(isOpen));
    button.setAttribute('aria-label', t(isOpen ? 'collapse' : 'expand'));
  }

  // The row's tools follow the row: one set for the whole table -----------------------------------

  showTools(row) {
    const home = row.cells[row.cells.length - 1];
    if (this.tools.parentElement !== home && !row.classList.contains('ghost')) home.append(this.tools);
  }
}
customElements.define('line-grid', LineGrid);
