/** Computed fields and totals, at once while typing. The server computes them again on saving; its figures are the ones kept. */
import { $, $$, embedded } from './dom.js';
import { read } from './entries.js';
import { evaluate, prepare } from './formula.js';
import { rmbcap } from './formula/chinese.js';
import { readNumber as toDecimal } from './formula/decimal.js';
import { ServerValues } from './server-values.js';
import { t } from './texts.js';
import { roundTo, scaled, showNumber, unscaled } from './typed.js';

/** The plain value of one box, the way formulas want it: decimal text, ISO day, boolean, text or null. */
function valueOf(input) {
  if (input.closest('ref-lookup')) return input.closest('ref-lookup').key || null;
  if (input.type === 'checkbox') return input.checked;
  if (input.tagName === 'FIELDSET') return $(':checked', input)?.value || null;
  if (!input.dataset.entry) return input.value || null;
  const plain = read(input)?.plain || null;
  return plain && input.dataset.suffix === '%' ? unscaled(scaled(plain) / 100n) : plain;
}

const counts = new Map();

/** A plain number as a count of 10⁻¹², remembered: the lines of a document say the same few numbers again and again. */
function countOf(plain) {
  let found = counts.get(plain);
  if (found === undefined) {
    if (counts.size > 20_000) counts.clear();
    found = scaled(plain || '0');
    counts.set(plain, found);
  }
  return found;
}

class Calculator {
  constructor(model, form) {
    this.model = model;
    this.form = form;
    this.servers = new ServerValues(model);
    this.header = {};
    this.grids = $$('line-grid[data-editable]', form);
    this.outputs = new Map($$('output[data-out]', form).filter((out) => !out.closest('line-grid')).map((out) => [out.dataset.out, out]));
    this.sums = $$('[data-total]');
    this.words = $('[data-words]');
    this.counts = $$('[data-count]');
    this.rows = new Map(this.grids.map((grid) => [grid.code, new WeakMap()]));
    form.addEventListener('grid:changed', (event) => this.changed(event.target, event.detail));
    form.addEventListener('input', (event) => { if (!event.target.closest('line-grid')) this.later(); });
    form.addEventListener('ref:chosen', (event) => { if (!event.target.closest('line-grid')) { this.carry(event); this.later(); } });
    form.addEventListener('form:restored', () => this.everything());
    form.addEventListener('rules:swapped', () => this.later());
    this.everything();
  }

  everything() {
    for (const grid of this.grids) this.rows.set(grid.code, new WeakMap());
    this.isStructure = true;
    this.later();
  }

  changed(grid, { rows, isStructure }) {
    const known = this.rows.get(grid.code);
    for (const row of rows) known.delete(row);
    this.isStructure ||= isStructure;
    this.later();
  }

