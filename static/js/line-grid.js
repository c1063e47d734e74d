/**
 * <line-grid>: the lines of a document as a real table of real inputs, made fast for the keyboard.
 *
 * A row's inputs are named `lines.<key>.<code>`; the key never changes, the order of the rows is the order
 * of the form. The last row is always an empty one. Events: `grid:changed` {rows, isStructure}.
 */
import { $, $$, composing, el, embedded, icon, toast } from './dom.js';
import { tidy } from './entries.js';
import { fill } from './fill.js';
import { isMarked, mark } from './invalid.js';
import { pasteInto, scanInto } from './line-entry.js';
import { listen } from './scanner.js';
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
    this.isEditable = 'editable' in this.dataset;
    if (!this.isEditable) return;
    this.tools = this.makeTools();
    this.bind();
    this.refresh(null, true);
  }

  get rows() { return [...this.body.rows]; }
  get form() { return this.closest('form'); }

  /** The record chosen as the warehouse in the header, where the stock beside a line is asked for. */
  warehouse() {
    const name = this.model.stock?.warehouse;
    return name ? this.form?.elements.namedItem(name)?.value ?? '' : '';
  }

  bind() {
    this.addEventListener('keydown', (event) => this.onKey(event));
    this.addEventListener('input', (event) => this.onInput(event));
    this.addEventListener('change', (event) => this.onInput(event));
    this.addEventListener('paste', (event) => pasteInto(this, event));
    this.addEventListener('ref:chosen', (event) => this.onChosen(event));
    this.addEventListener('focusin', (event) => this.onFocus(event));
    this.addEventListener('mouseover', (event) => { const row = event.target.closest('tbody tr'); if (row) this.showTools(row); });
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
    for (const part of row.querySelectorAll('[name], [id]')) {
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

  /** Keep one empty row at the end, number the rows and tell everybody. */
  refresh(rows = null, isStructure = false) {
    const last = this.body.rows[this.body.rows.length - 1];
    const isGrown = !last || !last.classList.contains('ghost') || !this.isBlank(last);
    if (isGrown) {
      last?.classList.remove('ghost');
      this.grow()[0].classList.add('ghost');
    }
    for (const row of rows ?? this.body.rows) if ('fresh' in row.dataset && !this.isBlank(row)) this.begin(row);
    if (isStructure || isGrown) this.renumber();
    this.dispatchEvent(new CustomEvent('grid:changed', { bubbles: true, detail: { rows, isStructure: isStructure || isGrown } }));
  }

  remove(row) {
    const at = row.rowIndex - 1, line = at + 1;
    if (row.classList.contains('ghost') || this.isLocked) return;
    this.keep();
    const column = this.codeOf(document.activeElement) ?? this.stops[0];
    this.append(this.tools);
    row.remove();
    this.refresh(null, true);
    this.focusCell(this.body.rows[Math.min(at, this.body.rows.length - 1)], column);
    toast(t('line_deleted', { line }), { undo: () => this.undo() });
  }

  insert(row) {
    if (this.isLocked) return;
    this.keep();
    const [made] = this.grow(1, row);
    this.refresh(null, true);
    this.focusCell(made, this.stops[0]);
  }

  duplicate(row) {
    if (this.isLocked) return;
    this.keep();
    const [made] = this.grow(1, row.nextElementSibling);
    this.write(made, { ...this.values(row), id: '' });
    this.refresh(null, true);
    this.focusCell(made, this.stops.at(-1));
  }

  move(row, step) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other || this.isLocked || other.classList.contains('ghost') || row.classList.contains('ghost')) return;
    const column = this.codeOf(document.activeElement) ?? this.stops[0];
    this.keep();
    this.body.insertBefore(step < 0 ? row : other, step < 0 ? other : row);
    this.refresh(null, true);
    this.focusCell(row, column);
  }

  copyAbove(row, code) {
    const above = row.previousElementSibling;
    if (!above || !this.isOpen(row, code)) return;
    this.keep();
    const value = this.values(above).cells[code];
    this.write(row, { cells: { [code]: value } });
    const lookup = this.lookup(row, code);
    if (lookup) this.carry(row, code, this.carried(above, code));
    this.refresh([row]);
    this.focusCell(row, code);
  }

  // What a row holds, for undo, duplicates and drafts ------------------------------------------

  /** A row as plain data: `{key, id, cells: {code: text | bool | {id, label, carry}}, auto: {code: text}}`. */
  values(row) {
    const cells = {}, auto = {};
    for (const input of this.inputs(row)) {
      const code = this.codeOf(input), lookup = input.closest('ref-lookup');
      if (lookup) cells[code] = { id: lookup.key, label: input.value, carry: this.carried(row, code) };
      else cells[code] = input.type === 'checkbox' ? input.checked : input.multiple ? [...input.selectedOptions].map((o) => o.value) : input.value;
      if (input.dataset.auto !== undefined) auto[code] = input.dataset.auto;
    }
    return { key: row.dataset.key, id: row.cells[0].querySelector('input').value, cells, auto };
  }

  write(row, values) {
    delete row.dataset.fresh;
    if (values.id !== undefined) row.cells[0].querySelector('input').value = values.id;
    for (const [code, value] of Object.entries(values.cells)) {
      const input = this.input(row, code), lookup = this.lookup(row, code);
      if (!input) continue;
      mark(input, null);
      if (lookup) {
        lookup.set(value.id ? value : null);
        if (!value.id && value.label) { input.value = value.label; mark(input, t('not_found', { text: value.label })); }
        this.carry(row, code, value.carry ?? {});
      } else if (input.type === 'checkbox') input.checked = value;
      else if (input.multiple) for (const option of input.options) option.selected = value.includes(option.value);
      else input.value = value;
      if (values.auto?.[code] === undefined) delete input.dataset.auto;
      else input.dataset.auto = values.auto[code];
    }
    row.classList.toggle('ghost', false);
  }

  /** Columns looked up through a reference, shown beside it. */
  carry(row, code, values) {
    for (const column of this.model.carried[code] ?? []) {
      const out = this.parts(row).carried[column];
      if (!out) continue;
      const [shown, plain] = values?.[column] ?? ['', ''];
      out.textContent = shown;
      out.title = shown;
      out.dataset.plain = plain;
    }
    const mono = this.cell(row, code)?.querySelector('.code');
    if (mono) mono.textContent = values?.code?.[0] ?? '';
  }

  carried(row, code) {
    const found = {};
    for (const column of this.model.carried[code] ?? []) {
      const out = this.parts(row).carried[column];
      if (out) found[column] = [out.textContent, out.dataset.plain ?? ''];
    }
    const mono = this.cell(row, code)?.querySelector('.code');
    if (mono) found.code = [mono.textContent, ''];
    return found;
  }

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
    const here = new Map(this.rows.map((row) => [row.dataset.key, row]));
    const kept = before.map((values) => here.get(values.key) ?? null);
    const missing = this.grow(kept.filter((row) => !row).length);
    const order = kept.map((row) => row ?? missing.shift());
    this.body.replaceChildren(...order);
    order.forEach((row, i) => this.write(row, before[i]));
    this.refresh(null, true);
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
    if (!event.detail.isLate && found && lookup.contains(document.activeElement) && !this.isKeyed) this.go(row, code, 1);
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
    } else if (event.altKey && event.shiftKey && (name === 'ArrowUp' || name === 'ArrowDown')) {
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

  makeTools() {
    const act = (name, key, run) => el('button', { type: 'button', class: 'rowbtn', tabindex: '-1', 'aria-label': t(key), title: t(key), onclick: (event) => run(event.currentTarget.closest('tbody tr')) }, icon(name, 'ic-16'));
    return el('div', { class: 'rowtools' },
      act('row-insert-top', 'insert_above', (row) => this.insert(row)), act('copy', 'duplicate', (row) => this.duplicate(row)), act('trash', 'remove', (row) => this.remove(row)));
  }

  showTools(row) {
    const home = row.cells[row.cells.length - 1];
    if (this.tools.parentElement !== home && !row.classList.contains('ghost')) home.append(this.tools);
  }
}
customElements.define('line-grid', LineGrid);
