/** The rules of a form while it is filled in: what they hide, lock and star, as the server will have it on saving. */
import { $, $$, embedded } from './dom.js';
import { evaluate, prepare } from './formula.js';
import { Box } from './rule-box.js';

const PAUSE = 400;
const ACROSS = '["a",';

/** What rules say, put together: one that hides wins, one that shows is enough. Keys are codes of fields, or of sections as `§code`. */
class Said {
  constructor() { this.hide = new Set(); this.readonly = new Set(); this.require = new Set(); this.shown = new Map(); }

  note(rule, holds, inside) {
    const own = [...rule.fields, ...rule.sections.map((code) => `§${code}`)];
    if (rule.effect === 'show') for (const key of own) this.shown.set(key, holds || Boolean(this.shown.get(key)));
    else if (holds) for (const key of [...own, ...inside]) this[rule.effect].add(key);
  }

  /** Everything hidden; a hidden section hides its fields. */
  hidden(sections) {
    const found = new Set(this.hide);
    for (const [key, isShown] of this.shown) if (!isShown) found.add(key);
    for (const [code, fields] of Object.entries(sections)) if (found.has(`§${code}`)) for (const field of fields) found.add(field);
    return found;
  }
}

class Rules {
  constructor(form, model) {
    Object.assign(this, { form, model, held: model.held, asked: 0, timer: 0, answers: new Map(), boxes: new Map(), cells: new WeakMap() });
    this.locks = form.elements.namedItem('_locked');
    this.open = new Set(model.open.map(([lines, code]) => `${lines}.${code}`));
    this.starred = new Set(model.required.map(([lines, code]) => `${lines}.${code}`));
    this.computed = new Set(model.programs.map((program) => `${program.lines ?? ''}.${program.code}`));
    this.targets = new Map();
    for (const rule of model.rules) {
      const codes = this.targets.get(rule.lines ?? '') ?? new Set();
      for (const code of [...rule.fields, ...this.inside(rule)]) codes.add(code);
      this.targets.set(rule.lines ?? '', codes);
    }
    this.grids = $$('line-grid[data-editable]', form);
    this.tables = new Map(this.grids.filter((grid) => this.targets.get('')?.has(grid.code)).map((grid) => [grid.code, { grid, first: grid.snapshot(), kept: null, isShut: false }]));
    for (const code of this.targets.get('') ?? []) {
      const home = $(`.field[data-field="${code}"]`, form);
      if (home) this.boxes.set(code, new Box(home, { isOpen: this.open.has(`.${code}`), isRequired: this.starred.has(`.${code}`) }));
    }
    this.asks = model.rules.some((rule) => !rule.when);
    if (form.elements.version.value === '0') this.later();
  }

  inside(rule) { return rule.sections.flatMap((code) => this.model.sections[code] ?? []); }

  /** A calculation has ended: ask every rule, show what it says; what changes a value is calculated again. */
  run(done) {
    this.done = done;
    const said = new Said();
    for (const rule of this.model.rules) if (!rule.lines) said.note(rule, this.holds(rule, { values: done.header, lines: done.lines, now: done.now }, 0), this.inside(rule));
    const hidden = said.hidden(this.model.sections), shut = [];
    const isSwapped = this.header(said, hidden, shut);
    const rows = this.rows(done, shut);
    this.locks.value = shut.join(' ');
    if (isSwapped) this.form.dispatchEvent(new CustomEvent('rules:swapped'));
    for (const [grid, changed] of rows) if (changed.length) grid.dispatchEvent(new CustomEvent('grid:changed', { bubbles: true, detail: { rows: changed, isStructure: false } }));
    if (this.asks && this.isFirst === false && (done.isHeaderChanged || done.fresh.length)) this.later();
    this.isFirst = false;
  }

  header(said, hidden, shut) {
    let isSwapped = false;
    for (const [code, box] of this.boxes) {
      const isHidden = hidden.has(code), isLocked = said.readonly.has(code);
      if (isHidden || isLocked) shut.push(code);
      isSwapped = box.show({ isHidden, isLocked, isRequired: said.require.has(code) }) || isSwapped;
    }
    for (const [code, table] of this.tables) isSwapped = this.table(table, hidden.has(code), said.readonly.has(code), shut) || isSwapped;
    for (const section of $$('section[data-section]', this.form)) {
      const fields = $$('.field', section);
      if (fields.length && fields.some((field) => this.boxes.has(field.dataset.field))) section.hidden = fields.every((field) => field.hidden);
    }
    for (const total of $$('[data-total]')) if (this.targets.get('')?.has(total.dataset.total)) total.parentElement.hidden = hidden.has(total.dataset.total);
    return isSwapped;
  }

