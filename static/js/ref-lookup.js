/**
 * <ref-lookup>: choose a record of another form by code, name or pinyin initials.
 *
 *   <ref-lookup data-url="/a/jxc/delivery/lookup/customer" data-field="customer">
 *     <input name="customer.text" role="combobox" …> <input type="hidden" name="customer">
 *   </ref-lookup>
 *
 * One popup serves the page. It has one owner, and only its owner may close it: a slow answer or a late
 * blur of another box never takes away what a fast typist is looking at.
 */
import { $, askJson, composing, el, place } from './dom.js';
import { isMarked, mark } from './invalid.js';
import { startCreating } from './lines/create.js';
import { t } from './texts.js';

const PAUSE = 120, KEPT = 200, FRESH = 60_000;
const answers = new Map();
const waiting = new Set();

/** Wait until every text that was typed and left has its record; at once when there is none. */
export async function settled() {
  while (waiting.size) await Promise.allSettled([...waiting]);
}

/** What the server finds for a text: `{columns, rows, more}`, or null. Kept for a minute, because stock moves. */
async function ask(lookup, query, { signal = null, after = '', isExact = false } = {}) {
  const address = new URL(lookup.dataset.url, location.href);
  address.searchParams.set('q', query);
  if (after) address.searchParams.set('after', after);
  if (isExact) address.searchParams.set('exact', '1');
  const grid = lookup.closest('line-grid'), context = grid?.warehouse(), party = grid?.party();
  if (context) address.searchParams.set('warehouse', context);
  if (party) address.searchParams.set('party', party);
  const key = address.href;
  const kept = answers.get(key);
  if (kept && Date.now() - kept.at < FRESH) return kept.found;
  const found = await askJson(key, { signal });
  if (found) {
    answers.set(key, { found, at: Date.now() });
    if (answers.size > KEPT) answers.delete(answers.keys().next().value);
  }
  return found;
}

