// Kept pages 随身页: the pages of a round open without a network as they were last seen; of other pages nothing is kept.
const PAGES = 'wuye-round';
const FILES = 'wuye-files';
const WITHOUT = '/console/without-network';
const OF_A_ROUND = /^\/console\/[^/]+\/(?:walk\/.+|inspect\/.+|homes)$/;
const MOST = 300;
const PATIENCE = 8000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate') event.respondWith(page(event, url.pathname));
  else if (url.pathname.startsWith('/static/console/')) event.respondWith(file(request));
});

const keep = async (path, answer) => {
  const pages = await caches.open(PAGES);
  await pages.delete(path);
  await pages.put(path, answer);
  const kept = await pages.keys();
  for (const old of kept.slice(0, Math.max(kept.length - MOST, 0))) await pages.delete(old);
};

// The page says by itself that it is a copy: whether there is a network no browser knows for sure.
const marked = async (kept) => new Response((await kept.text()).replace('data-outbox-of=', 'data-kept-copy data-outbox-of='), { headers: kept.headers });

// From the server; where it does not answer, as it was last seen. A network that only seems to be there is waited for a while.
const page = async (event, path) => {
  const ofRound = OF_A_ROUND.test(path);
  let copy = null;
  const asked = fetch(event.request).then((answer) => {
    if (answer.status >= 502 && answer.status <= 504) throw new TypeError('nobody behind the door');
    if (answer.ok && ofRound) copy = answer.clone();
    return answer;
  });
  event.waitUntil(asked.then(() => copy && keep(path, copy), () => null));
  const kept = ofRound ? await caches.match(path, { cacheName: PAGES, ignoreVary: true }) : undefined;
  const late = new Promise((done) => { if (kept) setTimeout(done, PATIENCE, kept); });
  try {
    const answer = await Promise.race([asked, late]);
    return answer === kept ? await marked(kept) : answer;
  } catch (failed) {
    if (kept) return marked(kept);
    const instead = await caches.match(WITHOUT, { cacheName: PAGES, ignoreVary: true });
    if (instead) return instead;
    throw failed;
  }
};

// Files never change under their address; of an older address the newer file does as well.
const file = async (request) => {
  const files = await caches.open(FILES);
  const found = await files.match(request);
  if (found) return found;
  const name = request.url.slice(request.url.lastIndexOf('/'));
  const same = (await files.keys()).filter((each) => each.url.endsWith(name));
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      for (const old of same) await files.delete(old);
      await files.put(request, answer.clone());
    }
    return answer;
  } catch (failed) {
    if (same.length) return files.match(same[0]);
    throw failed;
  }
};
