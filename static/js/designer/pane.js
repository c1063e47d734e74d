/** Panes of a phone: one at a time. */
import { $, $$ } from '../dom.js';
import { at, selected } from './studio.js';

/** Show one pane where there is room for one only. */
export function pane(name) {
  $('.dz').dataset.pane = name;
  for (const each of $$('.dz-tabs [data-pane]')) each.toggleAttribute('aria-current', false);
  $(`.dz-tabs [data-pane=${name}]`)?.setAttribute('aria-current', 'true');
  if (name === 'canvas') at(selected().path)?.scrollIntoView({ block: 'nearest' });
  document.dispatchEvent(new CustomEvent('designer:placed'));
}