const popup = {
  box: null, owner: null, query: '', rows: [], columns: [], more: '', at: 0, timer: 0, request: null, isWaiting: false, isFailed: false,

  isOpen(lookup) { return this.owner === lookup; },

  open(lookup, query) {
    if (this.owner !== lookup) {
      this.release();
      this.owner = lookup;
      this.rows = [];
      this.columns = [];
      lookup.input.setAttribute('aria-expanded', 'true');
      this.box ??= el('div', { class: 'lk', id: 'lk-pop', hidden: true, onmousedown: (e) => this.onMouse(e) });
      (lookup.closest('dialog') ?? $('main') ?? document.body).append(this.box);
      this.box.hidden = false;
      lookup.reveal();
    }
    this.search(query);
  },

  close(lookup) { if (this.owner === lookup) this.release(); },

  release() {
    if (!this.owner) return;
    clearTimeout(this.timer);
    this.request?.abort();
    this.request = null;
    this.owner.input.setAttribute('aria-expanded', 'false');
    this.owner.input.removeAttribute('aria-activedescendant');
    this.box.hidden = true;
    this.owner = null;
  },

  search(query) {
    clearTimeout(this.timer);
    this.request?.abort();
    this.query = query;
    this.at = 0;
    this.isWaiting = true;
    const owner = this.owner;
    this.timer = setTimeout(async () => {
      this.request = new AbortController();
      try {
        const found = await ask(owner, query, { signal: this.request.signal });
        if (this.owner !== owner || this.query !== query) return;
        this.isFailed = !found;
        this.show(found ?? { columns: [], rows: [], more: '' });
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
      }
    }, query && this.rows.length ? PAUSE : 0);
    if (!this.rows.length) this.draw();
  },

  show(found) {
    this.isWaiting = false;
    this.rows = [...found.rows];
    this.columns = found.columns;
    this.more = found.more ?? '';
    this.draw();
  },

  async next() {
    const owner = this.owner, query = this.query, after = this.more;
    this.more = '';
    const found = await ask(owner, query, { after });
    if (this.owner !== owner || this.query !== query || !found) return;
    this.rows = this.rows.concat(found.rows);
    this.more = found.more ?? '';
    this.draw();
  },

  draw() {
    const list = el('div', { role: 'listbox', class: 'lk-l', id: 'lk-list', 'aria-label': this.owner.input.getAttribute('aria-label') || this.owner.dataset.label });
    list.append(...this.rows.map((row, i) => this.option(row, i)));
    const head = this.columns.length > 1 && this.rows.length
      ? el('div', { class: 'lk-h', 'aria-hidden': 'true' }, this.columns.map((c) => el('span', { class: c.align === 'right' ? 'r' : '' }, c.label))) : null;
    const hint = this.isWaiting ? 'lookup_wait' : this.isFailed ? 'lookup_failed' : this.rows.length ? (this.more ? 'lookup_more' : 'lookup_hint') : 'lookup_none';
    const keys = [el('span', {}, el('kbd', {}, '↑↓'), ` ${t('lookup_pick')}`), el('span', {}, el('kbd', {}, 'Enter'), ` ${t('lookup_take')}`)];
    if (this.owner.dataset.create) keys.push(el('button', { type: 'button', tabindex: '-1', 'data-create': '' }, el('kbd', {}, 'F2'), ` ${t('lookup_new')}`));
    this.box.replaceChildren(...[head, list, el('div', { class: 'lk-f' }, el('span', { class: 'grow', role: 'status' }, t(hint)), ...keys)].filter(Boolean));
    const widths = this.columns.map((c) => (c.align === 'right' ? 'minmax(64px, 92px)' : c.main ? 'minmax(0, 2fr)' : 'minmax(72px, 1fr)')).join(' ');
    if (innerWidth > 860) for (const line of this.box.querySelectorAll('.lk-h, .lk-o')) line.style.gridTemplateColumns = widths;
    this.box.classList.toggle('lk-one', this.columns.length < 3);
    this.pointAt(this.at);
    place(this.owner.input, this.box, 3);
  },

  option(row, i) {
    const cells = this.columns.map((c, j) => el('span', { 'data-label': c.label, class: [c.align === 'right' && 'r', c.code_like && 'mono', c.main && 'main', !c.main && 'trunc'].filter(Boolean).join(' ') }, ...highlighted(row.cells[j] ?? '', this.query)));
    return el('div', { class: 'lk-o', role: 'option', id: `lk-${i}`, 'data-i': i, 'aria-selected': String(i === this.at) }, cells.length ? cells : row.label);
  },

  pointAt(i) {
    this.at = i;
    for (const option of this.box.querySelectorAll('.lk-o')) option.setAttribute('aria-selected', String(Number(option.dataset.i) === i));
    if (this.rows.length) this.owner.input.setAttribute('aria-activedescendant', `lk-${i}`);
    else this.owner.input.removeAttribute('aria-activedescendant');
    document.getElementById(`lk-${i}`)?.scrollIntoView({ block: 'nearest' });
  },

  move(step) {
    if (!this.rows.length) return;
    if (step > 0 && this.at === this.rows.length - 1 && this.more) { this.at += 1; this.next(); return; }
    this.pointAt((this.at + step + this.rows.length) % this.rows.length);
  },

  onMouse(event) {
    event.preventDefault();
    if (event.target.closest('[data-create]')) { const asker = this.owner; this.release(); startCreating(asker); return; }
    const option = event.target.closest('.lk-o');
    if (!option) return;
    const owner = this.owner, row = this.rows[Number(option.dataset.i)];
    this.release();
    owner.choose(row);
  },
};

/** The text with the part that was typed marked. */
function highlighted(text, query) {
  const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
  return at < 0 ? [text] : [text.slice(0, at), el('mark', {}, text.slice(at, at + query.length)), text.slice(at + query.length)];
}

class RefLookup extends HTMLElement {
  get input() { return this.firstElementChild; }
  get hidden_input() { return this.lastElementChild; }
  get key() { return this.hidden_input.value; }
  get isEditable() { return !this.input.readOnly; }

  /** Show a record as chosen without telling anybody; null empties the box. */
  set(row) {
    this.input.value = row?.label ?? '';
    this.input.dataset.shown = this.input.value;
    this.hidden_input.value = row?.id ?? '';
    this.pending = null;
    mark(this.input, null);
  }

  /** A person chose a record. */
  choose(row, detail = {}) {
    this.set(row);
    this.dispatchEvent(new CustomEvent('ref:chosen', { bubbles: true, detail: { row, ...detail } }));
  }

