/** Which boxes and rows somebody has been in, from the start of the page; checks that come later ask it. */
import { $ } from './dom.js';

export const BOX = 'input:not([type=hidden]), select, textarea';
export const left = new WeakSet();

let last = null;

/** The box that was left last. */
export const lastLeft = () => last;

$('form#document')?.addEventListener('focusout', ({ target }) => {
  if (!target.matches?.(BOX) || target.readOnly) return;
  left.add(target);
  const row = target.closest('line-grid tbody tr');
  if (row) left.add(row);
  last = target;
});
