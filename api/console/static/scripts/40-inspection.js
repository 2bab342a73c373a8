// Inspection 检查: one tap for the rest.
(() => {
  document.addEventListener('click', (event) => {
    const form = event.target.closest('[data-rest]')?.closest('form');
    if (!form) return;
    for (const group of form.querySelectorAll('.wy-yn')) {
      if (!group.querySelector(':checked')) group.querySelector('[value="true"]').checked = true;
    }
    form.dispatchEvent(new Event('change', { bubbles: true }));
  });
})();
