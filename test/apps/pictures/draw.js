/** In the browser: draws PANELS, which the page declares in front of this. Read by page.ts as text. */
/* global PANELS, uPlot */

const AXIS = { stroke: "#9fa7b3", grid: { stroke: "#2c3036", width: 1 }, ticks: { show: false } };
/** Of a panel's height: its frame, and its title. */
const FRAME_PX = 46;
const LEGEND_LINE_PX = 18;

const AXIS_FORMATS = {
  reqps: (value) => String(value),
  percentunit: (value) => `${Number((100 * value).toPrecision(3))}%`,
  s: (value) => (value >= 1 || value === 0 ? `${value} s` : `${Number((1000 * value).toPrecision(3))} ms`),
  bytes: (value) => `${Math.round(value / 2 ** 20)} MiB`,
  short: (value) => String(value),
};

function element(name, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(name), attributes);
  made.append(...children);
  return made;
}

function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

/** About: there is no asking before it is drawn. */
function legendLines(curves, width) {
  const widths = curves.map(({ name }) => 7 * name.length + 32);
  return Math.ceil(widths.reduce((sum, each) => sum + each, 0) / (width - 40));
}

const DRAW = {
  numbers(body, { numbers }) {
    const all = numbers.map(({ name, text, color }) =>
      element("div", {}, element("b", { style: `color: ${color}` }, text), element("span", {}, name)),
    );
    body.append(element("div", { className: numbers.length > 1 ? "numbers several" : "numbers" }, ...all));
  },
  bars(body, { bars }) {
    for (const { name, text, color, share } of bars) {
      const bar = element("i", { style: `background: ${color}; width: ${Math.max(1, 100 * share)}%` });
      const label = element("span", { title: name }, element("bdi", {}, name));
      body.append(element("div", { className: "bar" }, label, bar, element("b", { style: `color: ${color}` }, text)));
    }
  },
  table(body, { header, rows }) {
    const line = (cells) => element("tr", {}, ...cells);
    const head = line(header.map((title) => element("th", {}, title)));
    const lines = rows.map((cells) =>
      line(cells.map(({ text, color }) => element("td", { style: color ? `color: ${color}` : "" }, text))),
    );
    body.append(element("table", { className: "lines" }, head, ...lines));
  },
  cells(body, { rows, columns, shares }) {
    const grid = element("div", {
      className: "heat",
      style: `grid-template-columns: 60px repeat(${columns.length}, 1fr); grid-auto-rows: 1fr`,
    });
    for (const [index, name] of [...rows.entries()].reverse()) {
      grid.append(element("span", {}, name));
      for (const share of shares[index])
        grid.append(element("i", { style: `background: rgba(255, 152, 48, ${share.toFixed(3)})` }));
    }
    const every = Math.ceil(columns.length / 8);
    grid.append(element("span"));
    for (let at = 0; at < columns.length; at += every) {
      const span = Math.min(every, columns.length - at);
      grid.append(
        element("span", { style: `grid-column: span ${span}; text-align: left` }, span === every ? columns[at] : ""),
      );
    }
    body.append(grid);
  },
  curves(body, { curves, seconds, unit, stacked, width, height }) {
    const sums = seconds.map(() => 0);
    const drawn = curves.map(({ values }) => (stacked ? values.map((value, at) => (sums[at] += value ?? 0)) : values));
    // of stacked curves the highest comes first, so that the areas below are painted over it
    const order = curves.map((_, index) => index);
    if (stacked) order.reverse();
    const series = order.map((index) => ({
      label: curves[index].name,
      stroke: curves[index].color,
      fill: stacked ? curves[index].color : `${curves[index].color}18`,
      width: stacked ? 0 : 1.5,
      points: { show: false },
      spanGaps: false,
    }));
    new uPlot(
      {
        width: width - 26,
        height: height - FRAME_PX - LEGEND_LINE_PX * legendLines(curves, width),
        padding: [10, 12, 0, 0],
        cursor: { show: false },
        legend: { live: false },
        scales: { y: { range: (_, _least, most) => [0, most > 0 ? most * 1.08 : 1] } },
        axes: [
          { ...AXIS, size: 26, space: 70, values: (_, splits) => splits.map(clock) },
          { ...AXIS, size: 62, space: 22, values: (_, splits) => splits.map(AXIS_FORMATS[unit]) },
        ],
        series: [{}, ...series],
      },
      [seconds, ...order.map((index) => drawn[index])],
      body,
    );
  },
};

for (const panel of PANELS) {
  const section = element("section", {
    className: panel.kind === "heading" ? "heading" : "panel",
    style: `left: ${panel.left}px; top: ${panel.top}px; width: ${panel.width}px; height: ${panel.height}px`,
  });
  document.body.append(section);
  if (panel.kind === "heading") section.append(panel.title);
  else {
    const body = element("div", {}, element("h2", {}, panel.title));
    section.append(body);
    DRAW[panel.kind](body, panel);
  }
}
