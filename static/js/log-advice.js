/* Advice while the form is being filled: the phone reads the form as the server will, decides the rules that one log can
   decide, and uncovers the catalogue's advice that the page already holds. It only ever adds: nothing that the server
   does or shows depends on it, and it never says that all is well. */

import { numberOf } from "./log/numbers.js";

const WAIT_MS = 600;
const PATIENCE_MS = 4000;
const URGENT = 2;

const panel = document.getElementById("at-once");
const form = panel?.closest("form");

function answerOf(chosen) {
  if (chosen === "yes" || chosen === "no") return chosen === "yes";
  return /^\d+$/.test(chosen) ? Number(chosen) : chosen;
}

function answersOf(form) {
  const given = new FormData(form), whyNot = given.get("why_not"), found = {};
  for (const question of form.querySelectorAll('[id^="field-answer-"]')) {
    const code = question.id.slice("field-answer-".length);
    const chosen = given.get(`answer-${code}`);
    if (chosen) found[code] = answerOf(chosen);
    /* Why somebody cannot answer is recorded for each question left open: a finding, not a gap. */
    else if (whyNot && !question.matches(".tw-question--follow-up, .tw-unmeasured *")) found[code] = whyNot;
  }
  return found;
}

function readingsOf(form, catalogue, canonicalReading) {
  const given = new FormData(form), found = {};
  for (const [sign, definition] of Object.entries(catalogue.vital_signs)) {
    const value = canonicalReading(definition, numberOf(given.get(`value-${sign}`) ?? ""), given.get(`unit-${sign}`));
    if (!Number.isNaN(value)) found[sign] = value;
  }
  return found;
}

/* Trouble with speech may be a stroke, whatever else is so (apps/portal/selectors.py says the same after sending). */
function adviceOnAnswers(answers) {
  return Number(answers.speech_disturbance) > 0 ? ["stroke"] : [];
}

function show(codes) {
  let isAny = false;
  for (const section of panel.querySelectorAll("[data-advice]")) {
    const isMeant = codes.includes(section.dataset.advice);
    isAny ||= isMeant;
    if (section.hidden === isMeant) section.hidden = !isMeant;
  }
  panel.querySelector("[data-not-sent]").hidden = !isAny;
}

async function start() {
  /* The answer to a form that was sent with a fault comes back filled in: look at once. */
  const [rules, answer] = await Promise.all([import(panel.dataset.rules), fetch(panel.dataset.catalogue)]);
  if (!answer.ok) return;
  const catalogue = await answer.json();
  const record = JSON.parse(panel.dataset.record);

  function look() {
    const answers = answersOf(form);
    const log = {
      reporter: panel.dataset.reporter,
      answers,
      vital_signs: readingsOf(form, catalogue, rules.canonicalReading),
    };
    const hits = rules.evaluate(catalogue, log, record).hits.filter((hit) => hit.level >= URGENT);
    show([...rules.adviceFor(catalogue, hits), ...adviceOnAnswers(answers)]);
  }

  let waiting = 0;
  form.addEventListener("change", look);
  /* A number is not what it will be while it is typed. */
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
  look();
}

/* Whether the server answers. When in doubt it does: then the browser tries as it would without this script. */
async function isReachable() {
  try {
    const answer = await fetch(panel.dataset.alive, { cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE_MS) });
    return answer.ok;
  } catch (error) {
    return error.name === "TimeoutError";
  }
}

/* Without a connection a browser puts its own page of errors in place of the answers and the advice. So ask first. */
async function sendIfReachable(event) {
  /* A second tap, which taperwatch.js stops. */
  if (form.dataset.sent) return;
  event.preventDefault();
  const isSending = await isReachable();
  panel.querySelector("[data-no-connection]").hidden = isSending;
  if (isSending) HTMLFormElement.prototype.submit.call(form);
  else delete form.dataset.sent;
}

if (form) {
  form.addEventListener("submit", sendIfReachable);
  start();
}
