"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // What is folded waits in a template until it is unfolded.
  const fill = (details) => all(":scope > template", details).forEach((t) => t.replaceWith(t.content));
  const open = (details) => { fill(details); details.open = true; };
  document.addEventListener("toggle", (event) => { if (event.target.open) fill(event.target); }, true);
  const unfold = (root) => all("details", root).forEach((each) => { open(each); unfold(each); });
  const follow = () => {
    const path = decodeURIComponent(location.hash.slice(1)).split("/");
    path.forEach((_, i) => {
      const target = document.getElementById(path.slice(0, i + 1).join("/"));
      if (!target) return;
      if (target.matches("details")) open(target);
      if (i === path.length - 1) target.scrollIntoView();
    });
  };
  addEventListener("hashchange", follow);
  follow();
  const form = document.getElementById("_filter");
  if (!form) return;
  const body = document.querySelector("#_grid tbody"), rows = all("tr", body);
  const heads = all("#_grid thead th"), status = document.getElementById("_shown");
  const value = (row, column) => {
    const data = row.cells[column].dataset.v;
    return data === undefined ? row.cells[column].textContent.trim() : Number(data);
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  const sort = (column, down) => {
    heads.forEach((head, i) => head.setAttribute("aria-sort", i !== column ? "none" : down ? "descending" : "ascending"));
    const order = [...rows];
    if (column >= 0) order.sort((a, b) => compare(value(a, column), value(b, column)) * (down ? -1 : 1));
    body.append(...order);
    form.elements.sort.value = column;
  };
  const numeric = (column) => rows.some((row) => row.cells[column].dataset.v !== undefined);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(column, now === "none" || now === null ? numeric(column) : now === "ascending");
    });
    form.elements.sort.add(new Option(head.textContent.trim(), column));
  });
  const filter = () => {
    const { name, variant, verdict, test } = form.elements;
    const word = name.value.trim().toLowerCase();
    rows.forEach((row) => {
      row.hidden = !(row.dataset.name.toLowerCase().includes(word) &&
        (!variant.value || row.dataset.variant === variant.value) &&
        (!verdict.value || row.dataset.verdict === verdict.value) &&
        (!test.value || row.dataset.rejects.split(" ").includes(test.value)));
    });
    status.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} lines`;
  };
  form.addEventListener("input", (event) => { if (event.target.name !== "sort") filter(); });
  form.elements.sort.addEventListener("change", (event) => {
    const column = Number(event.target.value);
    sort(column, column >= 0 && numeric(column));
  });
  form.addEventListener("reset", () => setTimeout(() => { sort(-1); filter(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("_unfold").addEventListener("click", () => unfold(document));
  document.getElementById("_fold").addEventListener("click", () => all(".part, .name").forEach((each) => { each.open = false; }));
  form.hidden = false;
  sort(-1);
  filter();
})();
