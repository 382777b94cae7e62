/* One uPlot for each lane, all with the same axis, and beside each its labels as text. */

import { itemsOf } from "./layout.js";
import { paintBack, paintBars, paintRows, paintValues } from "./painting.js";

const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const STROKES = { dashed: "--tt-foreseen", usual: "--tt-usual" };
const SAMPLES = ["──", "╌╌", "┈┈", "─·─"];

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function labelsOf(panel, items, layout) {
  const column = element("div", "tt-labels");
  column.style.inlineSize = `${layout.labels}px`;
  column.style.fontSize = `${layout.sizes.font}px`;
  const head = element("div", "tt-head", panel.unit ? `${panel.title} (${panel.unit})` : panel.title);
  head.style.blockSize = head.style.lineHeight = `${layout.sizes.head}px`;
  column.append(head);
  for (const item of items) {
    const label = element("div", item.group ? "tt-group" : "tt-label", item.group ?? item.row.label);
    label.style.blockSize = label.style.lineHeight = `${item.height}px`;
    label.title = label.textContent;
    column.append(label);
  }
  if (panel.kind === "curves" && panel.curves.length > 1) {
    let line = 0;
    for (const curve of panel.curves) {
      const sample = { bar: "▒▒", dashed: "╌╌", usual: "···" }[curve.style] ?? SAMPLES[line++ % SAMPLES.length];
      column.append(element("div", "tt-curve", `${sample} ${curve.label}`));
    }
  }
  return column;
}

function table(curve) {
  if (curve.style === "line") return [curve.points.map((one) => one.at), curve.points.map((one) => one.value)];
  const moments = [], values = [];
  curve.pieces.forEach((piece, place) => {
    moments.push(piece.begins);
    values.push(piece.value);
    if (curve.pieces[place + 1]?.begins === piece.ends) return;
    moments.push(piece.ends, piece.ends + 1);
    values.push(piece.value, null);
  });
  return [moments, values];
}

function seriesOf(curve, place, colours) {
  const stepped = curve.style !== "line";
  return {
    label: curve.label,
    stroke: colours(STROKES[curve.style] ?? `--tt-line-${place % 2}`),
    width: curve.style === "stair" ? 2.5 : 1.5,
    dash: { dashed: [6, 5], usual: [2, 4] }[curve.style] ?? DASHES[stepped ? 0 : place % DASHES.length],
    paths: stepped ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
    points: { show: !stepped, size: 5, fill: colours(`--tt-line-${place % 2}`) },
  };
}

function axesOf(layout, drawing, panel, edges) {
  const font = `${Math.round(layout.sizes.font)}px system-ui, sans-serif`;
  const number = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 1 });
  const width = (layout.plot - layout.gutter) / Math.max(drawing.ticks.length, 1);
  const longest = Math.max(...drawing.ticks.map((tick) => tick.label.length), 1);
  const every = Math.max(1, Math.ceil((longest * layout.sizes.font * 0.6) / width));
  const ticks = drawing.ticks.filter((_tick, place) => place % every === 0);
  const time = {
    show: edges.first || edges.last,
    side: edges.first ? 0 : 2,
    size: layout.axis,
    gap: 2,
    font,
    grid: { show: false },
    ticks: { show: false },
    splits: () => ticks.map((tick) => tick.at),
    values: () => ticks.map((tick) => tick.label),
  };
  const value = {
    size: layout.gutter,
    gap: 3,
    font,
    space: layout.sizes.font * 2,
    grid: { show: panel.kind === "curves", width: 0.5 },
    ticks: { show: false },
    values: (_plot, splits) => splits.map((one) => (panel.kind === "curves" && one !== null ? number.format(one) : "")),
  };
  return [time, value];
}

function rightOf(layout) {
  return Math.round(layout.gutter / 4);
}

function options(panel, items, layout, drawing, edges, colours) {
  const drawn = panel.kind === "curves" ? panel.curves.filter((curve) => curve.style !== "bar") : [];
  const body = panel.kind === "curves" ? layout.sizes.curve : items.reduce((sum, item) => sum + item.height, 0);
  const outside = (edges.first ? layout.axis : 0) + (edges.last ? layout.axis : 0);
  const high = panel.high > panel.low ? panel.high : panel.low + 1;
  const span = (high - panel.low) * 0.12;
  const brush = { drawing, layout, colours };
  return {
    width: layout.plot,
    height: layout.sizes.head + body + outside,
    // The lowest number of an axis needs half its height below the line.
    padding: [edges.first ? 0 : layout.sizes.head, rightOf(layout), panel.kind === "curves" ? layout.sizes.font / 2 : 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: false, y: false, setScale: false },
      sync: { key: "timeline" },
    },
    scales: {
      x: { time: false, range: [drawing.since, drawing.until] },
      y: { range: panel.kind === "curves" ? [panel.low, high + (panel.low === 0 ? span : 0)] : [0, 1] },
    },
    series: [{}, ...(drawn.length ? drawn.map((curve, place) => seriesOf(curve, place, colours)) : [{ show: false }])],
    axes: axesOf(layout, drawing, panel, edges),
    hooks: {
      drawClear: [(plot) => {
        paintBack(plot, brush);
        if (panel.kind === "curves") paintBars(plot, panel, brush);
      }],
      draw: [(plot) => {
        if (panel.kind === "rows") paintRows(plot, items, brush, edges.first ? layout.sizes.head : 0);
        else paintValues(plot, panel, brush);
      }],
    },
    data: drawn.length ? uPlot.join(drawn.map(table)) : [[drawing.since, drawing.until], [null, null]],
  };
}

export function drawPanels(place, drawing, layout, chosen) {
  const style = getComputedStyle(place);
  const colours = (name) => style.getPropertyValue(name).trim();
  const pin = element("div", "tt-pin");
  const plots = drawing.panels.map((panel, number) => {
    const items = panel.kind === "rows" ? itemsOf(panel, layout.sizes) : [];
    const edges = { first: number === 0, last: number === drawing.panels.length - 1 };
    const box = element("div", "tt-panel");
    const labels = labelsOf(panel, items, layout);
    if (edges.first) labels.style.paddingBlockStart = `${layout.axis}px`;
    const lane = element("div", "tt-plot");
    box.append(labels, lane);
    place.append(box);
    const { data, ...rest } = options(panel, items, layout, drawing, edges, colours);
    const plot = new uPlot(rest, data, lane);
    plot.over.addEventListener("click", (event) => chosen(plot.posToVal(event.offsetX, "x")));
    return plot;
  });
  place.append(pin);
  pin.hidden = true;
  // Worked out here: a plot knows its own places only once it has been drawn, which is later.
  const wide = layout.plot - layout.gutter - rightOf(layout);
  const leftOf = (at) => layout.labels + layout.gutter + ((at - drawing.since) / (drawing.until - drawing.since)) * wide;
  if (!layout.paper) bringIntoView(place, leftOf(drawing.now), layout.labels);
  return {
    pin(at) {
      pin.hidden = at === null || at < drawing.since || at > drawing.until;
      if (pin.hidden) return;
      const left = leftOf(at);
      pin.style.left = `${left}px`;
      if (!layout.paper) bringIntoView(place, left, layout.labels);
    },
    destroy() {
      for (const plot of plots) plot.destroy();
      place.replaceChildren();
    },
  };
}

function bringIntoView(place, left, labels) {
  const room = 24;
  if (left - labels < place.scrollLeft + room) place.scrollLeft = left - labels - room;
  else if (left > place.scrollLeft + place.clientWidth - room) place.scrollLeft = left - place.clientWidth + room;
}
