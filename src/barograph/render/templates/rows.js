"use strict";
(() => {
  const SEVERITY = ["error", "fail", "unknown", "warn", "pass"];
  const statusOf = (node) => SEVERITY.find((status) => node.classList.contains(status)) || "";

  // Rows that open.
  const detailOf = (row) => document.getElementById(row.querySelector("button.open").getAttribute("aria-controls"));
  function open(row, wanted) {
    const button = row.querySelector("button.open");
    if (!button) return;
    const state = wanted ?? button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(state));
    detailOf(row).classList.toggle("shown", state);
    if (state) detailOf(row).querySelectorAll("tr[id]").forEach(offerLink);
  }
  document.querySelectorAll("tr.column").forEach((row) => {
    row.querySelector("button.open")?.addEventListener("click", () => open(row));
  });

  // A link to each finding: its address stays the same from report to report.
  function offerLink(row) {
    const cell = row.querySelector("th");
    if (cell.querySelector("a.link")) return;
    const link = document.createElement("a");
    Object.assign(link, { href: "#" + row.id, className: "link", title: "Copy link", textContent: "#" });
    link.setAttribute("aria-label", "Copy link to " + cell.firstChild.textContent.trim());
    link.addEventListener("click", () => {
      const said = (words) => { link.textContent = words; setTimeout(() => { link.textContent = "#"; }, 2000); };
      const address = new URL(link.getAttribute("href"), location.href).href;
      if (navigator.clipboard) navigator.clipboard.writeText(address).then(() => said("copied"), () => said("in the address bar"));
      else said("in the address bar");
    });
    cell.append(" ", link);
  }
  document.querySelectorAll(".part tr[id]").forEach(offerLink);

  // An address opens what hides its target, and clears filters that do.
  function jump() {
    const target = /^#[a-z]+[-\w]*$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) document.getElementById("filter")?.reset();
    const detail = target.closest("tr.detail");
    const row = detail ? detail.previousElementSibling : target;
    if (row.matches("tr.column")) open(row, true);
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    (target === row ? row.querySelector("button.open") : null)?.focus({ preventScroll: true });
    target.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
  }
  addEventListener("hashchange", jump);
  document.querySelectorAll("a.jump, .strip a").forEach((link) => link.addEventListener("click", () => setTimeout(jump)));

  const form = document.getElementById("filter");
  if (!form) { jump(); return; }
  const field = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("#columns tr.column")];
  const lower = (node) => (node ? node.textContent.toLowerCase() : "");
  const finding = (node, column) => ({
    node, column, status: statusOf(node), segment: node.dataset.segment || "", text: lower(node.querySelector("th, div")), clone: null,
  });
  let columns, others;
  function read() {
    columns = rows.map((row, place) => {
      const detail = detailOf(row), name = row.querySelector("bdi").textContent;
      return { row, detail, name, place, lower: name.toLowerCase(),         findings: [...detail.querySelectorAll("table.findings tbody tr")].map((node) => finding(node, name)) };
    });
    others = [...document.querySelectorAll(".part .findings tbody tr, .attention li")].map((node) => finding(node, ""));
  }

  // Filter by words, status and segment.
  function apply() {
    if (!columns) read();
    const words = field("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const statuses = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const every = statuses.size === boxes.length, segment = field("segment")?.value || "";
    const within = (item) => !segment || item.segment === segment;
    const spoken = (text) => words.every((word) => text.includes(word));
    const judged = (status) => every || statuses.has(status);
    const show = (item, shown) => { item.node.hidden = !shown; if (item.clone) item.clone.hidden = !shown; };
    let shown = 0;
    for (const column of columns) {
      const named = spoken(column.lower);
      const visible = judged(column.row.dataset.status) && (named || column.findings.some((item) => spoken(column.lower + " " + item.text)));
      for (const item of column.findings) {
        const fits = named || spoken(column.lower + " " + item.text);
        item.node.hidden = !fits;
        if (item.clone) item.clone.hidden = !(fits && judged(item.status));
      }
      column.row.hidden = column.detail.hidden = !visible;
      if (visible) shown += 1;
    }
    for (const item of others) show(item, within(item) && judged(item.status) && spoken(item.text));
    for (const box of document.querySelectorAll(".part .scroll:has(> .findings), .attention, details.metric")) {
      const hidden = !box.querySelector("tbody tr:not([hidden]), li:not([hidden])");
      (box.closest("details.more") || box).hidden = hidden;
    }
    // of one segment: its line, what needs attention in it, and its details; columns and groups are of all rows
    for (const node of document.querySelectorAll("tr[data-segment], details[data-segment]")) {
      const own = !segment || node.dataset.segment === segment;
      node.hidden = !own;
      if (segment && own && node.matches("details")) for (let box = node; box; box = box.parentElement.closest("details")) box.open = true;
    }
    for (const box of document.querySelectorAll("section.whole")) box.hidden = segment !== "";
    const active = words.length > 0 || !every || segment !== "";
    const noun = rows.length ? `${shown} of ${rows.length} columns` : `${others.filter((item) => !item.node.hidden).length} of ${others.length} findings`;
    field("found").textContent = active ? noun : "";
    field("clear").hidden = !active;
    divide();
  }
  const divider = document.querySelector("#columns .divider");
  function divide() {
    if (!divider) return;
    let row = divider.nextElementSibling;
    while (row && row.hidden) row = row.nextElementSibling;
    divider.hidden = field("sort").value !== "drift" || !row;
  }

  // Sort; what is not known comes last.
  const missing = ({ row }) => (row.dataset.missing === undefined ? -1 : Number(row.dataset.missing));
  const orders = {
    drift: () => 0,
    status: (a, b) => SEVERITY.indexOf(a.row.dataset.status) - SEVERITY.indexOf(b.row.dataset.status),
    name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
    missing: (a, b) => missing(b) - missing(a),
  };
  function sort() {
    if (!columns) read();
    const order = orders[field("sort").value];
    const sorted = [...columns].sort((a, b) => order(a, b) || a.place - b.place);
    const body = rows[0].parentElement, unknown = divider && divider.nextElementSibling;
    body.append(...sorted.flatMap(({ row, detail }) => [row, detail]));
    if (divider) {
      divider.following ??= unknown;
      divider.following.before(divider);
    }
    divide();
  }

  // The same findings by metric, made when they are first asked for.
  function byMetric() {
    if (!columns) read();
    const groups = new Map();
    for (const column of columns) for (const item of column.findings) {
      const title = item.node.querySelector("th").firstChild.textContent.trim();
      if (!groups.has(title)) groups.set(title, []);
      groups.get(title).push([column, item]);
    }
    const box = field("by-metric"), head = document.querySelector("#columns table.findings thead");
    for (const [title, items] of groups) {
      const details = document.createElement("details"), table = document.createElement("table");
      details.className = "metric part";
      const summary = details.appendChild(document.createElement("summary"));
      const failed = items.filter(([, item]) => item.status && item.status !== "pass").length;
      summary.append(title, " ", Object.assign(document.createElement("small"), { textContent: `${items.length} values${failed ? `, ${failed} need attention` : ""}` }));
      table.className = "data findings";
      table.append(head.cloneNode(true));
      table.tHead.rows[0].cells[0].textContent = "Column";
      const body = table.createTBody();
      items.sort((a, b) => SEVERITY.indexOf(a[1].status || "pass") - SEVERITY.indexOf(b[1].status || "pass"));
      for (const [column, item] of items) {
        item.clone = body.appendChild(item.node.cloneNode(true));
        const link = Object.assign(document.createElement("a"), { href: "#" + item.node.id, textContent: column.name, className: "jump" });
        item.clone.removeAttribute("id");
        const cell = item.clone.querySelector("th");
        cell.querySelector("a.link")?.remove();
        cell.firstChild.replaceWith(link, " ");
        link.addEventListener("click", () => { field("group").value = "column"; group(); setTimeout(jump); });
      }
      const scroll = details.appendChild(document.createElement("div"));
      scroll.className = "scroll";
      scroll.append(table);
      box.append(details);
    }
    apply();
  }
  function group() {
    const metric = field("group").value === "metric";
    field("by-metric").hidden = !metric;
    field("columns").hidden = metric;
    if (metric && !field("by-metric").childElementCount) byMetric();
  }

  form.addEventListener("input", (event) => {
    if (event.target.id === "sort") sort();
    else if (event.target.id === "group") group();
    else apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    field("find").value = "";
    form.querySelectorAll("input[type=checkbox]").forEach((box) => { box.checked = true; });
    if (field("segment")) field("segment").value = "";
    if (field("group")) { field("group").value = "column"; group(); }
    apply();
  });
  jump();
})();
