// Outbox 待发: what a form marked data-outbox says waits on the device until the network has taken it: in order, once, in its writer's name.
(() => {
  const KEPT = 'wuye-outbox';
  const whose = document.querySelector('[data-outbox-of]');
  if (!whose) return;
  const who = whose.dataset.outboxOf;
  const english = document.documentElement.lang === 'en';
  const says = (zh, en) => (english ? en : zh);
  const all = () => JSON.parse(localStorage.getItem(KEPT) ?? '[]');
  const keep = (list) => localStorage.setItem(KEPT, JSON.stringify(list));
  const waiting = () => all().filter((each) => each.who === who && !each.refused);
  const without = (key) => all().filter((each) => each.key !== key);
  const value = (entry, name) => entry.said.find(([each]) => each === name)?.[1];
  const address = (form) => new URL(form.getAttribute('action') || location.pathname, location.href).pathname;

  // A photo is kept as text beside the fields; an empty file field says nothing.
  const asText = (file) => new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done({ name: file.name, type: file.type, data: reader.result.split(',')[1] });
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });
  const asFile = (kept) => new File([Uint8Array.from(atob(kept.data), (each) => each.charCodeAt(0))], kept.name, { type: kept.type });
  const written = async (form) => {
    const said = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') said.push([name, value]);
      else if (value.size) said.push([name, await asText(value)]);
    }
    const key = said.find(([name]) => name === 'idempotency_key')[1];
    return { key, who, action: address(form), said, at: Date.now() };
  };
  const body = (entry) => {
    const waited = Math.round((Date.now() - entry.at) / 1000);
    const said = waited > 4 ? [...entry.said, ['waited', String(waited)]] : entry.said;
    if (said.every(([, value]) => typeof value === 'string')) return new URLSearchParams(said);
    const made = new FormData();
    for (const [name, value] of said) made.append(name, typeof value === 'string' ? value : asFile(value));
    return made;
  };
  const store = (entry) => {
    try {
      keep([...without(entry.key), entry]);
      return true;
    } catch {
      keep([...without(entry.key), { ...entry, said: entry.said.filter(([, value]) => typeof value === 'string') }]);
      return false;
    }
  };

  // What waits, and what was refused with the reason, stands above the page until somebody has seen it.
  const tell = (more) => {
    for (const old of document.querySelectorAll('.wy-net')) old.remove();
    const lines = [];
    const count = waiting().length;
    if (count) lines.push([says(`没有网络：${count} 份存在本机，有网即送`, `${count} to be sent when the network is back`), says('现在送', 'Send now'), () => send()]);
    else if ('keptCopy' in whose.dataset) lines.push([says('没有网络：这一页是先前的样子，照常填写', 'No network: this is the page as it was; go on writing')]);
    if (more) lines.push([more]);
    for (const each of all().filter((other) => other.who === who && other.refused)) {
      const about = each.said.filter(([name, value]) => ['point', 'place', 'matter'].includes(name) && typeof value === 'string').map(([, value]) => value).join(' ');
      lines.push([says(`未被接受：${about} ${each.refused}`, `Refused: ${about} ${each.refused}`), says('知道了', 'Seen'), () => { keep(without(each.key)); tell(); }]);
    }
    for (const [words, act, acting] of lines.reverse()) {
      const place = document.createElement('div');
      place.className = 'wy-net';
      place.setAttribute('role', 'status');
      place.append(words);
      if (act) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'as-link';
        button.textContent = act;
        button.addEventListener('click', acting);
        place.append(' ', button);
      }
      document.querySelector('.wy-phone > header, .wy-bar').after(place);
    }
  };

  // In order, one at a time. Each bears its form's key: what arrived although the answer was lost is not written twice.
  let sending = null;
  const send = () => { sending ??= sent().finally(() => { sending = null; }); return sending; };
  const sent = async () => {
    let here = null;
    for (const each of waiting()) {
      let answer;
      try {
        answer = await fetch(each.action, { method: 'POST', body: body(each), redirect: 'follow' });
      } catch {
        break;
      }
      const ended = new URL(answer.url);
      if (answer.status >= 500 || answer.status === 401 || ended.pathname.endsWith('/login')) break;
      if (answer.ok) {
        keep(without(each.key));
        if (window.caches) await (await caches.open('wuye-round')).delete(each.action); // it is no longer as it was kept
      } else {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const words = page.querySelector('[role="alert"]')?.textContent.trim() || String(answer.status);
        keep(all().map((other) => (other.key === each.key ? { ...each, refused: words } : other)));
      }
      if (each.action === location.pathname) here = ended.pathname + ended.search;
    }
    if (here === null || waiting().length) tell();
    else if (here === location.pathname + location.search) location.reload();
    else if (all().some((each) => each.who === who && each.refused)) location.reload();
    else location.assign(here);
  };

  // What begins something shows what follows it: without a network too one goes on with the points of the chosen way.
  const goesOn = (form) => {
    const then = document.getElementById(form.dataset.outboxThen ?? '');
    if (!then) return;
    const chosen = [...form.elements].find((each) => each.tagName === 'SELECT')?.value ?? '';
    for (const part of then.querySelectorAll('[data-of]')) part.hidden = part.dataset.of !== chosen;
    form.hidden = true;
    then.hidden = false;
  };

  const another = (form) => `${form.elements.idempotency_key.value.slice(0, 40)}-${[...crypto.getRandomValues(new Uint8Array(12))].map((each) => each.toString(36)).join('')}`;

  const rests = (form, whole) => {
    delete form.dataset.sent;
    const buttons = form.querySelectorAll('button[type="submit"]');
    for (const button of buttons) button.removeAttribute('aria-disabled');
    if ('outboxAgain' in form.dataset) {
      form.reset();
      form.elements.idempotency_key.value = another(form);
      form.closest('details')?.removeAttribute('open');
    } else {
      for (const button of buttons) {
        const word = document.createElement('span');
        word.className = 'st st-soon';
        word.textContent = says('已存，待发', 'kept, to be sent');
        button.replaceWith(word);
      }
    }
    goesOn(form);
    tell(whole ? '' : says('照片存不下：有网后请在记录里补上。', 'The photo did not fit: add it to the record later.'));
  };

  // A page that was kept does not know what was written on it since: that waits already.
  const waits = (form) => waiting().some((each) => each.action === address(form)
    && ['do', 'point'].every((name) => value(each, name) === form.elements[name]?.value));
  for (const form of document.querySelectorAll('form[data-outbox]')) {
    if ('outboxAgain' in form.dataset) form.elements.idempotency_key.value = another(form);
    else if (waits(form)) rests(form, true);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (form.dataset.sent) return;
      const entry = await written(form);
      const whole = store(entry);
      if (navigator.onLine) await send();
      const kept = all().find((each) => each.key === entry.key);
      if (!kept) return;
      if (!kept.refused) {
        rests(form, whole);
        form.dispatchEvent(new CustomEvent('outbox-kept', { bubbles: true, detail: waiting().map((each) => each.action) }));
        return;
      }
      keep(without(entry.key)); // refused while somebody looks on: the page itself says at which field
      form.submit();
    });
  }
  // Logging out clears what the browser holds.
  document.addEventListener('submit', (event) => {
    if (event.target.getAttribute('action') !== '/console/logout' || !waiting().length) return;
    const asked = says(`${waiting().length} 份还没有送出，退出就丢了。仍要退出吗？`, `${waiting().length} not sent yet would be lost. Log out all the same?`);
    if (!confirm(asked)) event.preventDefault();
  });
  // A browser does not always know that the network is back: it is tried now and then while somebody looks on.
  window.addEventListener('online', send);
  setInterval(() => { if (!document.hidden && waiting().length) send(); }, 30000);
  if (waiting().length) send();
  else tell();
})();
