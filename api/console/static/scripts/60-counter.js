// The counter 收款: the amount follows the bills that are ticked, the change what was given; the server reckons both again.
(() => {
  const fen = (text) => {
    const found = /^\s*[¥￥]?\s*([\d,，]+)(?:[.．](\d{1,2}))?\s*$/.exec(text);
    return found ? Number(found[1].replace(/[,，]/g, '')) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : null;
  };
  const yuan = (value) => `${value < 0 ? '-' : ''}¥${Math.floor(Math.abs(value) / 100).toLocaleString('en-US')}.${String(Math.abs(value) % 100).padStart(2, '0')}`;

  // The drawer: what was counted less what should be there.
  const counted = document.querySelector('[data-counted]');
  if (counted) {
    const over = document.querySelector('[data-over]');
    const tell = () => {
      const found = fen(counted.value);
      over.textContent = found === null ? '–' : found === Number(counted.dataset.counted) ? '0' : yuan(found - Number(counted.dataset.counted));
      over.classList.toggle('u-late', found !== null && found !== Number(counted.dataset.counted));
    };
    counted.addEventListener('input', tell);
    tell();
  }

  const form = document.querySelector('[data-counter]');
  if (!form) return;
  const amount = form.querySelector('[data-amount]');
  const tendered = form.querySelector('[data-tendered]');
  const change = form.querySelector('[data-change]');
  const ticks = [...document.querySelectorAll('[data-fen]')];
  let written = false;

  const show = () => {
    const method = form.querySelector('[name="method"]:checked')?.value;
    for (const each of form.querySelectorAll('[data-cash]')) each.hidden = method !== 'cash';
    for (const each of form.querySelectorAll('[data-other]')) each.hidden = method === 'cash';
    const given = fen(tendered.value), asked = fen(amount.value);
    change.textContent = given === null || asked === null ? '–' : yuan(given - asked);
    change.classList.toggle('u-late', given !== null && asked !== null && given < asked);
  };

  amount.addEventListener('input', () => { written = true; });
  form.addEventListener('input', show);
  form.addEventListener('change', show);
  for (const tick of ticks) {
    tick.addEventListener('change', () => {
      if (!written) amount.value = yuan(ticks.filter((each) => each.checked).reduce((sum, each) => sum + Number(each.dataset.fen), 0)).replaceAll(/[¥,]/g, '');
      show();
    });
  }
  amount.select();
  show();
})();
