/** Deciding about a document, in the inbox and on its page: phrases, dialogs of further acts, reasons, keys. */
import { $, $$, composing, el, icon } from './dom.js';
import './attachments.js';
import { t } from './texts.js';

const comment = () => $('#comment'), dialogOf = (code) => $(`dialog[data-deed=${code}]`);
const typing = (target) => target.closest?.('input:not(.ibx-ck), textarea, select, [contenteditable], dialog[open]');

/** What was begun below goes along into the dialog of another act. */
function carry(dialog) {
  const box = dialog && $('[data-comment]', dialog);
  if (box && !box.value) box.value = comment()?.value ?? '';
}

function open(dialog) {
  if (!dialog || dialog.open) return;
  carry(dialog);
  dialog.showModal();
  $('select, textarea, input[type=radio]', dialog)?.focus();
}

/** A reason is asked for where it is written; true when it is there. */
function hasReason(button) {
  const box = comment();
  if (!('wantsComment' in button.dataset) || !box || box.value.trim()) return true;
  box.setAttribute('aria-invalid', 'true');
  box.setAttribute('aria-describedby', 'comment-problem');
  if (!$('#comment-problem')) box.before(el('p', { class: 'err-msg', id: 'comment-problem', role: 'alert' }, icon('alert-circle'), t('need_comment')));
  box.focus();
  return false;
}

/** A box that grows with what is written in it. */
function grow(box) { box.rows = Math.min(5, box.value.split('\n').length + Math.floor(box.value.length / 60)); }

document.addEventListener('click', (event) => {
  const phrase = event.target.closest?.('[data-phrase]'), box = comment();
  if (phrase && box) {
    box.value = box.value.trim() ? `${box.value.trim()} ${phrase.dataset.phrase}` : phrase.dataset.phrase;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    box.focus();
  }
  const opener = event.target.closest?.('[data-dialog^=deed-], [data-dialog-code]');
  if (opener) open(opener.dataset.dialogCode ? dialogOf(opener.dataset.dialogCode) : document.getElementById(opener.dataset.dialog));
  const answer = event.target.closest?.('[data-answer]');
  if (answer && !hasReason(answer)) event.preventDefault();
  if (event.target.closest?.('dialog[data-deed] [data-dismiss]')) event.target.closest('dialog').close();
}, true);
document.addEventListener('input', ({ target }) => {
  if (target.id !== 'comment') return;
  target.removeAttribute('aria-invalid');
  target.removeAttribute('aria-describedby');
  $('#comment-problem')?.remove();
  grow(target);
});
document.addEventListener('submit', ({ target }) => { if (target.closest?.('dialog[data-deed]')?.dataset.deed === 'stash') target.closest('dialog').close(); });

/** Press an answer by its key; rejecting begins with the reason. */
function press(key) {
  const button = $(`[data-answer][aria-keyshortcuts=${key}]`);
  if (button && button.getAttribute('aria-busy') !== 'true') button.click();
  return Boolean(button);
}

document.addEventListener('keydown', (event) => {
  if (composing(event)) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.id === 'comment') {
    event.preventDefault();
    event.stopImmediatePropagation();
    press('a');
    return;
  }
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const isOurs = { a: () => press('a'), r: () => press('r'), b: () => { open(dialogOf('send_back')); return true; } }[event.key];
  if (isOurs && $('#comment') && isOurs()) event.preventDefault();
});

// A refusal closes the dialog it came from: it is read on the page, and what was typed is still in it.
document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
  if (ctx?.sourceElement?.closest?.('dialog[data-deed]')) for (const each of $$('dialog[data-deed][open]')) each.close();
});
