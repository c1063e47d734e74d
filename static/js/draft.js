/** A copy of what is being typed, kept in this browser until it is saved, offered again on the next visit: after a crash, too. */
import { $, $$, clock, el, icon, toast } from './dom.js';
import { mark } from './invalid.js';
import { forget, keep, leave, recall } from './lines/kept.js';
import { t } from './texts.js';

const PAUSE = 3000, SOON = 600, SAVED = 'dajian:saved', FRESH = 15_000;

/** The boxes of the header a person can fill; those of the lines, thousands maybe, are not looked at. */
function boxesOf(form) {
  const found = [], isOurs = (node) => (node.localName === 'line-grid' ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const walk = document.createTreeWalker(form, NodeFilter.SHOW_ELEMENT, isOurs);
  while (walk.nextNode()) {
    const { currentNode: input } = walk;
    if (!input.name || !/^(input|select|textarea)$/.test(input.localName)) continue;
    if (!input.name.startsWith('_') && !['csrf_token', 'version'].includes(input.name) && input.type !== 'submit' && !input.readOnly) found.push(input);
  }
  return found;
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = form.dataset.draft;
    this.version = $('input[name=version]', form);
    this.chip = $('#draft-state');
    this.timer = 0;
    this.isDone = false;
    this.resume();
    this.offer();
    // Counted from the first change: who types without a pause has a copy all the same.
    const later = () => { this.isDirty = true; this.timer ||= setTimeout(() => this.save(), PAUSE); };
    for (const name of ['input', 'change', 'ref:chosen']) form.addEventListener(name, later);
    form.addEventListener('grid:changed', (event) => { if (event.detail.isStructure && this.isReady) later(); });
    form.addEventListener('focusout', () => { if (this.isDirty && !this.soon) this.soon = setTimeout(() => this.save(), SOON); });
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.leave(); });
    addEventListener('pagehide', () => this.leave());
    addEventListener('offline', () => this.say('cloud-off', t('offline')));
    addEventListener('online', () => { if (this.isDirty) this.save(); });
    form.addEventListener('htmx:after:request', (event) => {
      const { ctx } = event.detail;
      if (ctx.sourceElement === form && ctx.response.status < 400) { this.isDone = true; this.forget(); if (ctx.request.submitter?.value !== 'submit') this.remember(); }
    });
    // The grids add their empty row while the page starts; that is no edit.
    requestAnimationFrame(() => { this.isReady = true; });
  }

  /** Everything a person can type: header fields by name, grids by code. */
  content() {
    const fields = {};
    for (const input of boxesOf(this.form)) {
      if (input.type === 'checkbox' || input.type === 'radio') (fields[input.name] ??= {})[input.value] = input.checked;
      else if (input.multiple) fields[input.name] = [...input.selectedOptions].map((o) => o.value);
      else fields[input.name] = input.value;
    }
    const grids = Object.fromEntries($$('line-grid[data-editable]', this.form).map((grid) => [grid.code, grid.snapshot()]));
    return { fields, grids };
  }

  /** The page goes, or may go: what was typed since the last copy is written at once. */
  leave() {
    if (this.isDirty && !this.isDone) leave(this.key, { at: Date.now(), version: this.version.value, ...this.content() });
    this.save();
  }

  async save() {
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    this.timer = this.soon = 0;
    if (!this.isDirty || this.isDone) return;
    this.isDirty = false;
    const at = Date.now();
    try {
      await keep(this.key, { at, version: this.version.value, ...this.content() });
    } catch {
      this.isDirty = true;
      this.say('alert-triangle', t('not_saved'));
      return;
    }
    if (navigator.onLine) this.say('cloud-check', t('saved_local', { time: clock(new Date(at)) }));
    else this.say('cloud-off', t('offline'));
  }

  say(name, text) {
    if (!this.chip) return;
    this.chip.hidden = false;
    this.chip.classList.toggle('is-off', name !== 'cloud-check');
    this.chip.replaceChildren(icon(name, 'ic-16'), el('span', {}, text));
  }

  /** Saving opens the page anew: remember where the person was, and say there that it is saved. */
  remember() {
    const box = document.activeElement, row = box?.closest('line-grid tbody tr');
    const place = row ? { grid: row.closest('line-grid').code, row: row.rowIndex - 1, column: box.closest('td').dataset.col } : { id: box?.closest('form') === this.form ? box.id : '' };
    sessionStorage.setItem(SAVED, JSON.stringify({ at: Date.now(), form: this.form.dataset.form, y: scrollY, ...place }));
  }

  resume() {
    let was = null;
    try { was = JSON.parse(sessionStorage.getItem(SAVED)); } catch { /* not ours */ }
    sessionStorage.removeItem(SAVED);
    if (!was || was.form !== this.form.dataset.form || Date.now() - was.at > FRESH || this.version.value === '0') return;
    this.say('cloud-check', t('saved', { time: clock(new Date(was.at)) }));
    scrollTo(0, was.y);
    const grid = was.grid && $$('line-grid[data-editable]', this.form).find((each) => each.code === was.grid);
    if (grid) grid.focusCell(grid.body.rows[Math.min(was.row, grid.body.rows.length - 1)], was.column);
    else if (was.id) document.getElementById(was.id)?.focus({ preventScroll: true });
  }

  forget() { forget(this.key).catch(() => { /* A browser that keeps nothing has nothing to forget. */ }); }

  async offer() {
    const kept = await recall(this.key).catch(() => null);
    if (!kept || this.isDirty) return;
    const time = new Date(kept.at), when = time.toDateString() === new Date().toDateString() ? clock(time) : `${time.getMonth() + 1}-${time.getDate()} ${clock(time)}`;
    const note = $('#draft-offer');
    $('[data-when]', note).textContent = when;
    note.hidden = false;
    $('[data-restore]', note).addEventListener('click', () => { this.restore(kept); note.hidden = true; toast(t('restored', { time: when })); });
    $('[data-drop]', note).addEventListener('click', () => { this.forget(); note.hidden = true; toast(t('dropped')); });
  }

  restore(kept) {
    for (const input of boxesOf(this.form)) {
      const value = kept.fields[input.name];
      if (value === undefined) continue;
      if (input.type === 'checkbox' || input.type === 'radio') input.checked = value[input.value] ?? false;
      else if (input.multiple) for (const option of input.options) option.selected = value.includes(option.value);
      else input.value = value;
      mark(input, null);
    }
    for (const lookup of $$('ref-lookup', this.form)) if (!lookup.closest('line-grid')) lookup.input.dataset.shown = lookup.key ? lookup.input.value : '';
    for (const grid of $$('line-grid[data-editable]', this.form)) if (kept.grids[grid.code]) grid.restore(kept.grids[grid.code]);
    // Saved on top of the version it was typed over, so that a later change by somebody else is noticed.
    this.version.value = kept.version;
    this.form.dispatchEvent(new CustomEvent('form:restored', { bubbles: true }));
    this.isDirty = true;
  }
}

const form = document.querySelector('form[data-draft]');
if (form) new Draft(form);
