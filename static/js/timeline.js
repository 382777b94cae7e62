/* The timeline of one patient: lanes on one axis, drawn by uPlot. It adds to the page and takes nothing away: the table
   says the same, and where this file fails the page is the table. The server has worked out every lane, every label and
   every moment by the patient's clock; nothing here knows of time zones. */

import { watchCursor } from "./timeline/cursor.js";
import { forPaper, forScreen } from "./timeline/layout.js";
import { drawPanels } from "./timeline/panels.js";
import { watchSlide } from "./timeline/slide.js";

function read(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

function start(root, drawing) {
  const place = root.querySelector("[data-panels]");
  let shown = null;
  let cursor = null;

  function draw(layout) {
    shown?.destroy();
    shown = drawPanels(place, drawing, layout, (at) => cursor?.goTo(at));
    shown.pin(cursor?.at() ?? null);
  }

  root.hidden = false;
  cursor = watchCursor(root, document.querySelector("[data-lines]"), drawing.now, (at) => shown?.pin(at));
  try {
    draw(forScreen(place, drawing));
  } catch (fault) {
    // Nothing is drawn: the table is then the page, on paper too.
    root.hidden = true;
    throw fault;
  }
  document.body.classList.add("tt-drawn");

  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - width) < 2 || document.body.classList.contains("tt-paper")) return;
    width = place.clientWidth;
    draw(forScreen(place, drawing));
  }).observe(place);

  window.addEventListener("beforeprint", () => {
    document.body.classList.add("tt-paper");
    draw(forPaper(drawing));
  });
  window.addEventListener("afterprint", () => {
    document.body.classList.remove("tt-paper");
    draw(forScreen(place, drawing));
  });
}

const root = document.querySelector("[data-timeline]");
const drawing = read("timeline-drawing");
if (root && drawing?.panels.length) start(root, drawing);
watchSlide(document.querySelector("[data-timeline-form]"), read("timeline-stops"));
