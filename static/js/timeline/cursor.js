/* Moving through time by keyboard, slider or press: every moment of which the table tells is a stop, and what the table
   says of it is read out. A slider is the browser's own, so that arrow keys, Home, End and page keys need no code. */

function stopsOf(lines) {
  const stops = new Map();
  for (const row of lines.querySelectorAll("tr[data-at]")) {
    const at = Number(row.dataset.at);
    stops.set(at, [...(stops.get(at) ?? []), row]);
  }
  return [...stops].map(([at, rows]) => ({ at, rows })).sort((one, other) => one.at - other.at);
}

function tell(said, stop) {
  const when = document.createElement("p"), list = document.createElement("ul");
  const strong = document.createElement("strong");
  strong.textContent = stop.rows[0].cells[0].textContent;
  when.append(strong);
  for (const row of stop.rows) {
    const item = document.createElement("li"), [, of, what, who] = row.cells;
    item.className = row.className;
    item.append(`${of.textContent.trim()}: `, ...[...what.childNodes].map((node) => node.cloneNode(true)));
    if (who.textContent.trim()) item.append(" — ", ...[...who.childNodes].map((node) => node.cloneNode(true)));
    list.append(item);
  }
  said.replaceChildren(when, list);
}

export function watchCursor(root, lines, now, moved) {
  const slider = root.querySelector("[data-cursor]"), said = root.querySelector("[data-said]");
  const stops = lines ? stopsOf(lines) : [];
  if (!stops.length) {
    slider.closest(".tt-cursor").hidden = true;
    return null;
  }
  slider.max = String(stops.length - 1);
  let place = null;

  function go(number) {
    place = number;
    slider.value = String(number);
    slider.setAttribute("aria-valuetext", stops[number].rows[0].cells[0].textContent);
    tell(said, stops[number]);
    moved(stops[number].at);
  }

  go(Math.max(stops.findLastIndex((stop) => stop.at <= now), 0));
  slider.addEventListener("input", () => go(Number(slider.value)));
  return {
    at: () => (place === null ? null : stops[place].at),
    goTo(at) {
      const far = (stop) => Math.abs(stop.at - at);
      go(stops.reduce((best, stop, number) => (far(stop) < far(stops[best]) ? number : best), 0));
    },
  };
}
