/**
 * The formula editor: CodeMirror inside a shadow root, where its style sheets break no policy.
 *
 * The text holds fields as `{id}`; each shows as one piece with the field's name, so a rename changes
 * what is read and never what is stored.
 */
import {
  Decoration, EditorState, EditorView, StateEffect, Transaction, ViewPlugin, WidgetType, acceptCompletion, autocompletion,
  bracketMatching, closeBrackets, closeBracketsKeymap, completionStatus, defaultKeymap, drawSelection, history, historyKeymap, insertBracket,
  keymap, placeholder, setDiagnostics, startCompletion,
} from '../../vendor/codemirror.js';

const TOKEN = /(?<text>["“”＂](?:[^"“”＂])*(?:["“”＂]|$))|(?<field>[{｛][^{}｛｝\n]*[}｝])|(?<call>[\p{L}_][\p{L}\p{N}_.]*)(?=\s*[(（])|(?<name>[\p{L}_][\p{L}\p{N}_.]*)|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<sign>[-+*/^%&=<>≠≤≥]+)/gu;
const FULL = '（），．＋－＊／＾％＆＝＜＞｛｝×÷−', HALF = '(),.+-*/^%&=<>{}*/-';
const redraw = StateEffect.define();

/** The pieces of a formula with their kind; what stands in quotes is left alone. */
function* tokens(text) {
  for (const found of text.matchAll(TOKEN)) {
    const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
    yield { kind, text: found[0], from: found.index, to: found.index + found[0].length };
  }
}

/** What a Chinese keyboard wrote full-width, as it is meant; one character for one, so the caret stays. */
function normalised(text) {
  const changes = [];
  let isInText = false;
  [...text.matchAll(/[\s\S]/g)].forEach(({ 0: sign, index }) => {
    if ('“”＂'.includes(sign)) {
      // An unfinished text ends with the next quote of any kind.
      if (!isInText || !text.slice(index + 1).includes('"')) { changes.push({ from: index, to: index + 1, insert: '"' }); isInText = !isInText; }
    } else if (sign === '"') isInText = !isInText;
    else if (!isInText && FULL.includes(sign)) changes.push({ from: index, to: index + 1, insert: HALF[FULL.indexOf(sign)] });
  });
  return changes;
}

class Chip extends WidgetType {
  constructor(label, hint, isKnown) { super(); this.label = label; this.hint = hint; this.isKnown = isKnown; }

  eq(other) { return other.label === this.label && other.hint === this.hint && other.isKnown === this.isKnown; }

  toDOM() {
    const made = document.createElement('span');
    made.className = this.isKnown ? 'fx-chip' : 'fx-chip fx-chip-off';
    made.textContent = this.label;
    made.title = this.hint;
    return made;
  }

  ignoreEvent() { return false; }
}

const LOOK = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--field-bg)', fontSize: '15px', borderRadius: 'var(--r2)', border: '1px solid var(--field-line)' },
  '&.cm-focused': { outline: 'none', borderColor: 'var(--a500)', boxShadow: 'var(--focus)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.9', overflow: 'auto', maxHeight: '46vh' },
  '.cm-content': { padding: '10px 0', minHeight: '108px', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 14px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--ink-3)', fontFamily: 'var(--font)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'var(--a100)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--a100)', outline: 'none' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--a100)' },
  '.fx-chip': { display: 'inline-block', padding: '0 7px', margin: '0 1px', borderRadius: 'var(--r1)', border: '1px solid var(--accent-line)', backgroundColor: 'var(--accent-bg)', color: 'var(--accent-ink)', fontFamily: 'var(--font)', fontSize: '13px', fontWeight: '500', lineHeight: '22px', cursor: 'default' },
  '.fx-chip-off': { borderColor: 'var(--err-line)', backgroundColor: 'var(--err-bg)', color: 'var(--err-ink)' },
  '.fx-call': { color: 'var(--vio-ink)', fontWeight: '600' },
  '.fx-number': { color: 'var(--warn-ink)' },
  '.fx-string': { color: 'var(--ok-ink)' },
  '.fx-sign': { color: 'var(--ink-2)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--err) 1.5px', textUnderlineOffset: '5px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1.5px', textUnderlineOffset: '5px' },
  '.cm-lintRange-active': { backgroundColor: 'var(--err-bg)' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--ink)', border: '0', borderRadius: 'var(--r3)', boxShadow: 'var(--sh-3)', overflow: 'hidden', zIndex: '60' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font)', fontSize: '14px', maxHeight: '312px', maxWidth: 'min(560px, calc(100vw - 24px))', padding: '5px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', alignItems: 'center', gap: '14px', padding: '6px 10px', borderRadius: 'var(--r2)', lineHeight: '20px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--a50)', color: 'var(--ink)', boxShadow: 'inset 3px 0 0 var(--a500)' },
  '.cm-completionLabel': { flex: '1 1 auto', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionDetail': { flex: 'none', marginLeft: '0', fontStyle: 'normal', fontSize: '12px', color: 'var(--ink-3)', maxWidth: '46%', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-tooltip.cm-completionInfo': { padding: '10px 12px', maxWidth: '320px', fontFamily: 'var(--font)', fontSize: '13px', lineHeight: '20px', overflow: 'auto' },
  '.cm-diagnostic': { padding: '8px 12px', fontFamily: 'var(--font)', fontSize: '13px', borderLeft: '3px solid var(--err)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
});

