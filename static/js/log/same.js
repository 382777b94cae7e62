/* “About the same as last time”: fills in what may be carried over, which the server has put into the button, and leads
   to the questions that never are. Without this script the button is a link to the page filled in by the server. */

const insisted = (form) => [...form.querySelectorAll("[data-insist]")];
const isOpen = (question) => !question.querySelector('input:checked:not([value=""])');

export function offerSame(form) {
  const offer = document.getElementById("same");
  if (!offer) return;
  const link = offer.querySelector("a");
  /* The page may have been kept on the phone for days: then what it holds is too old to be carried over. */
  const isOld = () => Date.now() > Number(offer.dataset.until);
  if (isOld()) offer.hidden = true;
  link.setAttribute("role", "button");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (isOld()) { offer.hidden = true; return; }
    for (const [name, value] of Object.entries(JSON.parse(offer.dataset.choices))) choose(form, name, value);
    form.elements.carried_from.value = offer.dataset.from;
    offer.querySelector("[data-done]").hidden = false;
    link.hidden = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
    const first = insisted(form).find(isOpen);
    if (!first) return;
    first.closest("details")?.setAttribute("open", "");
    first.querySelector("input").focus();
    first.scrollIntoView({ block: "start" });
  });
}

/* What somebody has answered already is newer than what was carried over. */
function choose(form, name, value) {
  const radios = [...form.querySelectorAll(`input[name="${name}"]`)];
  if (radios.some((radio) => radio.checked && radio.value)) return;
  const chosen = radios.find((radio) => radio.value === value);
  if (!chosen) return;
  chosen.checked = true;
  chosen.closest("details").open = true;
}

/* [{field, words}] for what “about the same” leaves open; empty where it was not used or all is answered. */
export function leftOpen(form) {
  const whyNot = form.querySelector('input[name="why_not"]:checked')?.value;
  if (!form.elements.carried_from?.value || whyNot) return [];
  const words = document.getElementById("same")?.dataset.insisting ?? form.dataset.insisting;
  return insisted(form).filter(isOpen).map((question) => ({
    field: question.id,
    words: `${question.querySelector("legend").textContent.trim()} – ${words}`,
  }));
}
