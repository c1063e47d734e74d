/** The author's checks while a document is filled in: said at the field once it has been left. The server decides. */
import { $, embedded } from './dom.js';
import { evaluate, prepare } from './formula.js';
import { isMarked, mark, warn } from './invalid.js';
import { BOX, lastLeft, left } from './left.js';

class Checks {
  constructor(form, model) {
    Object.assign(this, { form, model, ours: new WeakMap() });
    this.computed = new Set(model.programs.map((program) => `${program.lines ?? ''}.${program.code}`));
    form.addEventListener('focusout', ({ target }) => {
      if (!target.matches?.(BOX) || target.readOnly) return;
      // What leaving tidies up is calculated in the next frame.
      requestAnimationFrame(() => this.done && this.run(this.done));
    });
  }

  run(done) {
    this.done = done;
    this.model.checks.forEach((check, number) => {
      if (!check.lines) { this.say(check, number, { values: done.header, lines: done.lines, now: done.now }, (code) => this.box(code)); return; }
      const grid = done.grids.find((each) => each.code === check.lines);
      for (const row of grid?.body.rows ?? []) {
        // Nobody has been in a row that came with the page or in one block: the server says what is wrong there.
        if (row.classList.contains('ghost') || !left.has(row)) continue;
        const boxes = (code, lines) => (lines === check.lines ? grid.input(row, code) : this.box(code));
        this.say(check, number, { values: done.header, lines: done.lines, line: done.valuesOf(grid, row), now: done.now }, boxes, row);
      }
    });
  }

  box(code) { return document.getElementById(this.model.fields[code]?.id)?.closest(BOX) ?? null; }

  /** Say what a check says at its field, or take it back. */
  say(check, number, context, boxes, row = null) {
    const read = check.formula.reads.filter(([lines]) => lines === '' || (row && lines === check.lines)).filter(([lines, code]) => !this.computed.has(`${lines}.${code}`));
    const asked = read.map(([lines, code]) => boxes(code, lines)).filter(Boolean);
    const named = check.field ? boxes(check.field, check.lines ?? '') : null;
    const home = named ?? (asked.includes(lastLeft()) ? lastLeft() : asked.findLast((box) => left.has(box)));
    const marked = this.ours.get(check)?.get(row ?? this) ?? null;
    const isWrong = home && this.isReady([home, ...asked]) && evaluate(check.formula, { ...context, zone: this.model.zone }).value === false;
    if (check.isWarning) { this.remind(check, home, isWrong, row); return; }
    if (home && !isWrong && document.getElementById(`${home.id}-err`)?.textContent === check.message) mark(home, null);
    if (marked && (!isWrong || marked !== home)) this.unmark(check, marked, row, number);
    if (!isWrong || home === document.activeElement || isMarked(home) || home.closest('[hidden], .off')) return;
    mark(home, check.message);
    home.dataset.check = number;
    if (!this.ours.has(check)) this.ours.set(check, new WeakMap());
    this.ours.get(check).set(row ?? this, home);
  }

  /** A warning stands beside its field as long as it holds; one field shows one. */
  remind(check, home, isWrong, row) {
    const ours = this.ours.get(check) ?? new WeakMap(), was = ours.get(row ?? this) ?? null;
    if (was && (!isWrong || was !== home)) { warn(was, null); ours.delete(row ?? this); }
    if (!isWrong || was === home || home === document.activeElement || home.closest('[hidden], .off')) return;
    warn(home, check.message);
    ours.set(row ?? this, home);
    this.ours.set(check, ours);
  }

  unmark(check, box, row, number) {
    this.ours.get(check).delete(row ?? this);
    if (box.dataset.check !== String(number)) return;
    delete box.dataset.check;
    if (!('unread' in box.dataset)) mark(box, null);
  }

  /** Nobody is told of what they have not come to yet: each box is filled or has been left, one of them just now. */
  isReady(boxes) {
    return boxes.some((box) => left.has(box)) && boxes.every((box) => left.has(box) || box.type === 'checkbox' || box.value);
  }
}

const form = $('form#document'), model = embedded('form-model');
if (form && model?.checks?.length) {
  let checks = null, last = null;
  form.addEventListener('calc:done', ({ detail }) => { last = detail; checks?.run(last); });
  prepare(model.checks.map((check) => check.formula)).then(() => { checks = new Checks(form, model); if (last) checks.run(last); });
}