  /** Take what is typed: the row pointed at, or the best match when its answer is still on the way. True when something was typed. */
  commit() {
    const text = this.input.value.trim();
    if (popup.isOpen(this) && !popup.isWaiting && (popup.query === this.input.value || popup.query === '')) {
      const row = popup.rows[popup.at];
      popup.close(this);
      if (row) { this.choose(row); return true; }
      if (text && text !== this.input.dataset.shown) this.unknown(text);
      return Boolean(text);
    }
    popup.close(this);
    if (text && text !== this.input.dataset.shown) { this.settle(text, false); return true; }
    return Boolean(text);
  }

  /** Find `text` while the person is already typing elsewhere. */
  async settle(text, isExact) {
    this.pending = text;
    this.hidden_input.value = '';
    const asked = ask(this, text, { isExact });
    waiting.add(asked);
    const found = await asked;
    waiting.delete(asked);
    if (this.pending !== text) return;
    this.pending = null;
    if (found?.rows.length) this.choose(found.rows[0], { isLate: true });
    else if (found) this.unknown(text);
    else mark(this.input, t('lookup_failed'));
  }

  unknown(text) {
    this.hidden_input.value = '';
    this.input.dataset.shown = '';
    mark(this.input, t('not_found', { text }));
    this.dispatchEvent(new CustomEvent('ref:unknown', { bubbles: true }));
  }

  typed() {
    this.pending = null;
    if (isMarked(this.input)) mark(this.input, null);
    if (!this.input.value.trim()) {
      this.hidden_input.value = '';
      if (this.input.dataset.shown) this.choose(null);
    }
    popup.open(this, this.input.value);
  }

  /** On leaving: back to the chosen text, or look the typed one up exactly. */
  left() {
    popup.close(this);
    const text = this.input.value.trim();
    if (text === (this.input.dataset.shown ?? '') || this.pending || isMarked(this.input)) return;
    if (!text) this.choose(null);
    else this.settle(text, true);
  }

  /** Scroll so that the list has room below and never covers the lines above. */
  reveal() {
    const at = this.input.getBoundingClientRect(), room = innerHeight - 60 - at.bottom, need = 330;
    if (room < need && at.top > 160) scrollBy(0, Math.min(need - room, at.top - 160));
  }

  connectedCallback() {
    if (this.input && this.input.dataset.shown === undefined) this.input.dataset.shown = this.hidden_input.value ? this.input.value : '';
  }
}
customElements.define('ref-lookup', RefLookup);

const lookupOf = (event) => {
  const found = event.target.closest?.('ref-lookup');
  return found?.isEditable ? found : null;
};

document.addEventListener('input', (event) => {
  const lookup = lookupOf(event);
  if (lookup && event.isTrusted && !event.isComposing) lookup.typed();
});
document.addEventListener('compositionend', (event) => lookupOf(event)?.typed());
document.addEventListener('focusout', (event) => lookupOf(event)?.left());

// Before the line grid's own handler: while its list is open the keys belong to the list.
document.addEventListener('keydown', (event) => {
  const lookup = lookupOf(event);
  if (!lookup || composing(event)) return;
  const isOpen = popup.isOpen(lookup), take = () => { event.preventDefault(); event.stopPropagation(); };
  if (event.key === 'F4') { take(); popup.open(lookup, ''); return; }
  if (event.key === 'F2' && lookup.dataset.create) { take(); popup.close(lookup); startCreating(lookup); return; }
  if (!isOpen) {
    if (event.key === 'ArrowDown' && !lookup.closest('line-grid') && !event.altKey) { take(); popup.open(lookup, ''); }
    return;
  }
  if (event.key === 'ArrowDown') { take(); popup.move(1); }
  else if (event.key === 'ArrowUp') { take(); popup.move(-1); }
  else if (event.key === 'Escape') {
    take();
    popup.close(lookup);
    if (lookup.input.dataset.shown) lookup.input.value = lookup.input.dataset.shown;
  } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
    // The same Enter goes on to the next box: the page's own handler does that.
    lookup.commit();
  } else if (event.key === 'Tab') lookup.commit();
}, true);

addEventListener('scroll', () => { if (popup.owner) place(popup.owner.input, popup.box, 3); }, { passive: true, capture: true });
addEventListener('resize', () => { if (popup.owner) place(popup.owner.input, popup.box, 3); });

/** Resolve pasted or scanned texts in one request: `{"lines.item": {"SP1": row or null}}`, or null when it failed. */
export async function resolveAll(address, wanted, context) {
  const found = await askJson(address, { body: { fields: wanted, warehouse: context ?? null } });
  return found?.fields ?? null;
}
