// Kept pages 随身页: what is taken along on a round, and what of it there is where no network is. A browser keeps pages only by HTTPS.
(() => {
  if (!navigator.serviceWorker || !window.caches) return;
  const PAGES = 'wuye-round', FILES = 'wuye-files', WITHOUT = '/console/without-network';
  const WEEK = 7 * 24 * 60 * 60 * 1000;

  // What one person took along is not for whoever logs in next.
  if (document.querySelector('[data-log-in]')) caches.delete(PAGES);

  const taken = async (path) => {
    const answer = await fetch(path);
    if (!answer.ok || answer.redirected) throw new TypeError(path);
    await (await caches.open(PAGES)).put(path, answer);
  };

  // The first page is there before the worker is: it is kept from here, with what it rests on.
  const begin = async (worker) => {
    const first = !navigator.serviceWorker.controller;
    await navigator.serviceWorker.register(worker, { scope: '/console/' });
    if (!(await caches.match(WITHOUT, { cacheName: PAGES, ignoreVary: true }))) await taken(WITHOUT);
    if (!first) return;
    await taken(location.pathname);
    const files = [...document.querySelectorAll('link[rel="stylesheet"], link[rel="icon"], script[src]')];
    await (await caches.open(FILES)).addAll(files.map((each) => each.href || each.src));
  };
  const place = document.querySelector('[data-worker]');
  if (place && navigator.onLine) begin(place.dataset.worker).catch(() => null); // without it a page that is open goes on all the same

  const carry = document.querySelector('[data-carry]');
  if (carry) {
    carry.hidden = false;
    carry.addEventListener('click', async () => {
      if (carry.getAttribute('aria-disabled')) return;
      carry.setAttribute('aria-disabled', 'true');
      const links = [...document.querySelectorAll('a.wy-cell-due')];
      let count = 0;
      try {
        for (const link of links) {
          await taken(link.getAttribute('href'));
          count += 1;
          carry.textContent = `${count} / ${links.length}`;
        }
      } catch { /* how far it came is told */ }
      carry.textContent = carry.dataset.carry.replace('{}', count);
      carry.removeAttribute('aria-disabled');
    });
  }

  // What was written down here waits: on to the next of its kind that was taken along.
  document.addEventListener('outbox-kept', async (event) => {
    if (!('outboxNext' in event.target.dataset) || !navigator.serviceWorker.controller) return;
    const stem = location.pathname.slice(0, location.pathname.lastIndexOf('/') + 1);
    const paths = (await (await caches.open(PAGES)).keys()).map((each) => new URL(each.url).pathname);
    const next = paths.find((path) => path.startsWith(stem) && !event.detail.includes(path));
    if (next) location.assign(next);
  });

  const list = document.querySelector('[data-kept]');
  const show = async () => {
    const pages = await caches.open(PAGES);
    for (const each of await pages.keys()) {
      const path = new URL(each.url).pathname;
      const answer = await pages.match(each, { ignoreVary: true });
      if (path === WITHOUT) continue;
      if (Date.now() - Date.parse(answer.headers.get('date')) > WEEK) {
        await pages.delete(each);
        continue;
      }
      const read = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const link = document.createElement('a');
      link.href = path;
      link.textContent = read.title.split(' · ')[0];
      const line = document.createElement('li');
      line.append(link);
      list.append(line);
    }
    document.querySelector('[data-kept-none]').hidden = list.children.length > 0;
  };
  if (list) {
    show();
    window.addEventListener('online', () => location.reload());
  }
})();
