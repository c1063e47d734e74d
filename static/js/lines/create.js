/**
 * F2: a record that is lacking is made in a window of its own, and comes back into the box that asked for it.
 *
 * The window is an ordinary form with every field and rule it has; it remembers who asked, and once the
 * record is saved it says so and closes.
 */
import { toast } from '../dom.js';
import { t } from '../texts.js';

const CHANNEL = 'dajian:created', ASKED = 'dajian:into';
const asking = new Map();
let channel = null;

/** Open the form of a new record; `given` is what it begins with, by field. */
export function startCreating(lookup, given = {}) {
  const into = crypto.randomUUID?.() ?? String(Math.random()).slice(2), address = new URL(lookup.dataset.create, location.href);
  address.searchParams.set('into', into);
  for (const [code, text] of Object.entries(given)) address.searchParams.set(`with.${code}`, text);
  asking.set(into, lookup);
  if (!channel) {
    channel = new BroadcastChannel(CHANNEL);
    channel.addEventListener('message', ({ data }) => { const box = asking.get(data.into); if (box) come(box, data); });
  }
  // Its opener is left out of it: the two know each other by the channel alone.
  open(address, `dajian-${into.slice(0, 8)}`, 'popup,width=1040,height=800');
}

async function come(box, { into, id }) {
  asking.delete(into);
  const address = new URL(box.dataset.url, location.href);
  address.searchParams.set('id', id);
  const answer = await fetch(address, { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
  const row = answer.ok ? (await answer.json()).rows[0] : null;
  if (!row || !box.isConnected) return;
  box.choose(row, { isLate: true });
  box.input.focus();
  toast(t('created', { name: row.label }));
}

// In the window that was opened: remember who asked, and tell them once there is something to tell.
const asked = new URLSearchParams(location.search).get('into');
if (asked) sessionStorage.setItem(ASKED, asked);
const into = sessionStorage.getItem(ASKED), [, id] = location.pathname.match(/\/(\d+)$/) ?? [];
if (into && id) {
  sessionStorage.removeItem(ASKED);
  new BroadcastChannel(CHANNEL).postMessage({ into, id: Number(id) });
  close();
}
