/** The formula of a property in a dialog: written with names, checked and tried while it is typed. */
import { $, $$, askJson, composing, el, icon } from '../dom.js';
import { base } from './studio.js';
import { Names } from './formula-names.js';

const PAUSE = 250, MOST = 80;

/** An editor in `host` that says how its text is; `model` is what the server told of the place. */
export class FormulaBox {
  constructor(host, model, { says, changed = () => {}, save = () => {} }) {
    Object.assign(this, { host, model, says, changed, save, names: new Names(), timer: 0, asked: 0, answer: null });
    this.names.learn(model.known);
    this.ready = this.start();
  }

  get text() { return this.editor?.text ?? this.model.text; }

  say(key, params = {}) { return this.model.texts[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? ''); }

  async start() {
    // CodeMirror is large: it comes with the first formula that is opened.
    const { FormulaEditor } = await import('./formula-editor.js');
    this.editor = new FormulaEditor(this.host, {
      text: this.model.text, label: this.model.texts.editor, hint: this.model.texts.hint, names: () => this.names,
      on: { change: () => { this.changed(this.text); this.later(); }, save: this.save, help: () => {}, move: () => {} },
    });
    const address = new URL(this.model.names, location.href);
    address.searchParams.set('form', this.model.form);
    address.searchParams.set('lines', this.model.lines);
    const found = await askJson(address);
    this.names = new Names(found?.names, found?.functions);
    this.names.learn(this.model.known);
    this.editor.redraw();
    await this.check();
    return this;
  }

  later() { clearTimeout(this.timer); this.timer = setTimeout(() => this.check(), PAUSE); }

  async check() {
    clearTimeout(this.timer);
    const mine = ++this.asked, { text, model } = this;
    if (!text.trim()) { this.answer = null; this.shown('wait', this.say('empty')); return null; }
    const { form, lines, field, part, result, places, record } = model;
    const answer = await askJson(model.check, { body: { text, form, lines, field, part, result, places, draft: true, trial: record === undefined ? null : { record, typed: {} } } });
    if (mine !== this.asked) return this.answer;
    this.answer = answer;
    if (!answer) { this.shown('err', this.say('refused')); return null; }
    this.editor.mark(answer);
    this.tell(answer);
    return answer;
  }

  tell(answer) {
    const wrong = answer.problems.filter((each) => !each.warning), doubts = answer.problems.filter((each) => each.warning);
    const value = answer.trial?.results?.[0];
    if (wrong.length) this.shown('err', wrong[0].text);
    else if (doubts.length) this.shown('warn', doubts[0].text, value);
    else this.shown('ok', this.say('fine', { what: answer.typeText }), value);
  }

  shown(tone, text, value = null) {
    const signs = { ok: 'circle-check', err: 'alert-circle', warn: 'alert-triangle', wait: 'info-circle' };
    const result = value && (value.error ?? value.text);
    this.says.className = `pf-says fx-${tone}`;
    this.says.replaceChildren(icon(signs[tone], 'ic-16'), el('span', { class: 'grow' }, text), ...(result ? [el('b', { class: 'num' }, result)] : []));
  }

  /** The text as it is kept, or null while it is wrong; a warning keeps nobody from saving. */
  async stored() {
    await this.ready;
    const answer = await this.check();
    return answer?.fine ? answer.stored : null;
  }
}

/** Fields and functions beside the editor: found by name or pinyin initials, put in by a click. */
function side(dialog, box) {
  const list = $('.pf-list', dialog), find = $('.pf-find', dialog);
  let shown = 'fields';
  const item = (each, label, note, put) => el('button', { type: 'button', class: 'fx-item', tabindex: '-1', title: each.help ?? each.code, onclick: put }, el('span', { class: 'grow trunc' }, label), el('span', { class: 'muted trunc' }, note));
  const draw = () => {
    const text = find.value;
    const rows = shown === 'fields' ? box.names.fields(text).filter((each) => text.trim() || each.group !== 'other') : box.names.functionsLike(text);
    list.replaceChildren(...rows.slice(0, MOST).map((each) => (shown === 'fields'
      ? item(each, each.label, each.type_text, () => box.editor.insertField(each.stored))
      : item(each, each.name, each.help, () => box.editor.insertCall(each.name)))));
  };
  find.addEventListener('input', draw);
  dialog.addEventListener('click', (event) => {
    const which = event.target.closest('[data-side]');
    if (!which) return;
    shown = which.dataset.side;
    for (const each of $$('[data-side]', dialog)) each.setAttribute('aria-pressed', String(each === which));
    draw();
  });
  find.parentElement.parentElement.addEventListener('keydown', (event) => {
    const items = $$('.fx-item', list), at = items.indexOf(document.activeElement);
    if (composing(event) || !/^Arrow(Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    (items[at + (event.key === 'ArrowDown' ? 1 : -1)] ?? find).focus();
  });
  box.ready.then(draw);
}

/** Open the formula of a property of the panel; `commit` is told the text when it is kept. */
export const open = (path, name, commit) => openAt(`${base}/formula?path=${encodeURIComponent(path)}&name=${encodeURIComponent(name)}`, name, commit);

/** Open the formula an address shows; `left` is told when the dialog closes, kept or not. */
export async function openAt(address, name, commit, left = () => {}) {
  const opener = document.activeElement;
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) return;
  const dialog = document.adoptNode(new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('dialog'));
  $('#dlg-formula')?.remove();
  document.body.append(dialog);
  const model = JSON.parse($('script', dialog).textContent), keep = $('#pf-keep', dialog);
  const save = async () => {
    keep.setAttribute('aria-busy', 'true');
    const text = await box.stored();
    keep.removeAttribute('aria-busy');
    if (text === null) { box.editor?.view.focus(); return; }
    dialog.close();
    commit(name, text);
  };
  dialog.showModal();
  const box = new FormulaBox($('.pf-editor', dialog), model, { says: $('.pf-says', dialog), save });
  side(dialog, box);
  box.ready.then(() => box.editor.focus());
  keep.addEventListener('click', save);
  $('#pf-clear', dialog)?.addEventListener('click', () => { dialog.close(); commit(name, null); });
  dialog.addEventListener('close', () => { dialog.remove(); left(); if (opener?.isConnected) opener.focus(); else $(`[data-formula="${name}"] .pf-box`)?.focus(); });
}
