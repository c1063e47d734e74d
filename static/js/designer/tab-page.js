/** What the tabs beside the canvas share: every change goes to the draft, and the tab is drawn again. */
import { $ } from '../dom.js';
import { settle } from './settle.js';
import { model } from './tab-model.js';
import { send } from './studio.js';

export const form = model.form;

/** Draw the tab again as the draft has it now; where one is, stays. */
export async function redrawn(of = location.href) {
  const answer = await fetch(of, { headers: { 'HX-Request': 'true', 'HX-Request-Type': 'full' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok) return;
  const body = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('tab-body');
  if (body) await window.htmx.swap({ text: body.innerHTML, sourceElement: $('#tab-body'), target: $('#tab-body'), swap: 'innerMorph' });
  settle($('#tab-body'));
  document.dispatchEvent(new CustomEvent('tab:drawn'));
}

/** Send operations; the answer to them is the tab drawn again, refused or not. */
export const change = (...ops) => send(ops);

document.addEventListener('designer:changed', () => redrawn());
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close('');
});
