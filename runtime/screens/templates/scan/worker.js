/** Keeps the shell of the scan screens for when there is no network; everything else goes its usual way. */
const NAME = 'scan-{{ version }}';
const FILES = {{ files|tojson }};
// Kept once they were needed.
const LATER = {{ later|tojson }};

const keep = async (request) => {
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(NAME)).put(request, answer.clone());
  return answer;
};

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((kept) => kept.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('scan-') && name !== NAME).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || ![...FILES, ...LATER].includes(pathname)) return;
  const isShell = event.request.mode === 'navigate';
  // The shell is asked for first, so that a new version arrives; its files never change under their address.
  event.respondWith(isShell
    ? fetch(event.request).catch(() => caches.match(FILES[0]))
    : caches.match(event.request).then((kept) => kept ?? (LATER.includes(pathname) ? keep : fetch)(event.request)));
});
