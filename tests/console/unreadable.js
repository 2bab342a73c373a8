// Text that cannot be read: cut off by a box that hides what is beyond it, one sign a line, or one text over another.
() => {
  const wrong = [];
  const place = (element) => `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className} «${element.textContent.trim().slice(0, 24)}»`;
  const fixed = (element) => {
    for (let up = element; up; up = up.parentElement) if (/fixed|sticky/.test(getComputedStyle(up).position)) return true;
    return false;
  };
  const rects = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.trim();
    const element = node.parentElement;
    if (!text || element.closest('.visually-hidden, .skip, script, style, option, dialog:not([open]), svg:not(.wy-life)')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = [...range.getClientRects()].filter((each) => each.width > 0.5 && each.height > 0.5);
    if (!lines.length) continue;
    let shown = true;
    for (let up = element; up && up !== document.documentElement; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break; // it can be scrolled to
      if (style.overflowX === 'hidden' || style.overflowX === 'clip' || style.overflowY === 'hidden') {
        const box = up.getBoundingClientRect();
        const ellipsis = style.textOverflow === 'ellipsis' && (up.closest('a[href]') || up.querySelector('a[href]') || up.title);
        const beyond = lines.some((each) => each.right > box.right + 1.5 || each.bottom > box.bottom + 3 || each.left < box.left - 1.5);
        if (beyond && !ellipsis) wrong.push(`cut off: ${place(element)}`);
        if (beyond) shown = false;
        break;
      }
    }
    const wide = /[\u4e00-\u9fff]/.test(text);
    if (wide && text.length > 3 && lines.length >= text.length * 0.8) wrong.push(`one sign a line: ${place(element)}`);
    if (shown && !fixed(element)) for (const each of lines) rects.push([each, element, text]);
  }
  rects.sort((one, other) => one[0].top - other[0].top);
  for (let n = 0; n < rects.length; n += 1) {
    const [one, element, text] = rects[n];
    for (let m = n + 1; m < rects.length && rects[m][0].top < one.bottom - 5; m += 1) {
      const [other, its, words] = rects[m];
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 3 && down > 6 && its !== element) wrong.push(`over one another: «${text.slice(0, 16)}» «${words.slice(0, 16)}» ${place(its)}`);
    }
  }
  for (const field of document.querySelectorAll('button, .btn')) {
    if (field.checkVisibility() && field.scrollWidth > field.clientWidth + 1 && getComputedStyle(field).overflowX !== 'visible') wrong.push(`a button's words are cut: ${place(field)}`);
  }
  return [...new Set(wrong)].slice(0, 12);
}