/** A letter over a selection: left to itself the browser writes the styles of chips into the text, which the policy forbids. */
function over(event, view) {
  if (event.inputType !== 'insertText' || !event.data || view.composing || view.state.selection.main.empty) return false;
  event.preventDefault();
  const { from, to } = view.state.selection.main;
  const plainly = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handler) => handler(view, from, to, event.data, plainly))) view.dispatch(plainly());
  return true;
}

export class FormulaEditor {
  /** `host` gets a shadow root; `on` has change, save, help; `names` is read anew at each use. */
  constructor(host, { text, label, hint, names, on }) {
    this.names = names;
    this.values = new Map();
    this.on = on;
    const root = host.attachShadow({ mode: 'open' });
    const home = document.createElement('div');
    root.append(home);
    this.view = new EditorView({ root, parent: home, state: EditorState.create({ doc: text, extensions: this.extensions(label, hint) }) });
    this.tidy();
  }

  get text() { return this.view.state.doc.toString(); }

  extensions(label, hint) {
    const key = (run) => () => { run(); return true; };
    return [
      history(), drawSelection(), bracketMatching(), closeBrackets(), EditorView.lineWrapping, LOOK, placeholder(hint),
      EditorState.languageData.of(() => [{ closeBrackets: { brackets: ['('] } }]),
      EditorView.contentAttributes.of({ 'aria-label': label, 'aria-multiline': 'true', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
      autocompletion({ override: [(context) => this.complete(context)], icons: false, activateOnTypingDelay: 0, interactionDelay: 0, maxRenderedOptions: 40 }),
      keymap.of([
        { key: 'Tab', run: acceptCompletion },
        { key: 'F1', run: key(() => this.on.help(this.functionAt())), preventDefault: true },
        { key: 'Mod-s', run: key(() => this.on.save()), preventDefault: true },
        { key: 'Mod-Enter', run: key(() => this.on.save()) },
        { key: 'Ctrl-Space', run: startCompletion },
        ...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap,
      ]),
      this.pieces(),
      EditorView.inputHandler.of((view, from, to, text) => this.typed(view, from, to, text)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged || update.selectionSet) this.on.move(this.functionAt());
        if (update.docChanged) { this.on.change(this.text); if (!this.view.composing) setTimeout(() => this.tidy()); }
      }),
      EditorView.domEventHandlers({ beforeinput: over, compositionend: () => { setTimeout(() => this.tidy()); } }),
    ];
  }

  /** Fields as one piece each, and colours for the rest. */
  pieces() {
    const editor = this;
    return ViewPlugin.fromClass(class {
      constructor(view) { this.draw(view); }

      update(update) {
        if (update.docChanged || update.transactions.some((each) => each.effects.some((effect) => effect.is(redraw)))) this.draw(update.view);
      }

      draw(view) {
        const all = [], chips = [], classes = { text: 'fx-string', call: 'fx-call', number: 'fx-number', sign: 'fx-sign' };
        for (const token of tokens(view.state.doc.toString())) {
          if (token.kind === 'field') {
            const chip = Decoration.replace({ widget: editor.chip(token.text) }).range(token.from, token.to);
            all.push(chip);
            chips.push(chip);
          } else if (classes[token.kind]) all.push(Decoration.mark({ class: classes[token.kind] }).range(token.from, token.to));
        }
        this.decorations = Decoration.set(all);
        this.chips = Decoration.set(chips);
      }
    }, {
      decorations: (plugin) => plugin.decorations,
      provide: (plugin) => EditorView.atomicRanges.of((view) => view.plugin(plugin)?.chips ?? Decoration.none),
    });
  }

  chip(stored) {
    const known = this.names().byStored.get(stored), value = this.values.get(stored);
    const hint = [known?.code, known?.typeText ?? known?.type_text, value && `= ${value}`].filter(Boolean).join(' · ');
    return new Chip(known?.label ?? stored.slice(1, -1), hint, Boolean(known));
  }

  redraw() { this.view.dispatch({ effects: redraw.of(null) }); }

  show(values) {
    this.values = values;
    this.redraw();
  }

  /** A full-width bracket that is typed opens and closes like any other. */
  typed(view, from, to, text) {
    const place = '（）'.indexOf(text);
    if (view.composing || text.length !== 1 || place < 0 || this.isInText(from)) return false;
    const half = '()'[place], made = insertBracket(view.state, half);
    view.dispatch(made ?? { changes: { from, to, insert: half }, selection: { anchor: from + 1 }, userEvent: 'input.type' });
    return true;
  }

