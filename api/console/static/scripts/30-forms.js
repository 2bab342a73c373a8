// Forms 表单: drafts that outlive a mistake, one more row, times that are often promised, and people and homes as one types.
(() => {
  const drafts = window.sessionStorage;
  const SENT = 'wuye-sent';
  const SKIPPED = new Set(['idempotency_key', 'version', 'next', 'queue', 'onward']);

  // Drafts stay in this window alone, each apart, and go when their form was taken or the person logs out.
  const keep = (form) => {
    const said = [...new FormData(form)].filter(([name, value]) => !SKIPPED.has(name) && !name.startsWith('sign.') && typeof value === 'string' && value !== '');
    if (!said.length) return;
    drafts.setItem(form.dataset.draft, JSON.stringify(said));
    const note = form.querySelector('[data-drafted]');
    if (note) note.textContent = document.documentElement.lang === 'en' ? 'draft kept' : '草稿已存';
  };
  const first = (field) => (field.options ? [...field.options].find((each) => each.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue);
  const restore = (form) => {
    const text = drafts.getItem(form.dataset.draft);
    if (!text || form.querySelector('[role="alert"]')) return;
    for (const [name, value] of JSON.parse(text)) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === 'radio' || field.type === 'checkbox') field.checked = field.value === value || (field.type === 'checkbox' && field.checked);
        else if (!field.value || field.value === first(field)) field.value = value;
      }
    }
  };
  const begin = () => {
    if (new URLSearchParams(location.search).has('done')) {
      drafts.removeItem(drafts.getItem(SENT));
      drafts.removeItem(SENT);
    }
    for (const form of document.querySelectorAll('[data-draft]')) {
      restore(form);
      form.addEventListener('submit', () => drafts.setItem(SENT, form.dataset.draft));
      form.addEventListener('input', () => keep(form));
      form.addEventListener('change', () => keep(form));
    }
    for (const slider of document.querySelectorAll('[data-slider]')) slide(slider);
  };

  // Which file was chosen is said in the page's own words.
  document.addEventListener('change', (event) => {
    const said = event.target.matches('input[type="file"]') && event.target.parentElement.querySelector('[data-chosen]');
    if (said && event.target.files.length) said.textContent = [...event.target.files].map((each) => each.name).join('、');
  });

  document.addEventListener('click', (event) => {
    const set = event.target.closest('[data-set]');
    if (set) {
      const field = document.getElementById(set.dataset.set);
      field.value = set.dataset.value;
      field.dispatchEvent(new Event('change', { bubbles: true }));
      field.focus();
    }
    const more = event.target.closest('[data-more]');
    if (more) {
      const rows = more.closest('[data-rows]');
      const last = [...rows.querySelectorAll('.wy-row')].pop();
      const name = rows.dataset.rows;
      const number = rows.querySelectorAll('.wy-row').length;
      const row = last.cloneNode(true);
      const old = /^([^.]+)\.(\d+)\./;
      for (const field of row.querySelectorAll('[name]')) {
        field.name = field.name.replace(old, `${name}.${number}.`);
        field.id = `f-${field.name.replaceAll('.', '-')}`;
        if (field.type !== 'radio' && field.type !== 'checkbox') field.value = '';
        field.removeAttribute('aria-invalid');
        field.closest('div').querySelector('label')?.setAttribute('for', field.id);
      }
      for (const wrong of row.querySelectorAll('.wy-wrong')) wrong.remove();
      last.after(row);
      row.querySelector('input, select, textarea')?.focus();
    }
  });

  // What fits is offered beside the field; the field stays free text, and the server has the last word.
  let asked = 0;
  document.addEventListener('input', (event) => {
    const field = event.target;
    if (!field.matches('[data-pick]') || event.isComposing || field.value.length < 1) return;
    clearTimeout(asked);
    asked = setTimeout(async () => {
      const body = new URLSearchParams({ q: field.value }); // what may be a name stands in no address
      const answer = await fetch(field.dataset.pick, { method: 'POST', body, headers: { 'HX-Request': 'true' } });
      if (!answer.ok) return;
      const id = `${field.id}-offers`;
      document.getElementById(id)?.remove();
      const list = document.createElement('datalist');
      list.id = id;
      for (const [value, text] of await answer.json()) {
        const option = document.createElement('option');
        option.value = value;
        option.label = text;
        list.append(option);
      }
      field.after(list);
      field.setAttribute('list', id);
    }, 250);
  });

  // The slider: its stops are facts; it says where it is and goes there when it is let go.
  const slide = (slider) => {
    const stops = slider.parentElement.querySelectorAll('.wy-stops li');
    const said = document.getElementById(slider.dataset.slider);
    slider.addEventListener('input', () => {
      said.textContent = stops[slider.value - 1].dataset.said;
      slider.setAttribute('aria-valuetext', said.textContent);
    });
    slider.addEventListener('change', () => location.assign(stops[slider.value - 1].dataset.href));
  };

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})();
