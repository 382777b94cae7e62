/* What uPlot does not know of: hatched gaps, shaded windows, cells with their grade, bars of alerts, signs. Everything
   is drawn in the dots of the canvas; lengths of the layout are CSS pixels. */

const INSET = 0.5;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

function ratio(plot) {
  return plot.ctx.canvas.width / plot.width;
}

function toneOf(colours, tone) {
  const name = tone.replace(/-open$/, "") || "plain";
  return { fill: colours(`--tt-${name}`) || "#ffffff", ink: colours(`--tt-${name}-ink`) || "#16232a", isOpen: tone.endsWith("-open") };
}

function hatch(ctx, colour, size) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = size / 7;
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}

function clipped(plot, paint) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, bbox, (at) => plot.valToPos(at, "x", true));
  ctx.restore();
}

function upright(ctx, bbox, x, colour, width, dash = []) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

export function paintBack(plot, { drawing, layout, colours }) {
  const dots = ratio(plot) * (layout.paper ? 2 : 1);
  plot.ctx.fillStyle = colours("--tt-paper");
  plot.ctx.fillRect(0, 0, plot.ctx.canvas.width, plot.ctx.canvas.height);
  clipped(plot, (ctx, bbox, x) => {
    const fill = (begins, ends) => ctx.fillRect(x(begins), bbox.top, x(ends) - x(begins), bbox.height);
    ctx.fillStyle = colours("--tt-window");
    for (const one of drawing.windows) fill(one.begins, one.ends);
    ctx.fillStyle = colours("--tt-recovery");
    for (const one of drawing.recoveries) fill(one.begins, one.ends);
    ctx.fillStyle = hatch(ctx, colours("--tt-gap"), Math.round(7 * dots));
    for (const one of drawing.gaps) fill(one.begins, one.ends);
    for (const tick of drawing.ticks) upright(ctx, bbox, x(tick.at), colours("--tt-grid"), (tick.is_midnight ? 1 : 0.5) * dots);
    for (const one of drawing.windows) upright(ctx, bbox, x(one.begins), colours("--tt-window-edge"), dots);
    for (const one of drawing.recoveries) {
      for (const at of one.checks) upright(ctx, bbox, x(at), colours("--tt-recovery-edge"), dots, [2 * dots, 3 * dots]);
    }
    for (const one of drawing.clockChanges) upright(ctx, bbox, x(one.at), colours("--tt-ink"), dots, [8 * dots, 3 * dots, 2 * dots, 3 * dots]);
    upright(ctx, bbox, x(drawing.now), colours("--tt-now"), 2 * dots, [5 * dots, 3 * dots]);
  });
}

export function paintRows(plot, items, brush, head) {
  const dots = ratio(plot);
  clipped(plot, (ctx, bbox, x) => {
    let top = bbox.top + head * dots;
    for (const item of items) {
      const box = { top, height: item.height * dots, dots };
      if (item.row) paintRow(ctx, bbox, x, item.row, box, brush);
      top += box.height;
    }
  });
}

function paintRow(ctx, bbox, x, row, box, brush) {
  ctx.strokeStyle = brush.colours("--tt-grid");
  ctx.lineWidth = 0.5 * box.dots;
  ctx.beginPath();
  ctx.moveTo(bbox.left, box.top + box.height);
  ctx.lineTo(bbox.left + bbox.width, box.top + box.height);
  ctx.stroke();
  const isDouble = row.spans.length > 0 && row.marks.length > 0;
  const upper = isDouble ? { ...box, height: box.height * 0.48 } : box;
  const lower = isDouble ? { ...box, top: box.top + box.height * 0.48, height: box.height * 0.52 } : box;
  for (const cell of row.cells) paintCell(ctx, x, cell, box, brush);
  for (const span of row.spans) paintSpan(ctx, x, span, lower, brush);
  paintMarks(ctx, x, row.marks, upper, brush, bbox.left + bbox.width);
}

function fontOf(size, isBold = false) {
  return `${isBold ? "bold " : ""}${size}px ${FONT}`;
}

function paintCell(ctx, x, cell, box, { colours, layout }) {
  const tone = toneOf(colours, cell.tone);
  const left = x(cell.begins) + INSET * box.dots, width = x(cell.ends) - x(cell.begins) - 2 * INSET * box.dots;
  ctx.fillStyle = tone.fill;
  ctx.fillRect(left, box.top + INSET * box.dots, width, box.height - 2 * INSET * box.dots);
  ctx.strokeStyle = colours("--tt-grid");
  ctx.lineWidth = 0.5 * box.dots;
  ctx.strokeRect(left, box.top + INSET * box.dots, width, box.height - 2 * INSET * box.dots);
  let size = Math.min(layout.sizes.font * box.dots, box.height * 0.85);
  ctx.font = fontOf(size, true);
  const wide = ctx.measureText(cell.text).width;
  if (wide > width) ctx.font = fontOf((size *= width / wide), true);
  ctx.fillStyle = tone.ink;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(cell.text, left + width / 2, box.top + box.height / 2 + 0.5 * box.dots);
}

