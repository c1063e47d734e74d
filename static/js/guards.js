/** A box whose value may be refused by itself is asked about once it has been left: the server's own validator answers. */
import { $, embedded } from './dom.js';
import { isMarked, mark } from './invalid.js';

const BOX = 'input:not([type=hidden]), select, textarea';
const PAUSE = 150;

class Guards {
  constructor(form, guarded) {
    Object.assign(this, { form, names: new Set(guarded.map(([lines, code]) => `${lines}.${code}`)), told: new WeakMap(), ours: new Set(), left: new Set(), timer: 0, asked: 0 });
    form.addEventListener('focusout', ({ target }) => { if (target.matches?.(BOX)) this.leave(target); });
  }

  /** `lines.<row>.code` of a cell, or the code of a header field. */
  isGuarded({ name = '' }) {
    const [first, , code] = name.split('.');
    return this.names.has(code ? `${first}.${code}` : `.${first}`);
  }

  leave(box) {
    if (!this.isGuarded(box) || box.readOnly || box.disabled || this.told.get(box) === box.value) return;
    this.told.set(box, box.value);
    this.left.add(box);
    clearTimeout(this.timer);
    // What leaving tidies up, and what the calculation fills in, comes first.
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  async ask() {
    const boxes = [...this.left].filter((box) => box.isConnected && !box.closest('[hidden], .off'));
    this.left.clear();
    if (!boxes.length) return;
    const number = ++this.asked, before = boxes.map((box) => box.value);
    const answer = await fetch(`${this.form.action}/problems`, { method: 'POST', body: new URLSearchParams(new FormData(this.form)), headers: { Accept: 'application/json' }, credentials: 'same-origin' }).catch(() => null);
    if (number !== this.asked) {
      // A later question is under way; these boxes go along with the next one.
      for (const box of boxes) this.left.add(box);
      return;
    }
    // Offline, or refused: saving asks again.
    if (!answer?.ok) return;
    const { problems } = await answer.json();
    boxes.forEach((box, at) => { if (box.value === before[at]) this.say(box, box.value === '' ? null : problems[box.id] ?? null); });
  }

  say(box, words) {
    const isOurs = this.ours.has(box);
    if (words && (isOurs || !isMarked(box))) { mark(box, words); this.ours.add(box); }
    if (words || !isOurs) return;
    this.ours.delete(box);
    if (!('unread' in box.dataset) && !('check' in box.dataset)) mark(box, null);
  }
}

const form = $('form#document'), model = embedded('form-model');
if (form && model?.guarded?.length) new Guards(form, model.guarded);
