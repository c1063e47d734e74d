/** After a region was drawn again: controls show what the server says, not what was once clicked. */
import { $$ } from '../dom.js';

function choose(select) {
  const at = [...select.options].findIndex((option) => option.defaultSelected);
  select.selectedIndex = Math.max(at, 0);
}

/** A morph changes attributes; what somebody ticked or typed before is a property, and stays. */
export function settle(root) {
  for (const box of $$('input, select, textarea', root)) {
    // A question of the reader's own is no part of the draft; what a morph leaves alone is whoever made it's.
    if (box.closest('[data-own], [hx-morph-skip]')) continue;
    if (box.tagName === 'SELECT') choose(box);
    else if (box.type === 'checkbox') box.checked = box.defaultChecked;
    else if (box.type !== 'search' && box !== document.activeElement) box.value = box.defaultValue;
  }
}