function paintSpan(ctx, x, span, box, { colours, layout }) {
  const tone = toneOf(colours, span.tone);
  const edge = (tone.isOpen ? 1.5 : 0.5) * box.dots, gap = 1.5 * box.dots;
  const left = x(span.begins), width = Math.max(x(span.ends) - left, 2 * box.dots);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, box.top, width, box.height);
  ctx.clip();
  ctx.fillStyle = tone.isOpen ? colours("--tt-paper") : tone.fill;
  ctx.fillRect(left, box.top + gap, width, box.height - 2 * gap);
  ctx.strokeStyle = tone.isOpen ? colours("--tt-ink") : tone.ink;
  ctx.lineWidth = edge;
  ctx.strokeRect(left + edge / 2, box.top + gap + edge / 2, width - edge, box.height - 2 * gap - edge);
  if (tone.isOpen) {
    ctx.fillStyle = tone.fill;
    ctx.fillRect(left + edge, box.top + gap + edge, Math.min(4 * box.dots, width), box.height - 2 * gap - 2 * edge);
  }
  ctx.font = fontOf(Math.min(layout.sizes.font * 0.92 * box.dots, (box.height - 2 * gap) * 0.85));
  ctx.fillStyle = tone.isOpen ? colours("--tt-ink") : tone.ink;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const words = fitting(ctx, span.text, width - 10 * box.dots);
  ctx.fillText(words, left + 7 * box.dots, box.top + box.height / 2 + 0.5 * box.dots);
  ctx.restore();
}

function fitting(ctx, text, width) {
  /* As much of it as there is room for, with a sign that there is more. Below a few letters nothing says more. */
  if (ctx.measureText(text).width <= width) return text;
  let cut = text.length;
  while (cut > 2 && ctx.measureText(`${text.slice(0, cut)}…`).width > width) cut -= 1;
  return cut > 2 ? `${text.slice(0, cut)}…` : "";
}

function paintMarks(ctx, x, marks, box, { colours, layout }, edge) {
  /* Signs that would lie on each other are pushed on to the right: their order in time stays. */
  const size = Math.min(layout.sizes.font * box.dots, box.height * 0.9);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const middle = box.top + box.height / 2 + 0.5 * box.dots;
  let free = -Infinity;
  marks.forEach((mark, place) => {
    const tone = toneOf(colours, mark.tone);
    ctx.font = fontOf(size, true);
    const wide = ctx.measureText(mark.glyph).width;
    const left = Math.max(x(mark.at) - wide / 2, free);
    const isBadge = mark.tone !== "" && mark.tone !== "answer";
    if (isBadge) {
      ctx.fillStyle = tone.fill;
      ctx.fillRect(left - 2 * box.dots, box.top + box.dots, wide + 4 * box.dots, box.height - 2 * box.dots);
    }
    ctx.fillStyle = isBadge ? tone.ink : colours("--tt-ink");
    ctx.fillText(mark.glyph, left, middle);
    free = left + wide + (isBadge ? 5 : 2) * box.dots;
    if (!mark.text) return;
    ctx.font = fontOf(size * 0.92);
    ctx.fillStyle = colours("--tt-ink");
    const next = place + 1 < marks.length ? x(marks[place + 1].at) - wide : edge;
    const words = fitting(ctx, mark.text, next - free - 4 * box.dots);
    ctx.fillText(words, free + box.dots, middle);
    if (words) free += ctx.measureText(words).width + 4 * box.dots;
  });
}

export function paintBars(plot, panel, { colours }) {
  clipped(plot, (ctx, bbox, x) => {
    const floor = bbox.top + bbox.height;
    for (const piece of panel.curves.filter((curve) => curve.style === "bar").flatMap((curve) => curve.pieces)) {
      const top = plot.valToPos(piece.value, "y", true);
      const left = x(piece.begins), width = x(piece.ends) - left;
      ctx.fillStyle = colours("--tt-taken");
      ctx.fillRect(left + width * 0.1, top, width * 0.8, floor - top);
      ctx.strokeStyle = colours("--tt-taken-edge");
      ctx.lineWidth = ratio(plot);
      ctx.strokeRect(left + width * 0.1, top, width * 0.8, floor - top);
    }
  });
}

export function paintValues(plot, panel, { colours, layout }) {
  /* The number beside its point or on its stair, where there is room: a line alone must be read off an axis. */
  const dots = ratio(plot), size = layout.sizes.font * 0.88 * dots;
  const number = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 1 });
  clipped(plot, (ctx, bbox, x) => {
    ctx.font = fontOf(size);
    ctx.fillStyle = colours("--tt-ink");
    ctx.textAlign = "left";
    ctx.textBaseline = "bottom";
    panel.curves.forEach((curve, place) => {
      let free = -Infinity;
      const places = curve.style === "line" ? curve.points.filter((one) => one.value !== null) : [];
      const stairs = curve.style === "stair" || curve.style === "dashed" ? curve.pieces : [];
      for (const one of [...places, ...stairs]) {
        const words = number.format(one.value), left = x(one.at ?? one.begins) + 3 * dots;
        if (left < free) continue;
        const above = plot.valToPos(one.value, "y", true) - 2 * dots;
        const below = place % 2 === 1 || above - size < bbox.top ? size + 5 * dots : 0;
        ctx.fillText(words, left, above + below);
        free = left + ctx.measureText(words).width + 3 * dots;
      }
    });
  });
}
