// Counters 要数: told as they change, while the page is looked at; refused or cut off, they are asked for once a minute.
(() => {
  const place = () => document.querySelector('[data-stream]');
  if (!place()) return;
  const MINUTE = 60000;
  let source = null;

  const put = (counts) => {
    [...place().querySelectorAll('a')].forEach((link, number) => {
      const [css, value, unit] = counts[number];
      const figure = link.querySelector('b');
      const small = figure.querySelector('small');
      link.className = css;
      figure.firstChild.textContent = value;
      if (small) small.textContent = unit;
    });
  };
  // One stream for a window that is looked at: browsers keep only a few open to one server.
  const open = () => {
    if (source || document.hidden || !window.EventSource) return;
    source = new EventSource(place().dataset.stream);
    source.addEventListener('counts', (event) => put(JSON.parse(event.data)));
    source.addEventListener('error', () => { if (source?.readyState === EventSource.CLOSED) source = null; });
  };
  const shut = () => {
    source?.close();
    source = null;
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? shut() : open()));
  window.addEventListener('pagehide', shut);
  window.addEventListener('pageshow', open);
  setInterval(() => {
    if (document.hidden || source?.readyState === EventSource.OPEN) return;
    place().dispatchEvent(new CustomEvent('ask'));
    open();
  }, MINUTE);
  open();
})();
