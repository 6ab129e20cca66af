"use strict";
(() => {
  const store = JSON.parse(document.getElementById("figures").textContent);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NAMES = ["current", "reference", "third", "fourth", "fifth", "sixth", "ink", "muted", "line", "gap",
    "heat0", "heat1", "heat2", "onheat", "pass", "warn", "fail", "unknown", "error"];
  let palette = {}, config = {}, parsed = new Map();
  const views = new Map();

  // A column of data is kept once, perhaps packed: as runs of equal cells or as a repeated list.
  function unpack(column) {
    if (Array.isArray(column)) return column;
    if (column.r) return column.r.flatMap(([cell, times]) => Array(times).fill(cell));
    return Array(column.n).fill(column.t).flat();
  }
  function rowsOf(chart) {
    const fields = Object.entries(chart.f).map(([field, place]) => [field, unpack(store.pool[place])]);
    return fields[0][1].map((_, i) => Object.fromEntries(fields.map(([field, cells]) => [field, cells[i]])));
  }

  // Specifications name colours; only where a colour can stand is one put, so that data called "fail" stays data.
  function recolour(node, key) {
    if (Array.isArray(node)) return node.map((item) => (key === "range" ? named(item) : recolour(item, key)));
    if (node === null || typeof node !== "object") return key === "color" || key === "value" ? named(node) : node;
    return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, recolour(v, k)]));
  }
  const named = (item) => (typeof item === "string" && Object.hasOwn(palette, item) ? palette[item] : recolour(item));

  function readTheme() {
    const style = getComputedStyle(root);
    palette = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
    const text = { labelColor: palette.muted, titleColor: palette.muted, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400 };
    config = {
      background: null,
      font: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
      view: { stroke: null },
      axis: { ...text, gridColor: palette.line, domainColor: palette.line, tickColor: palette.line, tickCount: 5, titlePadding: 8 },
      legend: { ...text, labelColor: palette.ink, labelFontSize: 12, symbolSize: 90, offset: 6 },
      range: { heatmap: [palette.heat0, palette.heat1], ramp: [palette.heat0, palette.heat1] },
      text: { color: palette.ink },
    };
    parsed = new Map();
  }

  function draw(element) {
    const chart = store.charts[element.dataset.chart];
    const place = element.hasAttribute("data-small") ? chart.m : chart.s;
    if (!parsed.has(place)) {
      const spec = { ...recolour(store.specs[place]), data: { name: "rows" }, autosize: { type: "fit-x", contains: "padding" } };
      if (element.hasAttribute("data-small")) delete spec.autosize;
      parsed.set(place, vega.parse(vegaLite.compile(spec, { config }).spec, null, { ast: true }));
    }
    if (views.has(element)) views.get(element).finalize();
    element.textContent = "";
    const view = new vega.View(parsed.get(place), {
      container: element, renderer: "svg", hover: true, logLevel: vega.Error,
      expr: vegaInterpreter.expressionInterpreter,
    });
    views.set(element, view);
    view.data("rows", rowsOf(chart)).run();
    // The element around it has the words; the drawing's own parts would be read as noise.
    element.firstElementChild?.setAttribute("aria-hidden", "true");
    const svg = element.querySelector("svg");
    if (svg) { svg.setAttribute("aria-hidden", "true"); svg.setAttribute("focusable", "false"); }
  }

  const charts = [...document.querySelectorAll("[data-chart]")];
  if (charts.length) {
    readTheme();
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
    }, { rootMargin: "300px" });
    charts.forEach((element) => seen.observe(element));
    // On paper every part is open and every chart is there; dark ink on white whatever the screen has.
    let before;
    addEventListener("beforeprint", () => {
      before = [root.dataset.theme, [...document.querySelectorAll("details:not([open])")]];
      before[1].forEach((details) => { details.open = true; });
      root.classList.add("printing");
      root.dataset.theme = "light";
      readTheme();
      charts.forEach((element) => { if (element.offsetParent) { seen.unobserve(element); draw(element); } });
    });
    addEventListener("afterprint", () => {
      if (before[0]) root.dataset.theme = before[0]; else delete root.dataset.theme;
      root.classList.remove("printing");
      before[1].forEach((details) => { details.open = false; });
      redraw();
    });
  }
  function redraw() {
    readTheme();
    for (const element of views.keys()) draw(element);
  }

  // Theme: the system's, or the other one for as long as the page is open.
  const theme = document.getElementById("theme");
  theme.addEventListener("click", () => {
    const order = ["system", "light", "dark"];
    const next = order[(order.indexOf(root.dataset.theme || "system") + 1) % 3];
    if (next === "system") delete root.dataset.theme; else root.dataset.theme = next;
    theme.querySelector("span").textContent = next;
    redraw();
  });
  dark.addEventListener("change", redraw);

  // The numbers behind a chart, for those who cannot see it or do not trust it.
  function table(chart) {
    const titles = store.specs[chart.s].usermeta.columns;
    const rows = rowsOf(chart), made = document.createElement("table");
    made.className = "data";
    const cells = (tag, list) => {
      const row = document.createElement("tr");
      for (const text of list) {
        const cell = row.appendChild(document.createElement(tag));
        if (tag === "th") cell.scope = "col"; else if (typeof text === "number") cell.className = "num";
        cell.appendChild(document.createElement("bdi")).textContent = text === null ? "–" : text;
      }
      return row;
    };
    made.createTHead().appendChild(cells("th", Object.values(titles)));
    const body = made.createTBody();
    for (const row of rows) body.appendChild(cells("td", Object.keys(titles).map((field) => row[field])));
    const box = document.createElement("div");
    Object.assign(box, { className: "scroll tall", tabIndex: 0 });
    box.appendChild(made);
    return box;
  }
  document.querySelectorAll("[data-numbers]").forEach((button) => button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!shown));
    button.textContent = shown ? "Show the numbers" : "Hide the numbers";
    if (shown) button.nextElementSibling.remove();
    else button.after(table(store.charts[button.dataset.numbers]));
  }));
})();
