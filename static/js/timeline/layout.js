/* How large everything is: on a screen, and on one sheet of A4 across. Lengths are CSS pixels. */

const NARROW = 700;
const PER_CELL = 12; // A digit in a cell stays readable; a narrow screen scrolls instead.
const AXIS = 22, GUTTER = 44;
const SCREEN = { row: 20, double: 36, group: 20, curve: 88, head: 24, font: 12 };
const PAPER = { row: 17, double: 31, group: 15, curve: 66, head: 17, font: 10 };
const PAPER_WIDTH = 1040, PAPER_HEIGHT = 560, PAPER_LABELS = 150;
const SHARP = 2; // Drawn twice as large and printed at half: a canvas has the dots of the screen it was drawn on.

export function itemsOf(panel, sizes) {
  /* What stands below each other in a lane of rows: names of groups, and rows. */
  const items = [];
  let group = "";
  for (const row of panel.rows) {
    if (row.group && row.group !== group) items.push({ group: row.group, height: sizes.group });
    group = row.group;
    items.push({ row, height: row.spans.length && row.marks.length ? sizes.double : sizes.row });
  }
  return items;
}

function heightOf(panel, sizes) {
  if (panel.kind === "curves") return sizes.head + sizes.curve;
  return sizes.head + itemsOf(panel, sizes).reduce((sum, item) => sum + item.height, 0);
}

export function totalHeight(drawing, sizes) {
  return drawing.panels.reduce((sum, panel) => sum + heightOf(panel, sizes), 2 * AXIS);
}

export function forScreen(place, drawing) {
  const labels = place.clientWidth < NARROW ? 112 : 190;
  const least = drawing.bins * PER_CELL + GUTTER;
  return { sizes: SCREEN, axis: AXIS, gutter: GUTTER, labels, plot: Math.max(place.clientWidth - labels, least), paper: false };
}

export function forPaper(drawing) {
  /* Everything shrinks alike until it fits the sheet, never below the size of a small print. */
  const fit = Math.min(1, PAPER_HEIGHT / totalHeight(drawing, PAPER)) * SHARP;
  const sizes = Object.fromEntries(Object.entries(PAPER).map(([name, size]) => [name, size * fit]));
  sizes.font = Math.max(PAPER.font * fit, 6.5 * SHARP);
  return {
    sizes,
    axis: AXIS * fit,
    gutter: GUTTER * SHARP * 0.8,
    labels: PAPER_LABELS * SHARP,
    plot: (PAPER_WIDTH - PAPER_LABELS) * SHARP,
    paper: true,
  };
}
