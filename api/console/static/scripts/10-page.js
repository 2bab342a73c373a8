// The page 页面: what every page does with a script; without one everything still works.
(() => {
  const root = document.documentElement;

  // Light or dark: the person's choice on this device, else the system's.
  const dark = () => localStorage.getItem('wuye-theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  // The next page comes painted: without it a dark one would begin white.
  const paint = () => {
    root.setAttribute('data-bs-theme', dark());
    document.cookie = `wuye_theme=${dark()}; path=/; max-age=31536000; samesite=lax`;
  };
  paint();

  document.addEventListener('click', (event) => {
    const theme = event.target.closest('[data-theme]');
    if (theme) {
      localStorage.setItem('wuye-theme', dark() === 'dark' ? 'light' : 'dark');
      paint();
    }
    const menu = event.target.closest('[data-menu]');
    if (menu) {
      event.preventDefault();
      document.body.classList.toggle('menu-open');
      document.querySelector('#nav a')?.focus();
    }
    // A section of the menu stays as it was left.
    const part = event.target.closest('.wy-nav .part > summary')?.parentElement;
    if (part) {
      const kept = (/(?:^|; )wuye_menu=([^;]*)/.exec(document.cookie)?.[1] ?? '').split('.').filter((each) => each && !each.startsWith(`${part.dataset.part}-`));
      document.cookie = `wuye_menu=${[...kept, `${part.dataset.part}-${part.open ? 0 : 1}`].join('.')}; path=/console; max-age=31536000; samesite=lax`;
    }
    for (const drop of document.querySelectorAll('.wy-drop[open]')) if (!drop.contains(event.target)) drop.open = false;
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      event.preventDefault();
      navigator.clipboard?.writeText(new URL(copy.href, location.href).href).then(() => say(copy.dataset.copy));
    }
    if (event.target.closest('[data-keys]')) document.getElementById('keys')?.showModal();
    const print = event.target.closest('[data-print]');
    if (print) {
      event.preventDefault();
      window.print();
    }
  });

  // One key for the search box, Escape closes what is open. A candidate of an input method is no key of ours.
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const typing = event.target.closest('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !typing) {
      event.preventDefault();
      document.querySelector('[data-key="/"]')?.focus();
    }
    if (event.key === 'Escape') {
      for (const drop of document.querySelectorAll('.wy-drop[open]')) drop.open = false;
      document.body.classList.remove('menu-open');
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1);
    if (event.key === '?') document.getElementById('keys')?.showModal();
    const leads = { n: '.wy-head .wy-acts a.btn-primary', '[': '#main a[rel="prev"]', ']': '#main a[rel="next"]' }[event.key];
    if (leads && !document.querySelector('dialog[open]')) document.querySelector(leads)?.click();
  });

  // j and k walk the rows of a list; Enter opens, since the row's link has the focus.
  const move = (by) => {
    const links = [...document.querySelectorAll('.wy-list a.main')];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + by))].focus();
  };

  const say = (words) => {
    const status = document.getElementById('said');
    if (status) status.textContent = words;
  };

  // A double click is one: the button rests until the answer is there. The server keeps the key of the form besides.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('[data-once]')) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = '1';
    for (const button of form.querySelectorAll('button[type="submit"]')) button.setAttribute('aria-disabled', 'true');
    setTimeout(rested, 20000, form);
  });
  const rested = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button[type="submit"]')) button.removeAttribute('aria-disabled');
  };
  window.addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll('[data-once]')) rested(form);
  });

  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-submit]')) event.target.form.requestSubmit();
    if (event.target.matches('[data-go]') && event.target.value) location.assign(event.target.value);
  });

  const ready = () => {
    document.querySelector('.wy-nav [aria-current]')?.scrollIntoView({ block: 'nearest' });
    // What was wrong first; else where one begins to write, unless that brings up a telephone's keyboard.
    const wrong = document.querySelector('[data-focus]');
    const begins = '[data-begin] :is(input:not([type="hidden"], [type="radio"], [type="checkbox"]), select, textarea)';
    if (wrong) wrong.focus();
    else if (matchMedia('(min-width: 768px)').matches) document.querySelector(begins)?.focus({ preventScroll: true });
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', ready);
  else ready();
})();
