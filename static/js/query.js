/** Live lists: records of another form that fit what is filled in here; asked again when that changes. */
import { $, $$ } from './dom.js';
import { t } from './texts.js';

const PAUSE = 300;
const form = $('form#document');

/** What the record says in a field: as it is typed, else as it was saved. */
function valueOf(code, given) {
  const box = form?.elements[code];
  return box ? box.value : given.get(code) ?? '';
}

async function ask(list) {
  const given = new URLSearchParams(list.dataset.given), asked = new URLSearchParams();
  for (const code of list.dataset.asks.split(' ')) asked.set(code, valueOf(code, given));
  const address = `${list.dataset.query}?${asked}`;
  if (list.dataset.last === address) return;
  list.dataset.last = address;
  try {
    const answer = await fetch(address, { credentials: 'same-origin' });
    const text = await answer.text();
    if (list.dataset.last !== address) return;
    if (!answer.ok) throw new Error(answer.status);
    list.replaceChildren(document.createRange().createContextualFragment(text));
  } catch { list.textContent = t('lookup_failed'); }
}

const lists = $$('[data-query]');
for (const list of lists) ask(list);
let timer = 0;
const again = () => { clearTimeout(timer); timer = setTimeout(() => { for (const list of lists) ask(list); }, PAUSE); };
if (lists.length) for (const name of ['change', 'ref:chosen']) form?.addEventListener(name, again);
