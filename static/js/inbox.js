/** The inbox by keyboard: j and k walk, a approves, r asks for a reason and rejects. */
import { $, $$, composing } from './dom.js';

const typing = (target) => target.closest?.('input, textarea, select, dialog[open]');

function walk(step) {
  const items = $$('.ibx-list [data-item]'), at = items.findIndex((each) => each.getAttribute('aria-current') === 'true');
  const next = items[at + step];
  if (next) { next.click(); next.focus(); next.scrollIntoView({ block: 'nearest' }); }
}

/** Reject wants a reason first: without one the cursor goes where it is written. */
function reject() {
  const comment = $('#comment');
  if (!comment) return;
  if (comment.value.trim()) $('#decision button[value=reject]').click();
  else comment.focus();
}

document.addEventListener('keydown', (event) => {
  if (composing(event) || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const acts = { j: () => walk(1), k: () => walk(-1), ArrowDown: () => walk(1), ArrowUp: () => walk(-1), a: () => $('#decision button[value=approve]')?.click(), r: reject };
  if (!(event.key in acts)) return;
  if (event.key.startsWith('Arrow') && !event.target.closest?.('.ibx-list')) return;
  event.preventDefault();
  acts[event.key]();
});
