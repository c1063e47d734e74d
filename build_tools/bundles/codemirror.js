// What the formula editor takes of CodeMirror; `make install` bundles it into static/vendor.
export { EditorState, StateEffect, StateField, Transaction } from '@codemirror/state';
export { Decoration, EditorView, ViewPlugin, WidgetType, drawSelection, hoverTooltip, keymap, placeholder } from '@codemirror/view';
export { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionStatus, insertBracket, startCompletion } from '@codemirror/autocomplete';
export { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
export { bracketMatching } from '@codemirror/language';
export { setDiagnostics } from '@codemirror/lint';
