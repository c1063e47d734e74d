/** The conditions of a view: rows and groups of rows, read from JSON and written as it. */
import { $, el, icon } from '../dom.js';

const NUMBERS = /^(number|money|quantity|percent|rating|duration)$/;
const DATES = /^(date|datetime)$/;
const SEVERAL = /^(any_of|none_of|has_any)$/;

/** Conditions in `host`; `model` is what may be asked, `say` the texts of the dialog. */
export class Where {
  constructor(host, model, say) {
    Object.assign(this, { host, model, say });
    this.asked = new Map(model.asked.map((each) => [each.path, each]));
    const { where } = model, isGroup = where.all || where.any;
    host.append(this.group(isGroup ? where : { all: Object.keys(where).length ? [where] : [] }, true));
  }

  /* Drawing. */

  group(node, isRoot = false) {
    const join = node.all ? 'all' : node.any ? 'any' : node.not.any ? 'none' : 'notall';
    const parts = node.all ?? node.any ?? node.not.any ?? node.not.all;
    const words = { all: this.say.sayAll, any: this.say.sayAny, ...(isRoot ? {} : { none: this.say.sayNone, notall: this.say.sayNotall }) };
    const rows = el('ul', { class: 'vw-rows' }), more = (text, kind, run) => el('button', { type: 'button', class: 'btn btn-sm', 'data-more': kind, onclick: run }, icon('plus', 'ic-14'), text);
    const made = el('div', { class: isRoot ? 'vw-group vw-root' : 'vw-group', 'data-group': '' },
      el('select', { class: 'inp vw-join', 'aria-label': this.say.sayJoin, 'data-join': '' }, Object.entries(words).map(([value, text]) => el('option', { value, selected: value === join }, text))),
      rows,
      el('div', { class: 'row' },
        more(this.say.sayMore, 'row', () => { const row = this.row(null); rows.append(row); this.settle(made); $('select', row).focus(); }),
        isRoot ? more(this.say.sayGroup, 'group', () => { const inner = this.item(this.group({ any: [] }), this.say.sayDropgroup); rows.append(inner); $('[data-more=row]', inner).click(); this.settle(made); }) : ''));
    for (const each of parts) rows.append(this.part(each));
    this.settle(made);
    return made;
  }

  part(node) {
    if (node.all || node.any || node.not?.any || node.not?.all) return this.item(this.group(node), this.say.sayDropgroup);
    if (node.not?.field) return this.item(this.group({ not: { any: [node.not] } }), this.say.sayDropgroup);
    const known = this.asked.get(node.field), operator = known?.operators.some(([code]) => code === node.op);
    if (known && operator) return this.row(node);
    // What this sheet cannot ask stays as it is until somebody takes it out.
    const kept = el('code', { class: 'grow vw-kept' }, JSON.stringify(node));
    kept.dataset.kept = JSON.stringify(node);
    return this.item(kept, this.say.sayDrop);
  }

  item(inner, text) {
    return el('li', { class: 'vw-item' }, inner, this.drop(text));
  }

  drop(text) {
    return el('button', { type: 'button', class: 'btn btn-ghost btn-icon', 'aria-label': text, title: text, onclick: ({ target }) => {
      const row = target.closest('li'), group = row.parentElement.closest('[data-group]');
      row.remove();
      this.settle(group);
      $('[data-more=row]', group).focus();
    } }, icon('x', 'ic-16'));
  }

  row(leaf) {
    const choice = (each) => el('option', { value: each.path, selected: each.path === leaf?.field }, each.label);
    const own = this.model.asked.filter((each) => !each.group), names = [...new Set(this.model.asked.map((each) => each.group))].filter(Boolean);
    const field = el('select', { class: 'inp', 'aria-label': this.say.sayField, 'data-part': 'field' }, el('option', { value: '' }, this.say.sayField), own.map(choice),
      names.map((name) => el('optgroup', { label: name }, this.model.asked.filter((each) => each.group === name).map(choice))));
    const made = el('li', { class: 'vw-row' }, field, el('select', { class: 'inp', 'aria-label': this.say.sayOperator, 'data-part': 'operator' }), el('span', { class: 'vw-value', 'data-part': 'value' }), this.drop(this.say.sayDrop));
    field.addEventListener('change', () => this.operators(made, null));
    $('[data-part=operator]', made).addEventListener('change', () => this.value(made, []));
    this.operators(made, leaf);
    return made;
  }

