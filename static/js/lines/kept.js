/** What this browser keeps of documents being typed: a store without the few megabytes of localStorage, written off the page's own thread. */
const NAME = 'dajian-drafts', STORE = 'drafts', OLDEST = 30 * 24 * 3600 * 1000;

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

/** The draft of a key, or null; those nobody has come back to for a month are dropped. */
export async function recall(key) {
  const found = (await done((await store('readonly')).get(key))) ?? null;
  if (!found || Date.now() - found.at < OLDEST) return found;
  await forget(key);
  return null;
}

export async function forget(key) { await done((await store('readwrite')).delete(key)); }
