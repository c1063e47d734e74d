/** One task: scans are counted here at once, kept, and sent when there is a network. */
import { $, composing, el, icon, toast } from '../dom.js';
import { camera } from './camera.js';
import { finish } from './finish.js';
import { bar, put } from './main.js';
import { Offline, SignedOut, ask } from './net.js';
import { forget, read, scansOf, write } from './store.js';
import { send, standing } from './sync.js';
import { byCode, differences, exact, plain, rowFor, rowsOf, stateOf } from './tally.js';
import { signal } from './signals.js';
import { w } from './words.js';

const ICONS = { open: 'circle-dot', part: 'circle-dot', full: 'check', over: 'alert-triangle', extra: 'plus' };
let order = 0;

/** The task as the server has it now, or as this device keeps it. */
async function load(key) {
  const kept = await read('tasks', key);
  try {
    const data = await ask(key);
    const waiting = await scansOf(key);
    const conflicts = [...(kept?.conflicts ?? []), ...(kept ? differences(kept.data, data, []) : [])];
    const task = { ...kept, key, data, conflicts, closed: waiting.length ? kept?.closed : undefined };
    await write('tasks', task);
    return task;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Every code of the form's goods: asked for once in a while, kept for when there is no network. */
async function catalogue(form) {
  const key = `${form.app}/${form.form}`;
  try {
    const found = await ask(`${key}/items`);
    await write('items', found, key);
    return found;
  } catch (error) {
    if (error instanceof Offline || error instanceof SignedOut) return (await read('items', key)) ?? { items: [], more: true };
    throw error;
  }
}

/** Show a task; the answer takes scans and draws itself anew. */
export async function showTask(key, form) {
  const job = new Job(key, form, await load(key), await catalogue(form), await scansOf(key));
  job.draw();
  return job;
}

class Job {
  constructor(key, form, task, goods, scans) {
    Object.assign(this, { key, form, task, goods, scans, current: null, foreign: null });
    this.index();
  }

  index() {
    const items = new Map([...this.goods.items, ...this.task.data.items].map((item) => [item.id, item]));
    this.names = new Map([...items].map(([id, { name, note }]) => [id, { name, note }]));
    this.codes = byCode(items.values());
  }

  /** Nothing is asked for: a count, or a document that is being scanned together. */
  get isCount() { return this.form.command === 'stocktake' || !this.task.data.lines.length; }

  get rows() { return rowsOf(this.task.data, this.scans, this.names); }

  /** What the server and other tabs have done since. */
  async refresh() {
    this.task = (await read('tasks', this.key)) ?? this.task;
    this.scans = await scansOf(this.key);
    this.index();
    this.draw();
  }

  scan(code) {
    const text = code.trim();
    if (!text || this.task.closed) return;
    const item = this.codes.get(text);
    if (item === null) return this.stranger(text);
    const row = rowFor(this.rows, item);
    this.foreign = null;
    // An order names what belongs to it; what else comes is added by hand, never by a beep.
    if (!row && !this.isCount) {
      this.foreign = item;
      this.current = null;
      signal('foreign');
      toast(w('foreign', { name: this.names.get(item).name }));
      return this.draw();
    }
    this.add(row ?? { key: `i${item}`, line: null, item, wanted: null }, '1');
  }

  stranger(code) {
    signal('unknown');
    // Where not every code could be kept here, the server may know it.
    if (!this.goods.more) return toast(w('unknown', { code }));
    toast(w('unknown_later', { code }));
    return this.keep({ line: null, item: null, code, qty: '1' }, `c${code}`);
  }

  /** Count some of a row: seen at once, then kept, then sent. */
  add(row, qty) {
    const after = (row.done ?? 0n) + exact(qty);
    if (after < 0n) return toast(w('below'));
    const isOver = row.wanted !== null && !this.isCount && after > row.wanted;
    signal(isOver && qty[0] !== '-' ? 'over' : 'ok');
    return this.keep({ line: row.line, item: row.line === null ? row.item : null, code: '', qty }, row.key);
  }

  async keep(what, current) {
    order += 1;
    const scan = { uuid: crypto.randomUUID(), task: this.key, user: standing.user.id, who: standing.user.name, at: new Date().toISOString(), n: Date.now() * 1000 + order, ...what };
    this.scans.push(scan);
    this.current = current;
    this.draw();
    try {
      await write('scans', scan);
    } catch {
      this.scans = this.scans.filter((each) => each !== scan);
      this.draw();
      toast(w('storage'), { stay: true });
    }
    send();
  }

  draw() {
    const rows = this.rows, typed = $('#code')?.value ?? '', mode = $('#code')?.inputMode ?? 'none';
    put(bar(`${this.task.data.label} ${this.task.data.title}`, `#${this.form.app}/${this.form.form}`), el('div', { id: 'notes' }), this.trouble(), this.entry(typed, mode), this.card(rows), this.list(rows), this.foot(rows));
    if (!$('dialog[open]')) $('#code')?.focus({ preventScroll: true });
  }

  entry(typed, mode) {
    const take = (event) => {
      if (composing(event) || event.key !== 'Enter') return;
      event.preventDefault();
      const { value } = event.target;
      event.target.value = '';
      this.scan(value);
    };
    const box = el('input', { id: 'code', class: 'sc-code', inputmode: mode, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', enterkeyhint: 'done', 'aria-label': w('here'), placeholder: w('hint'), onkeydown: take });
    box.value = typed;
    return el('div', { class: 'sc-entry' }, icon('barcode'), box);
  }

  card(rows) {
    const row = rows.find((each) => each.key === this.current) ?? (this.foreign ? { key: '', line: null, item: this.foreign, wanted: null, done: null, place: '', ...this.names.get(this.foreign) } : null);
    if (!row) return el('section', { class: 'sc-card is-empty' }, el('p', {}, w('here')));
    const state = this.foreign ? 'extra' : stateOf(row, this.isCount), over = row.wanted !== null && (row.done ?? 0n) - row.wanted;
    const change = (qty) => { this.foreign = null; this.add(row, qty); };
    return el('section', { class: `sc-card is-${state}`, 'aria-live': 'polite' },
      el('h2', {}, row.name), el('p', { class: 'sc-sub' }, [row.note, row.place].filter(Boolean).join(' · ')),
      el('p', { class: 'sc-figures' }, row.wanted !== null && !this.isCount && el('span', {}, w('wanted', { n: plain(row.wanted) })), el('b', {}, w('done', { n: plain(row.done ?? 0n) })),
        state === 'over' && el('span', { class: 'tag tag-warn' }, w('over', { n: plain(over) })), state === 'extra' && el('span', { class: 'tag tag-vio' }, w('extra'))),
      el('div', { class: 'sc-steps' },
        el('button', { type: 'button', class: 'btn sc-big', 'aria-label': w('less'), disabled: (row.done ?? 0n) <= 0n, onclick: () => change('-1') }, icon('minus')),
        el('button', { type: 'button', class: 'btn sc-big grow', 'aria-label': w('set'), onclick: () => this.set(row) }, plain(row.done ?? 0n)),
        el('button', { type: 'button', class: 'btn sc-big', 'aria-label': w('more'), onclick: () => change('1') }, icon('plus'))));
  }

  /** Type a quantity instead of scanning each piece. */
  set(row) {
    const box = el('input', { class: 'inp sc-qty', inputmode: 'decimal', autocomplete: 'off', 'aria-label': w('how_many') });
    box.value = plain(row.done ?? 0n);
    const sheet = el('dialog', { class: 'dlg sc-dlg', 'aria-label': row.name }, el('form', { method: 'dialog', class: 'sc-form', onsubmit: (event) => {
      const size = exact(box.value);
      if (event.submitter?.value !== 'save') return;
      if (size === null || size < 0n) { event.preventDefault(); box.setAttribute('aria-invalid', 'true'); return; }
      this.foreign = null;
      this.add(row, plain(size - (row.done ?? 0n)));
    } }, el('h2', {}, row.name), box, el('div', { class: 'sc-steps' }, el('button', { class: 'btn sc-big grow', value: 'save' }, w('save')), el('button', { class: 'btn sc-big', value: '', formnovalidate: true }, w('cancel')))));
    sheet.addEventListener('close', () => { sheet.remove(); this.draw(); });
    document.body.append(sheet);
    sheet.showModal();
    box.select();
  }

  list(rows) {
    const pick = (row) => { this.foreign = null; this.current = row.key; this.draw(); };
    return el('ol', { class: 'sc-list' }, ...rows.map((row) => {
      const state = stateOf(row, this.isCount);
      return el('li', {}, el('button', { type: 'button', class: `sc-row is-${state}`, 'aria-current': row.key === this.current ? 'true' : null, onclick: () => pick(row) },
        icon(ICONS[state]), el('span', { class: 'grow stack' }, el('b', {}, row.name), el('small', { class: 'trunc' }, [row.note, row.place].filter(Boolean).join(' · '))),
        el('span', { class: 'num' }, this.isCount || row.wanted === null ? plain(row.done ?? 0n) : `${plain(row.done ?? 0n)}/${plain(row.wanted)}`)));
    }));
  }

  foot(rows) {
    const sum = (sizes) => plain(sizes.reduce((total, size) => total + (size ?? 0n), 0n));
    const said = this.isCount ? w('finish_count', { done: rows.filter((row) => row.done !== null).length }) : w('finish', { done: sum(rows.map((row) => row.done)), wanted: sum(rows.map((row) => row.wanted)) });
    const type = () => { const box = $('#code'); box.inputMode = box.inputMode === 'none' ? 'text' : 'none'; box.blur(); box.focus(); };
    return el('footer', { class: 'sc-foot' },
      el('button', { type: 'button', class: 'btn sc-big', onclick: type, 'aria-label': w('type') }, icon('keyboard')),
      el('button', { type: 'button', class: 'btn sc-big', onclick: () => camera(this), 'aria-label': w('camera') }, icon('camera')),
      el('button', { type: 'button', class: 'btn btn-primary sc-big grow', onclick: () => finish(this), disabled: Boolean(this.task.closed) }, said));
  }

  /** What others did meanwhile, and what the server did not take: never silent. */
  trouble() {
    const parts = [], name = (item) => this.names.get(item)?.name ?? `#${item}`, found = this.task.conflicts ?? [];
    if (this.task.closed) {
      const mine = this.scans.map((scan) => scan.uuid);
      parts.push(el('div', { class: 'sc-note is-err' }, el('p', { class: 'grow' }, w('closed', { why: this.task.closed })),
        el('button', { type: 'button', class: 'btn', onclick: async () => { await forget(this.key, mine); location.hash = `${this.form.app}/${this.form.form}`; } }, mine.length ? w('drop', { n: mine.length }) : w('leave'))));
    }
    if (found.length) {
      const said = found.map((each) => (each.kind === 'unknown' ? w('unknown', each) : w(each.kind, { ...each, name: name(each.item) })));
      parts.push(el('div', { class: 'sc-note is-warn' }, el('div', { class: 'grow' }, el('b', {}, w('conflicts', { n: found.length })), el('ul', {}, ...said.map((text) => el('li', {}, text)))),
        el('button', { type: 'button', class: 'btn', onclick: async () => { this.task.conflicts = []; await write('tasks', this.task); this.draw(); } }, w('seen'))));
    }
    return el('div', { class: 'sc-troubles' }, ...parts);
  }
}
