// Ticked rows 勾选: all at once, a span with shift, and how many they are. Without a script each is ticked by itself.
(() => {
  let last = null;
  const boxes = () => [...document.querySelectorAll('td.pick input')];
  const tell = () => {
    const count = boxes().filter((each) => each.checked).length;
    const all = document.querySelector('[data-tick-all]');
    if (all) {
      all.checked = count > 0 && count === boxes().length;
      all.indeterminate = count > 0 && !all.checked;
    }
    for (const each of document.querySelectorAll('[data-ticked]')) each.textContent = each.dataset.ticked.replace('{}', count);
  };
  const show = () => {
    const all = document.querySelector('[data-tick-all]');
    if (all) all.hidden = false;
    tell();
  };
  document.addEventListener('click', (event) => {
    const box = event.target.closest('td.pick input');
    if (!box) return;
    const every = boxes();
    if (event.shiftKey && last && every.includes(last)) {
      const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((one, other) => one - other);
      for (const each of every.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
  });
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-tick-all]')) for (const each of boxes()) each.checked = event.target.checked;
    if (event.target.matches('[data-tick-all], td.pick input')) tell();
  });
  // x ticks the row in which one stands.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'x' || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input:not([type="checkbox"]), textarea, select')) return;
    const box = document.activeElement.closest('tr')?.querySelector('td.pick input');
    if (!box) return;
    box.checked = !box.checked;
    tell();
  });
  document.addEventListener('htmx:after:swap', show);
  window.addEventListener('pageshow', show);
  show();
})();
