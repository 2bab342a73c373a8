// Typing 输入: a search follows what is typed, but never a half-typed candidate of an input method.
(() => {
  let composing = false;
  let waiting = 0;
  const PAUSE = 300;

  // The number of a home may stand in an address, and so Back finds it again; what may be a name or a telephone comes in a body.
  const plain = (said) => /^[0-9A-Za-z]{0,4}(-[0-9]{1,4}){0,3}$/.test(said.trim()) && !/^[A-Za-z]+$/.test(said.trim());

  const quiet = (input) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (plain(input.value)) input.form.dispatchEvent(new CustomEvent('quiet', { bubbles: true }));
      else input.dispatchEvent(new CustomEvent('words'));
    }, PAUSE);
  };

  document.addEventListener('compositionstart', () => { composing = true; }, true);
  document.addEventListener('compositionend', (event) => {
    composing = false;
    if (event.target.matches('[data-live]')) quiet(event.target);
  }, true);
  document.addEventListener('input', (event) => {
    if (!composing && !event.isComposing && event.target.matches('[data-live]')) quiet(event.target);
  });

  document.addEventListener('submit', (event) => {
    if (event.target.matches('[data-find]')) event.target.method = plain(event.target.elements.q.value) ? 'get' : 'post';
  }, true);

  // What a list shows stands in its address; of words that name people the server says what stands there instead.
  document.addEventListener('htmx:after:request', (event) => {
    const { ctx } = event.detail;
    if (!ctx.sourceElement.closest('.wy-filter') || ctx.response.status !== 200) return;
    const address = new URL(ctx.response.headers.get('HX-Replace-Url') ?? ctx.response.raw.url, location.href);
    for (const [name, value] of [...address.searchParams]) if (!value) address.searchParams.delete(name);
    history.replaceState(history.state, '', address.pathname + address.search);
  });

  // What is left blank stays out of the address.
  document.addEventListener('submit', (event) => {
    if (event.target.method !== 'get') return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
    setTimeout(() => { for (const field of event.target.elements) field.disabled = false; }, 0);
  });
})();
