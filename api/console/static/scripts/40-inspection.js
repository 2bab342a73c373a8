// Inspection 检查: one tap for the rest, and what could not be sent waits on the device and is sent once, whatever happens.
(() => {
  const form = document.querySelector('[data-inspection]');
  if (!form) return;
  const WAITING = 'wuye-inspections';
  const waiting = () => JSON.parse(localStorage.getItem(WAITING) ?? '[]');
  const keep = (list) => localStorage.setItem(WAITING, JSON.stringify(list));

  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-rest]')) return;
    for (const group of form.querySelectorAll('.wy-yn')) {
      if (!group.querySelector(':checked')) group.querySelector('[value="true"]').checked = true;
    }
    form.dispatchEvent(new Event('change', { bubbles: true }));
  });

  const note = (words) => {
    let place = document.querySelector('.wy-net');
    if (!place) {
      place = document.createElement('div');
      place.className = 'wy-net';
      place.setAttribute('role', 'status');
      document.querySelector('.wy-phone header').after(place);
    }
    place.textContent = words;
  };
  const english = document.documentElement.lang === 'en';
  const count = () => (english ? `${waiting().length} to be sent when the network is back` : `没有网络：${waiting().length} 份存在本机，有网即送`);

  // Each carries the key of its form: what arrived although the answer was lost is not written twice.
  const send = async () => {
    for (const each of waiting()) {
      try {
        const answer = await fetch(each.action, { method: 'POST', body: new URLSearchParams(each.said), redirect: 'follow' });
        if (answer.status >= 500) break;
        keep(waiting().filter((other) => other.key !== each.key));
        if (!answer.ok) {
          note(english ? 'One was refused: open it and look again.' : '有一份被拒绝：请打开再看。');
          location.assign(each.action);
          return;
        }
      } catch {
        break;
      }
    }
    if (waiting().length) note(count());
    else document.querySelector('.wy-net')?.remove();
  };

  form.addEventListener('submit', (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    const said = [...new FormData(form)];
    const key = said.find(([name]) => name === 'idempotency_key')[1];
    keep([...waiting().filter((other) => other.key !== key), { key, action: form.getAttribute('action'), said }]);
    note(count());
    delete form.dataset.sent;
  });
  window.addEventListener('online', send);
  if (waiting().length) send();
})();
