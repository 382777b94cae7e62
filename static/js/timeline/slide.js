/* "As known at" as a slider over the moments at which something came in. Letting go of it asks the server for the page
   as of that moment: what was known is the server's to say. */

const WAIT_MS = 700;

export function watchSlide(form, stops) {
  const box = form?.querySelector("[data-slide]");
  if (!box || !stops?.length) return;
  const slider = box.querySelector("input"), words = box.querySelector("[data-slide-words]");
  let asked = 0;

  function say() {
    const label = stops[Number(slider.value)]?.label ?? box.dataset.now;
    words.textContent = label;
    slider.setAttribute("aria-valuetext", label);
  }

  function ask() {
    const address = new URL(location.href), chosen = stops[Number(slider.value)];
    if (chosen) address.searchParams.set("known_at", chosen.value);
    else address.searchParams.delete("known_at");
    address.hash = slider.id;
    if (address.href === location.href) return;
    location.assign(address);
  }

  slider.max = String(stops.length);
  slider.value = box.dataset.place;
  say();
  box.hidden = false;
  slider.addEventListener("input", say);
  slider.addEventListener("change", () => {
    clearTimeout(asked);
    asked = setTimeout(ask, WAIT_MS);
  });
  if (location.hash === `#${slider.id}`) slider.focus();
}
