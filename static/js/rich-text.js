/** Text with emphasis and lists: a box one writes into, a bar of buttons, and the text area that is posted. */
import { $, $$, composing, elementsOf } from './dom.js';

const BLOCKS = { h3: 'h3', blockquote: 'blockquote' };

class RichText extends HTMLElement {
  connectedCallback() {
    this.edit = $('.rich-edit', this);
    this.area = $('textarea', this);
    if (!this.edit) return;
    document.execCommand('defaultParagraphSeparator', false, 'p');
    document.execCommand('styleWithCSS', false, false);
    this.edit.addEventListener('focus', () => this.begin());
    this.edit.addEventListener('blur', () => { if (!this.edit.textContent.trim()) this.edit.replaceChildren(); });
    this.edit.addEventListener('input', () => this.write());
    this.edit.addEventListener('paste', (event) => this.paste(event));
    this.edit.addEventListener('drop', (event) => event.preventDefault());
    this.edit.addEventListener('keyup', () => this.show());
    this.edit.addEventListener('mouseup', () => this.show());
    this.area.addEventListener('focus', () => this.edit.focus());
    this.area.form?.addEventListener('form:restored', () => { this.edit.replaceChildren(...elementsOf(this.area.value)); });
    const bar = $('.rich-bar', this), tools = $$('button', bar);
    tools[0].tabIndex = 0;
    // The selection must stay in the text while a button is pressed.
    bar.addEventListener('mousedown', (event) => event.preventDefault());
    bar.addEventListener('click', (event) => { const tool = event.target.closest('button'); if (tool) this.run(tool.dataset.command); });
    bar.addEventListener('keydown', (event) => this.step(event, tools));
    $('[data-link]', this).addEventListener('click', () => this.link());
    $('[data-address]', this).addEventListener('keydown', (event) => {
      if (composing(event)) return;
      if (event.key === 'Enter') { event.preventDefault(); event.stopPropagation(); this.link(); }
      if (event.key === 'Escape') { event.preventDefault(); this.close(); }
    });
  }

  /** What is written first stands in a paragraph like everything after it. */
  begin() {
    if (this.edit.textContent.trim() || this.edit.children.length) return;
    const first = document.createElement('p');
    first.append(document.createElement('br'));
    this.edit.replaceChildren(first);
    getSelection().collapse(first, 0);
  }

  /** The server takes what begins with the tag of a block for written here, anything else for plain text. */
  html() {
    const { innerHTML } = this.edit;
    return /^\s*<(p|div|h3|h4|ul|ol|blockquote|pre)[\s>]/i.test(innerHTML) ? innerHTML : `<div>${innerHTML}</div>`;
  }

  write() {
    this.area.value = this.edit.textContent.trim() ? this.html() : '';
    this.area.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** Words alone: what other programs put beside them would be taken out by the server anyway. */
  paste(event) {
    event.preventDefault();
    document.execCommand('insertText', false, event.clipboardData.getData('text/plain'));
  }

  run(command) {
    if (command === 'link') { this.open(); return; }
    if (document.activeElement !== this.edit) this.edit.focus();
    if (BLOCKS[command]) {
      const isOn = document.queryCommandValue('formatBlock') === BLOCKS[command];
      document.execCommand('formatBlock', false, isOn ? 'p' : BLOCKS[command]);
    } else document.execCommand(command, false);
    this.write();
    this.show();
  }

  /** Which buttons hold where the cursor stands. */
  show() {
    for (const tool of $$('.rich-bar button', this)) {
      const { command } = tool.dataset;
      if (['link', 'removeFormat'].includes(command)) continue;
      const isOn = BLOCKS[command] ? document.queryCommandValue('formatBlock') === BLOCKS[command] : document.queryCommandState(command);
      tool.setAttribute('aria-pressed', String(isOn));
    }
  }

  step(event, tools) {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (composing(event) || !way) return;
    event.preventDefault();
    const at = tools.indexOf(document.activeElement), next = tools[(at + way + tools.length) % tools.length];
    tools[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  open() {
    const selection = getSelection();
    this.range = selection.rangeCount && this.edit.contains(selection.anchorNode) ? selection.getRangeAt(0).cloneRange() : null;
    $('.rich-link', this).hidden = false;
    $('[data-address]', this).focus();
  }

  close() {
    $('.rich-link', this).hidden = true;
    this.edit.focus();
  }

  link() {
    const box = $('[data-address]', this), typed = box.value.trim();
    const address = /^[a-z]+:/i.test(typed) ? typed : `https://${typed}`;
    this.close();
    if (!typed || !/^(https?|mailto|tel):/i.test(address)) return;
    if (this.range) { const selection = getSelection(); selection.removeAllRanges(); selection.addRange(this.range); }
    if (!this.range || this.range.collapsed) {
      document.execCommand('insertText', false, typed);
      getSelection().modify('extend', 'backward', 'word');
      const range = getSelection().getRangeAt(0), node = range.endContainer;
      range.setStart(node, Math.max(0, range.endOffset - typed.length));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    document.execCommand('createLink', false, address);
    box.value = '';
    this.write();
  }
}

customElements.define('rich-text', RichText);
