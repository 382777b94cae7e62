/* One question at a time, for whoever finds a long page too much. Which way suits the person is remembered on the phone.
   The advice, “I need help now” and the button that sends stay in reach at every question. */

const KEY = "taperwatch-one-by-one";

export function offerOneByOne(form) {
  const bar = document.getElementById("one-by-one");
  const choose = document.getElementById("one-by-one-choose");
  const [back, next, place, send] = ["back", "next", "place", "send"].map((name) => bar.querySelector(`[data-${name}]`));
  const last = form.querySelector("[data-last]");
  let at = 0;
  bar.hidden = choose.hidden = false;

  const isOn = () => form.classList.contains("tw-one-by-one");
  /* What stands beside the button that sends is asked together with it. */
  const asked = () => [...form.querySelectorAll(".tw-question")].filter((one) => !last.contains(one) && isAsked(one)).concat(last);

  function show(isMoved) {
    const questions = asked();
    at = Math.min(Math.max(at, 0), questions.length - 1);
    for (const old of form.querySelectorAll(".tw-is-now, .tw-holds-now")) old.classList.remove("tw-is-now", "tw-holds-now");
    const now = questions[at];
    now.classList.add("tw-is-now");
    for (let box = now.closest("details"); box; box = box.parentElement.closest("details")) {
      box.open = true;
      box.classList.add("tw-holds-now");
    }
    place.textContent = place.dataset.words.replace("%(number)s", number(at + 1)).replace("%(count)s", number(questions.length));
    back.disabled = at === 0;
    next.hidden = send.hidden = at === questions.length - 1;
    if (!isMoved) return;
    const aim = now.querySelector("input:checked, input:not([type=hidden]), textarea, select, button");
    aim?.focus({ preventScroll: true });
    now.scrollIntoView({ block: "center" });
  }

  function turn(isMeant) {
    form.classList.toggle("tw-one-by-one", isMeant);
    choose.textContent = isMeant ? choose.dataset.all : choose.dataset.one;
    for (const part of [back, next, place, send]) part.hidden = !isMeant;
    try { localStorage.setItem(KEY, isMeant ? "1" : ""); } catch { /* Then it is chosen anew each time. */ }
    if (isMeant) show(true);
  }

  choose.addEventListener("click", () => turn(!isOn()));
  back.addEventListener("click", () => { at -= 1; show(true); });
  next.addEventListener("click", () => { at += 1; show(true); });
  form.addEventListener("change", () => isOn() && show(false));
  /* Whatever leads to a question (a list of what is wrong, “about the same”) leads there in this way too. */
  form.addEventListener("focusin", (event) => {
    const question = event.target.closest(".tw-question, [data-last]");
    const found = asked().indexOf(question);
    if (isOn() && found >= 0 && found !== at) { at = found; show(false); }
  });
  window.addEventListener("hashchange", () => {
    const found = asked().indexOf(document.getElementById(location.hash.slice(1)));
    if (isOn() && found >= 0) { at = found; show(true); }
  });
  if (remembered()) turn(true);
}

function remembered() {
  try { return localStorage.getItem(KEY) === "1"; } catch { return false; }
}

const number = (count) => new Intl.NumberFormat(document.documentElement.lang).format(count);

/* A question within another (why it could not be measured) belongs to that one; one that follows another is asked once
   that one is answered so. */
function isAsked(question) {
  if (question.parentElement.closest(".tw-question")) return false;
  if (!question.matches(".tw-question--follow-up") || question.querySelector('input:checked:not([value=""])')) return true;
  let opener = question.previousElementSibling;
  while (opener?.matches(".tw-question--follow-up")) opener = opener.previousElementSibling;
  return !opener || opener.querySelector(".tw-choice--opens input:checked") !== null;
}