  /** A table that is shut has the rows it came with; those that were typed come back when it opens. */
  table(table, isHidden, isLocked, shut) {
    const { grid } = table, isShut = isHidden || isLocked;
    grid.closest('section').hidden = isHidden;
    if (isShut) shut.push(grid.code);
    if (isShut === table.isShut) return false;
    table.isShut = isShut;
    grid.classList.toggle('is-locked', isShut);
    grid.isLocked = isShut;
    if (isShut) table.kept = grid.snapshot();
    grid.restore(isShut ? table.first : table.kept);
    return true;
  }

  /** The rules of the rows; returns the rows of each grid in which a value changed. */
  rows(done, shut) {
    const changed = [];
    for (const grid of this.grids) {
      const rules = this.model.rules.filter((rule) => rule.lines === grid.code), codes = [...(this.targets.get(grid.code) ?? [])];
      const isShut = this.tables.get(grid.code)?.isShut ?? false;
      if (!rules.length && !this.tables.has(grid.code)) continue;
      const columns = isShut || this.tables.has(grid.code) ? grid.model.columns : codes;
      const swapped = [], shown = new Set();
      let at = 0;
      for (const row of grid.body.rows) {
        const said = new Said(), isGhost = row.classList.contains('ghost');
        const values = done.valuesOf(grid, row);
        for (const rule of rules) said.note(rule, this.holdsIn(rule, row, values, at, done), []);
        const hidden = said.hidden({});
        let isSwapped = false;
        for (const code of columns) {
          const box = this.cell(grid, row, code);
          if (!box) continue;
          const isHidden = hidden.has(code), isLocked = isShut || said.readonly.has(code);
          if (!isHidden) shown.add(code);
          if (isHidden || isLocked) shut.push(`${grid.code}.${row.dataset.key}.${code}`);
          isSwapped = box.show({ isHidden, isLocked, isRequired: said.require.has(code), isIdle: isGhost }) || isSwapped;
        }
        if (isSwapped && !isGhost) swapped.push(row);
        if (!isGhost && !grid.isBlank(row)) at += 1;
      }
      for (const code of codes) this.column(grid, code, shown.has(code));
      changed.push([grid, swapped]);
    }
    return changed;
  }

  /** A column that no row shows is no column. */
  column(grid, code, isShown) {
    const place = grid.model.columns.indexOf(code) + 1;
    for (const row of $('table', grid).rows) if (row.cells[place] && row.cells[place].hidden === isShown) row.cells[place].hidden = !isShown;
  }

  cell(grid, row, code) {
    const home = grid.cell(row, code);
    if (!home) return null;
    let box = this.cells.get(home);
    if (!box) {
      const name = `${grid.code}.${code}`, isNew = !row.cells[0].querySelector('input').value;
      box = new Box(home, { isOpen: this.open.has(name), isRequired: this.starred.has(name), first: isNew ? grid.model.defaults[code] ?? '' : null });
      this.cells.set(home, box);
    }
    return box;
  }

  /** Whether a rule holds in a row; asked again only when something it reads may have changed. */
  holdsIn(rule, row, values, at, done) {
    if (!rule.when) return this.held[rule.code]?.[at] ?? false;
    const known = this.answers.get(rule) ?? new WeakMap();
    this.answers.set(rule, known);
    rule.isAcross ??= rule.when.reads.some(([lines, code]) => lines !== rule.lines || this.computed.has(`${lines}.${code}`)) || JSON.stringify(rule.when.tree).includes(ACROSS);
    const kept = known.get(row);
    if (kept && kept.values === values && !(rule.isAcross && (done.isHeaderChanged || done.fresh.length))) return kept.holds;
    const holds = this.holds(rule, { values: done.header, lines: done.lines, line: values, now: done.now }, at);
    known.set(row, { values, holds });
    return holds;
  }

  holds(rule, context, at) {
    if (!rule.when) return this.held[rule.code]?.[at] ?? false;
    return evaluate(rule.when, { ...context, zone: this.model.zone }).value === true;
  }

  /** Conditions that read other records are the server's to answer. */
  later() {
    if (!this.asks) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const number = ++this.asked;
    try {
      const answer = await fetch(this.locks.dataset.rules, { method: 'POST', body: new URLSearchParams(new FormData(this.form)), headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      if (!answer.ok || number !== this.asked) return;
      this.held = (await answer.json()).held;
    } catch { return; /* Offline: what was said last stands, and saving asks again. */ }
    if (this.done) this.run({ ...this.done, isHeaderChanged: false, fresh: [] });
  }
}

const form = $('form#document'), model = embedded('form-model');
if (form && model?.rules?.length) {
  let rules = null, last = null;
  form.addEventListener('calc:done', (event) => { last = event.detail; rules?.run(last); });
  prepare(model.rules.map((rule) => rule.when).filter(Boolean)).then(() => { rules = new Rules(form, model); if (last) rules.run(last); });
}
