// The index can be searched: every word has to stand somewhere in a line. Without this script the page is whole.
"use strict";
const search = document.getElementById("search");
if (search) {
  const lines = [...document.querySelectorAll("li[data-words]")];
  const nothing = document.getElementById("nothing");
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const line of lines) line.hidden = !words.every((word) => line.dataset.words.includes(word));
    for (const kind of document.querySelectorAll(".kind")) {
      const found = kind.querySelector("li:not([hidden])") !== null;
      kind.hidden = !found;
      kind.open = words.length > 0 && found;
    }
    for (const chapter of document.querySelectorAll(".chapter")) chapter.hidden = !chapter.querySelector(".kind:not([hidden])");
    nothing.hidden = lines.some((line) => !line.hidden);
  };
  search.hidden = false;
  search.addEventListener("input", show);
  if (location.hash.startsWith("#q=")) search.value = decodeURIComponent(location.hash.slice(3));
  if (search.value) show();
}
