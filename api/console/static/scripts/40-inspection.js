// Inspection 检查: one tap for the rest; what is not good says what is wrong before it is sent, network or none.
(() => {
  const wanted = (form) => {
    for (const line of form.querySelectorAll('.wy-check li')) {
      const matter = line.querySelector('[name^="matter."]');
      if (matter) matter.required = line.querySelector('[name$=".good"]:checked')?.value === 'false';
    }
  };
  document.addEventListener('change', (event) => {
    const form = event.target.closest?.('form') ?? event.target;
    if (form.querySelector?.('.wy-check')) wanted(form);
  });
  document.addEventListener('click', (event) => {
    const form = event.target.closest('[data-rest]')?.closest('form');
    if (!form) return;
    for (const group of form.querySelectorAll('.wy-yn')) {
      if (!group.querySelector(':checked')) group.querySelector('[value="true"]').checked = true;
    }
    form.dispatchEvent(new Event('change', { bubbles: true }));
  });
})();
