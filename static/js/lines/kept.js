/** What this browser keeps of documents being typed: a store without the few megabytes of localStorage, written off the page's own thread. */
const NAME = 'dajian-drafts', STORE = 'drafts', LAST = 'dajian:last:', OLDEST = 30 * 24 * 3600 * 1000;

let opened = null;
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function store(mode) {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened.then((base) => base.transaction(STORE, mode).objectStore(STORE));
}

/** Keep a draft; settles when it is on the disk as far as the browser says. */
export async function keep(key, draft) { await done((await store('readwrite')).put(draft, key)); }

/** The last moment of a page: a write that must not wait. What is too large for it has the copy of seconds ago. */
export function leave(key, draft) {
  try { localStorage.setItem(LAST + key, JSON.stringify(draft)); } catch { /* full: see above */ }
}

function left(key) {
  try { return JSON.parse(localStorage.getItem(LAST + key)); } catch { return null; }
}

/** The draft of a key, or null; those nobody has come back to for a month are dropped. */
export async function recall(key) {
  const stored = (await done((await store('readonly')).get(key))) ?? null, last = left(key);
  const found = last && !(stored?.at > last.at) ? last : stored;
  if (!found || Date.now() - found.at < OLDEST) return found;
  await forget(key);
  return null;
}

export async function forget(key) {
  localStorage.removeItem(LAST + key);
  await done((await store('readwrite')).delete(key));
}
