/** The queue: scans are kept first, sent in order, and let go when the server has said what became of them. */
import { Offline, Refusal, SignedOut, ask, start } from './net.js';
import { readAll, scansOf, settle, write } from './store.js';
import { differences } from './tally.js';

const BATCH = 100, SLOWEST = 60000;
let pause = 2000, timer = 0, running = null, again = false;

/** How the queue stands: `state` is online, offline, sending or signed_out. */
export const standing = { state: 'online', user: null, forms: [] };
const tellers = new Set();
export const onChange = (teller) => tellers.add(teller);

function tell(state) {
  standing.state = state;
  for (const teller of tellers) teller();
}

/** Send what waits, now; a call while it is sending lets it look again at the end. */
export function send() {
  clearTimeout(timer);
  if (running) { again = true; return running; }
  running = sendAll().finally(() => { running = null; if (again) { again = false; send(); } });
  return running;
}

async function sendAll() {
  try {
    const found = await start();
    Object.assign(standing, { user: found.user, forms: found.forms });
    await write('meta', found, 'start');
    tell('sending');
    const mine = (await readAll('scans')).filter((scan) => scan.user === found.user.id);
    for (const key of new Set(mine.map((scan) => scan.task))) await sendTask(key);
    pause = 2000;
    tell('online');
  } catch (error) {
    if (error instanceof SignedOut) return tell('signed_out');
    tell('offline');
    // A device that was switched on in a cellar asks again, ever more patiently.
    timer = setTimeout(send, pause);
    pause = Math.min(pause * 2, SLOWEST);
    if (!(error instanceof Offline)) throw error;
  }
}

async function sendTask(key) {
  for (;;) {
    const task = (await readAll('tasks')).find((each) => each.key === key);
    const waiting = (await scansOf(key)).filter((scan) => scan.user === standing.user.id).sort((a, b) => a.n - b.n).slice(0, BATCH);
    if (!task || !waiting.length || task.closed) return;
    const scans = waiting.map(({ uuid, qty, at, line, item, code }) => ({ uuid, qty, at, line, item, code: code ?? '' }));
    let answer;
    try {
      answer = await ask(`${key}/scans`, { scans });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The document has gone on, or a right was taken: what was scanned stays here until somebody decides.
      task.closed = error.message;
      await write('tasks', task);
      tell('sending');
      return;
    }
    const unknown = answer.outcomes.filter((each) => each.state === 'unknown').map((each) => waiting.find((scan) => scan.uuid === each.uuid));
    const found = [...differences(task.data, answer.task, waiting), ...unknown.map((scan) => ({ kind: 'unknown', code: scan.code || `#${scan.item}` }))];
    task.data = answer.task;
    task.conflicts = [...(task.conflicts ?? []), ...found];
    await settle(task, waiting.map((scan) => scan.uuid));
    tell('sending');
  }
}

addEventListener('online', () => { pause = 2000; send(); });
addEventListener('offline', () => tell('offline'));
document.addEventListener('visibilitychange', () => { if (!document.hidden) send(); });
