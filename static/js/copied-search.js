// Search in a static copy: the index is a script beside the page (self.copied: link, title, standfirst, day, words).
// A classic script, since pages opened from a folder may load nothing else.
(function () {
  "use strict";
  const place = document.querySelector("[data-copied-search]");
  if (!place || !self.copied) return;
  const MOST = 100;

  // As the site's own search: small letters, ё as е, letters and digits alone; endings do not matter.
  function wordsOf(text) {
    return text.toLowerCase().replace(/ё/g, "е").match(/[\p{L}\p{N}]+/gu) || [];
  }

  const ENDINGS = /(?:ами|ями|иями|ого|его|ому|ему|ыми|ими|ах|ях|ов|ев|ом|ем|ам|ям|ых|их|ing|ed|es|s)$/;

  function startOf(word) {
    const shorter = word.replace(ENDINGS, "");
    const bare = (shorter.length > 2 ? shorter : word).replace(/[аеиоуыэюяйь]+$/, "");
    return bare.length > 2 ? bare : word;
  }

  function find(query) {
    const wanted = wordsOf(query).map(startOf);
    if (!wanted.length) return [];
    const found = [];
    self.copied.forEach(function (row, order) {
      const text = row[4];
      let points = 0;
      for (const word of wanted) {
        const where = text.indexOf(" " + word);
        if (where < 0) return;
        points += where < row[1].length + 1 ? 3 : 1;
      }
      found.push([points, order, row]);
    });
    return found.sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, MOST);
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  const form = element("form", "form search");
  form.setAttribute("role", "search");
  const label = element("label", "hidden", place.dataset.label);
  label.htmlFor = "q";
  const field = element("input", "input");
  field.id = "q";
  field.type = "search";
  field.maxLength = 200;
  form.append(label, field, element("button", "button", place.dataset.button));
  const said = element("p", "search__count");
  said.setAttribute("role", "status");
  const list = element("div", "listing__stories");
  place.append(form, said, list);

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    const found = find(field.value);
    list.replaceChildren();
    said.textContent = found.length ? place.dataset.found + " " + found.length : place.dataset.nothing;
    for (const [, , row] of found) {
      const card = element("article", "card card--row card--bare");
      const text = element("div", "card__text");
      const heading = element("h2", "card__headline");
      const link = element("a", "", row[1]);
      link.href = row[0];
      heading.append(link);
      text.append(heading, element("p", "card__standfirst", row[2]), element("p", "card__time", row[3]));
      card.append(text);
      list.append(card);
    }
  });
})();