  operators(row, leaf) {
    const known = this.asked.get($('[data-part=field]', row).value), box = $('[data-part=operator]', row);
    box.replaceChildren(...(known?.operators ?? []).map(([code, text]) => el('option', { value: code, selected: code === leaf?.op }, text)));
    box.hidden = !known;
    this.value(row, leaf?.values ?? []);
  }

  value(row, values) {
    const known = this.asked.get($('[data-part=field]', row).value), operator = $('[data-part=operator]', row).value;
    $('[data-part=value]', row).replaceChildren(...(known ? this.boxes(known, operator, values) : []));
  }

  boxes(known, operator, values) {
    if (this.model.bare.includes(operator)) return [];
    if (operator === 'relative') return this.spans(values);
    if (SEVERAL.test(operator) && known.options.length) return [el('span', { class: 'vw-opts', role: 'group', 'aria-label': this.say.sayValue }, known.options.map(([value, text]) => el('label', { class: 'pp-check' }, el('input', { type: 'checkbox', class: 'ck', value, checked: values.includes(value) }), text)))];
    const box = (at, text) => el('input', { class: 'inp', type: DATES.test(known.kind) ? 'date' : 'text', inputmode: NUMBERS.test(known.kind) ? 'decimal' : null, autocomplete: 'off', maxlength: '200', 'aria-label': text, value: values[at] ?? '' });
    return operator === 'between' ? [box(0, this.say.sayValue), box(1, this.say.sayUntil)] : [box(0, this.say.sayValue)];
  }

  spans(values) {
    const days = el('input', { class: 'inp num', inputmode: 'numeric', value: values[1] ?? '7', 'aria-label': this.say.sayDays });
    const span = el('select', { class: 'inp', 'aria-label': this.say.sayValue }, this.model.spans.map(([code, text]) => el('option', { value: code, selected: code === values[0] }, text)));
    const told = () => { days.hidden = !this.model.counted.includes(span.value); };
    span.addEventListener('change', told);
    told();
    return [span, days];
  }

  /** How the conditions of a group join matters from the second on, or where it turns them round. */
  settle(group) {
    const join = $('[data-join]', group), count = $('.vw-rows', group).children.length;
    join.hidden = group.classList.contains('vw-root') ? count < 2 : !count;
  }

  /* Reading. */

  /** The conditions as JSON; null while one of them is not filled in (and it gets the focus). */
  read() {
    try {
      const found = this.readGroup($('.vw-root', this.host));
      return found ?? {};
    } catch (place) {
      if (!(place instanceof Element)) throw place;
      place.focus();
      return null;
    }
  }

  readGroup(group) {
    const parts = [...$('.vw-rows', group).children].map((row) => this.readPart(row)).filter(Boolean);
    if (!parts.length) return null;
    const join = $('[data-join]', group).value;
    if (join === 'none') return { not: { any: parts } };
    if (join === 'notall') return { not: { all: parts } };
    return { [join]: parts };
  }

  readPart(row) {
    const kept = $('[data-kept]', row), inner = $('[data-group]', row);
    if (inner) return this.readGroup(inner);
    if (kept) return JSON.parse(kept.dataset.kept);
    const field = $('[data-part=field]', row), operator = $('[data-part=operator]', row).value;
    if (!field.value) throw field;
    const values = this.readValues(row, operator);
    return { field: field.value, op: operator, ...(values.length ? { values } : {}) };
  }

  readValues(row, operator) {
    const box = $('[data-part=value]', row);
    if (this.model.bare.includes(operator)) return [];
    if ($('.vw-opts', box)) {
      const ticked = [...box.querySelectorAll('input:checked')].map((each) => each.value);
      if (!ticked.length) throw $('input', box);
      return ticked;
    }
    const boxes = [...box.querySelectorAll('input, select')].filter((each) => !each.hidden);
    const empty = boxes.find((each) => !each.value.trim());
    if (empty) throw empty;
    return boxes.map((each) => each.value.trim());
  }
}