  /** Whether a place stands within quotes. */
  isInText(place) { return (this.text.slice(0, place).match(/["“”＂]/g) ?? []).length % 2 === 1; }

  /** Full-width signs become the ones that are meant, unless a word is still being composed. */
  tidy() {
    if (this.view.composing) return;
    const changes = normalised(this.text);
    if (changes.length) this.view.dispatch({ changes });
  }

  complete(context) {
    if (this.isInText(context.pos)) return null;
    const word = context.matchBefore(/[{｛][^{}｛｝]*$|[\p{L}_][\p{L}\p{N}_.]*$/u);
    if (!word && !context.explicit) return null;
    const from = word ? word.from : context.pos, typed = (word?.text ?? '').replace(/^[{｛]/, '');
    const options = this.names().complete(typed).map(({ kind, each }) => (kind === 'field' ? this.fieldOption(each) : this.functionOption(each)));
    return options.length ? { from, options, filter: false } : null;
  }

  fieldOption(field) {
    const where = [field.code, field.type_text].filter(Boolean).join(' · ');
    return { label: field.label, detail: where, apply: (_view, _option, from, to) => this.replace(field.stored, from, to) };
  }

  functionOption(each) {
    return {
      label: each.name, detail: each.signature.slice(each.name.length), info: () => {
        const made = document.createElement('div');
        made.textContent = each.help;
        return made;
      }, apply: (_view, _option, from, to) => this.replaceCall(each.name, from, to),
    };
  }

  replace(text, from, to, caret = text.length) {
    this.view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + caret }, userEvent: 'input.complete', scrollIntoView: true });
  }

  replaceCall(name, from, to) {
    const isOpen = /^\s*[(（]/.test(this.text.slice(to));
    this.replace(isOpen ? name : `${name}()`, from, to, name.length + (isOpen ? 0 : 1));
  }

  /** Put a field or a call where the caret is; what was selected goes into the call. */
  insertField(stored) {
    const { from, to } = this.view.state.selection.main;
    this.replace(stored, from, to);
    this.view.focus();
  }

  insertCall(name) {
    const { from, to } = this.view.state.selection.main, inner = this.view.state.sliceDoc(from, to);
    this.replace(`${name}(${inner})`, from, to, name.length + 1 + inner.length);
    this.view.focus();
  }

  /** The function under the caret, or the one whose brackets are round it. */
  functionAt() {
    const at = this.view.state.selection.main.head, open = [];
    let under = null;
    for (const token of tokens(this.text)) if (token.kind === 'call' && token.from <= at && at <= token.to) under = token.text;
    if (under) return under;
    let name = null;
    for (const token of this.text.slice(0, at).matchAll(/([\p{L}_][\p{L}\p{N}_.]*)?\s*([(（])|[)）]/gu)) {
      if (token[2]) open.push(token[1] ?? null); else open.pop();
    }
    while (open.length && !name) name = open.pop();
    return name;
  }

  /** Underline what the server found wrong, and turn names that were typed into fields. */
  mark(answer) {
    const length = this.view.state.doc.length, at = places(this.text);
    const problems = answer.problems.map((each) => {
      const from = Math.min(at(each.span[0]), length), to = Math.min(at(each.span[1]), length);
      // What is missing at the end is marked at the last sign there is.
      return { from: from === to ? Math.max(0, from - 1) : from, to, severity: each.warning ? 'warning' : 'error', message: each.text };
    });
    this.view.dispatch(setDiagnostics(this.view.state, problems));
    this.names().learn(answer.reads ?? []);
    const caret = this.view.hasFocus ? this.view.state.selection.main : { from: -1, to: -1 };
    const changes = (answer.reads ?? []).map((each) => ({ from: at(each.span[0]), to: at(each.span[1]), insert: each.stored }))
      .filter((each) => this.view.state.sliceDoc(each.from, each.to) !== each.insert && (caret.to < each.from || caret.from > each.to));
    if (changes.length && !this.view.composing) this.view.dispatch({ changes, annotations: Transaction.addToHistory.of(false) });
    else this.redraw();
  }

  /** Whether somebody is still choosing a name here. */
  isChoosing(span) {
    const at = places(this.text), caret = this.view.state.selection.main.head;
    return completionStatus(this.view.state) !== null && at(span[0]) <= caret && caret <= at(span[1]);
  }

  select(span) {
    const at = places(this.text);
    this.view.dispatch({ selection: { anchor: at(span[0]), head: at(span[1]) }, scrollIntoView: true });
    this.view.focus();
  }

  replaceSpan(span, text) {
    const at = places(this.text);
    this.replace(text, at(span[0]), at(span[1]));
    this.view.focus();
  }

  focus() {
    this.view.dispatch({ selection: { anchor: this.view.state.doc.length } });
    this.view.focus();
  }
}

/** The server counts characters, the browser counts halves of the rare ones. */
function places(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (place) => place;
  const characters = [...text];
  return (place) => characters.slice(0, place).join('').length;
}

