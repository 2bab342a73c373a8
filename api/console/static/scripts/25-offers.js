// Offers 提示: what fits what is typed into the search of every page, to be chosen by the keyboard or a touch; Enter alone searches.
(() => {
  const box = document.querySelector('[data-offers]');
  const list = document.getElementById('offered');
  if (!box || !list) return;
  let waiting = 0, asked = 0, at = -1;

  const shut = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute('aria-expanded', 'false');
    box.removeAttribute('aria-activedescendant');
  };
  const mark = (number) => {
    const lines = [...list.children];
    at = number < -1 ? lines.length - 1 : number >= lines.length ? -1 : number; // beyond an end stands the field itself
    lines.forEach((line, place) => line.setAttribute('aria-selected', String(place === at)));
    if (at < 0) box.removeAttribute('aria-activedescendant');
    else {
      box.setAttribute('aria-activedescendant', lines[at].id);
      lines[at].scrollIntoView({ block: 'nearest' });
    }
  };
  const show = (found) => {
    list.replaceChildren(...found.map(([href, text, note], number) => {
      const line = document.createElement('li');
      line.id = `offered-${number}`;
      line.setAttribute('role', 'option');
      line.setAttribute('aria-selected', 'false');
      line.dataset.href = href;
      for (const words of [text, note]) {
        const part = document.createElement('span');
        part.textContent = words;
        line.append(part);
      }
      return line;
    }));
    at = -1;
    list.hidden = !found.length;
    box.setAttribute('aria-expanded', String(!list.hidden));
  };
  const ask = async () => {
    const words = box.value.trim(), mine = ++asked;
    if (!words) return shut();
    const body = new URLSearchParams({ q: words }); // what may be a name stands in no address
    const answer = await fetch(box.dataset.offers, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => null);
    if (answer?.ok && mine === asked && document.activeElement === box) show(await answer.json());
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  };
  box.addEventListener('input', (event) => { if (!event.isComposing) soon(); });
  box.addEventListener('compositionend', soon);
  box.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      shut();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !list.hidden) {
      event.preventDefault();
      mark(event.key === 'ArrowDown' ? at + 1 : at - 1);
    } else if (event.key === 'Enter' && at >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(list.children[at].dataset.href);
    }
  });
  list.addEventListener('pointerdown', (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener('click', (event) => {
    const line = event.target.closest('li');
    if (line) location.assign(line.dataset.href);
  });
  box.addEventListener('blur', shut);
})();
