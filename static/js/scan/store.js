/** What a device keeps: tasks, the codes of goods, and every scan until the server has said it has it. */
const NAME = 'dajian-scan';
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const made = asked.result;
      made.createObjectStore('meta');
      made.createObjectStore('tasks', { keyPath: 'key' });
      made.createObjectStore('items');
      made.createObjectStore('scans', { keyPath: 'uuid' }).createIndex('task', 'task');
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Do `work` in one transaction; resolves with the result of the request `work` returns, once all of it is kept. */
async function within(stores, mode, work) {
  const kept = await open();
  return new Promise((resolve, reject) => {
    const transaction = kept.transaction(stores, mode, { durability: 'strict' });
    const asked = work(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const read = (store, key) => within([store], 'readonly', (from) => from.get(key));
export const readAll = (store) => within([store], 'readonly', (from) => from.getAll());
export const write = (store, value, key) => within([store], 'readwrite', (into) => into.put(value, key));
export const remove = (store, key) => within([store], 'readwrite', (from) => from.delete(key));
export const scansOf = (task) => within(['scans'], 'readonly', (from) => from.index('task').getAll(task));

/** Keep what the server said of a task and let go of the scans it has, both or neither. */
export const settle = (task, uuids) => within(['tasks', 'scans'], 'readwrite', (tasks, scans) => {
  for (const uuid of uuids) scans.delete(uuid);
  return tasks.put(task);
});

/** Let go of a task and of its scans. */
export const forget = (key, uuids) => within(['tasks', 'scans'], 'readwrite', (tasks, scans) => {
  for (const uuid of uuids) scans.delete(uuid);
  return tasks.delete(key);
});
