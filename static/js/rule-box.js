/** A field on the page, in the header or in a cell, that rules show, hide, lock and star. */
import { $, $$ } from './dom.js';
import { isMarked, mark } from './invalid.js';

const TYPED = 'input:not([type=checkbox], [type=radio], [type=file], [type=hidden]), textarea';
const CHOSEN = 'select, input[type=checkbox], input[type=radio], input[type=file], button:not(.why-open)';

/** What the boxes of a field hold, to put it back as it was. */
function read(controls) {
  return controls.map((box) => (box.type === 'checkbox' || box.type === 'radio' ? box.checked : box.multiple ? [...box.selectedOptions].map((option) => option.value) : box.value));
}

function write(controls, values) {
  controls.forEach((box, i) => {
    if (box.type === 'checkbox' || box.type === 'radio') box.checked = values[i] === true || values[i] === 'true';
    else if (box.multiple) for (const option of box.options) option.selected = values[i].includes(option.value);
    else box.value = values[i];
    if (isMarked(box)) mark(box, null);
  });
  const lookup = controls[0]?.closest('ref-lookup');
  if (lookup) lookup.input.dataset.shown = lookup.key ? lookup.input.value : '';
}

export class Box {
  /** `first` is what a new row begins with; null: what stands in the box now. */
  constructor(home, { isOpen, isRequired, first = null }) {
    Object.assign(this, { home, isOpen, isRequired, state: '', kept: null });
    // Files come and go as elements: they stay where they are and are only locked.
    this.controls = isOpen && !$('[data-upload]', home) ? $$('input:not([type=file]), select, textarea', home) : [];
    this.first = first === null ? read(this.controls) : this.controls.map((box) => (box.type === 'checkbox' ? first === 'true' : box.multiple ? [] : first));
  }

  /** Show it as the rules have it; true when that changed what it holds. Nothing is put into a row nobody has begun. */
  show({ isHidden, isLocked, isRequired, isIdle = false }) {
    const isShut = isHidden || isLocked, state = `${isHidden}${isLocked}${isRequired}`;
    if (state !== this.state) {
      const had = this.home.contains(document.activeElement);
      this.state = state;
      this.look(isHidden, isLocked, isRequired);
      if (had && !this.holdsFocus(isHidden)) this.leave();
    }
    if (isIdle) return false;
    return isShut ? this.shut() : this.reopen();
  }

  /** What is shut keeps what it had. What was typed over it waits; what the system filled in stays. */
  shut() {
    const now = read(this.controls), isFilled = this.controls.some((box) => box.dataset.auto !== undefined && box.dataset.auto === box.value);
    if (isFilled || JSON.stringify(now) === JSON.stringify(this.first)) return false;
    this.kept = now;
    write(this.controls, this.first);
    return true;
  }

  reopen() {
    if (!this.kept) return false;
    write(this.controls, this.kept);
    this.kept = null;
    return true;
  }

  look(isHidden, isLocked, isRequired) {
    const { home } = this, isCell = home.localName === 'td', isAsked = (this.isRequired || isRequired) && !isHidden;
    if (isCell) { home.classList.toggle('off', isHidden); home.inert = isHidden; } else home.hidden = isHidden;
    home.classList.toggle('is-shut', isLocked);
    $('ref-lookup', home)?.classList.toggle('is-ro', isLocked || !this.isOpen);
    if (isCell) home.classList.toggle('need', isRequired && !this.isRequired && !isHidden);
    else $('.lbl:not([aria-hidden])', home)?.classList.toggle('req', isAsked);
    if (!this.isOpen) return;
    for (const box of $$(TYPED, home)) {
      box.readOnly = isLocked || isHidden;
      if (isAsked) box.setAttribute('aria-required', 'true'); else box.removeAttribute('aria-required');
    }
    for (const box of $$(CHOSEN, home)) box.disabled = isLocked || isHidden;
    for (const area of $$('[contenteditable]', home)) area.setAttribute('contenteditable', String(!isLocked && !isHidden));
  }

  holdsFocus(isHidden) { return !isHidden && !document.activeElement.disabled && this.home.contains(document.activeElement); }

  /** Where the focus was is gone: on to the next box of the form, or back to the last one before it. */
  leave() {
    const root = this.home.closest('form'), boxes = $$(`${TYPED}, ${CHOSEN}`, root).filter((box) => box.offsetParent && !box.disabled && !box.readOnly && !box.closest('[inert]') && box.tabIndex >= 0);
    const next = boxes.find((box) => this.home.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING);
    (next ?? boxes.at(-1))?.focus();
  }
}