  later() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.compute(); });
  }

  /** Header columns looked up through a reference. */
  carry({ target, detail }) {
    for (const code of this.model.carried[target.dataset.field] ?? []) {
      const out = $(`output[data-carry="${code}"]`, this.form);
      const [shown, plain] = detail.row?.carry?.[code] ?? ['', ''];
      if (out) { out.textContent = shown; out.dataset.plain = plain; }
    }
  }

  readHeader() {
    const values = {};
    for (const [code, field] of Object.entries(this.model.fields)) {
      const input = document.getElementById(field.id);
      if (field.isComputed) values[code] = input?.dataset.plain ?? field.value ?? null;
      else values[code] = input ? valueOf(input) : field.value ?? null;
    }
    return values;
  }

  readRow(grid, row) {
    const values = {};
    const { inputs, carried } = grid.parts(row);
    for (const [code, input] of Object.entries(inputs)) values[code] = valueOf(input);
    for (const [code, out] of Object.entries(carried)) values[code] = out.dataset.plain || null;
    return values;
  }

  compute() {
    const now = new Date(), header = this.readHeader(), lines = {}, fresh = [];
    for (const grid of this.grids) {
      const known = this.rows.get(grid.code), filled = [];
      for (const row of grid.body.rows) {
        let values = known.get(row);
        if (!values) {
          if (row.classList.contains('ghost')) { for (const out of Object.values(grid.parts(row).outputs)) out.textContent = ''; continue; }
          values = this.readRow(grid, row);
          known.set(row, values);
          fresh.push([grid, row, values]);
        }
        filled.push(values);
      }
      lines[grid.code] = filled;
    }
    for (const [code, value] of Object.entries(this.model.fixedLines)) lines[code] ??= value;
    const written = JSON.stringify(header), isHeaderChanged = written !== this.lastHeader || this.isStructure;
    this.lastHeader = written;
    this.isStructure = false;
    for (const program of this.model.programs) {
      if (!program.lines) {
        const isKnown = this.servers.isKnown(program, header, lines);
        header[program.code] = isKnown ? this.value(program, { values: header, lines, now }) : null;
        this.showHeader(program, header[program.code], isKnown);
        continue;
      }
      const readsMore = program.formula.reads.some(([place]) => place !== program.lines);
      const all = readsMore && (isHeaderChanged || fresh.length) ? this.all(program.lines) : fresh;
      for (const [grid, row, values] of all) {
        if (grid.code !== program.lines) continue;
        const out = grid.parts(row).outputs[program.code];
        values[program.code] = program.formula.server_only
          ? this.servers.ofRow(program, row, values, header, out)
          : this.value(program, { values: header, lines, line: values, now });
        if (out) out.textContent = this.isIdle(program, values) ? '' : this.shown(program, values[program.code]);
      }
    }
    this.totals(header, lines);
    // Rules and checks ask what has just been computed.
    const valuesOf = (grid, row) => this.rows.get(grid.code).get(row) ?? this.readRow(grid, row);
    this.form.dispatchEvent(new CustomEvent('calc:done', { detail: { header, lines, now, fresh, isHeaderChanged, grids: this.grids, valuesOf } }));
  }

  /** Whether nothing of a row that the formula reads has been filled in yet. */
  isIdle(program, values) {
    const own = program.formula.reads.filter(([place]) => place === program.lines);
    return own.length > 0 && own.every(([, code]) => values[code] === null || values[code] === '' || values[code] === undefined);
  }

  all(code) {
    const grid = this.grids.find((each) => each.code === code);
    const known = this.rows.get(code);
    return grid.rows.filter((row) => known.has(row)).map((row) => [grid, row, known.get(row)]);
  }

  value(program, context) {
    if (program.formula.server_only) return this.servers.ofHeader(program);
    const { value: found = null } = evaluate(program.formula, { ...context, zone: this.model.zone });
    if (found === null || typeof found === 'object') return null;
    return program.places === undefined || typeof found === 'boolean' ? found : roundTo(String(found), program.places);
  }

  shown(program, value) {
    if (value === null || value === '') return '';
    if (program.places === undefined) return String(value);
    return program.suffix === '%' ? `${showNumber(unscaled(scaled(value) * 100n))}%` : showNumber(value, program.least);
  }

  showHeader(program, value, isKnown) {
    const text = isKnown ? this.shown(program, value) : t('after_saving');
    const out = this.outputs.get(program.code);
    if (out && out.textContent !== text) out.textContent = text;
    for (const total of this.sums) if (total.dataset.total === program.code) total.textContent = isKnown ? (total.dataset.sign ?? '') + (text || '0') : '—';
    if (this.words?.dataset.words === program.code) this.words.textContent = value ? rmbcap(toDecimal(value)) : '—';
  }

  /** Sums of columns that have no formula of their own, and how many lines there are. */
  totals(header, lines) {
    for (const out of this.sums) {
      const [code, column] = out.dataset.total.split('.');
      if (column) out.textContent = showNumber(unscaled((lines[code] ?? []).reduce((sum, row) => sum + countOf(row[column]), 0n)));
    }
    for (const badge of this.counts) if (lines[badge.dataset.count]) badge.textContent = lines[badge.dataset.count].length;
  }
}

const form = $('form#document'), model = embedded('form-model');
if (form && model) prepare(model.programs.map((program) => program.formula)).then(() => new Calculator(model, form));
