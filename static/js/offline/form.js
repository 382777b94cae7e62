/* The page of questions: what is filled in is kept as a draft, and a report is on the phone before it is on its way.
   Where nothing can be kept, the form is sent as it is without this script. */

import { lookSoon, personOfPage, ready, strip } from "./app.js";
import { dropDraft, keepDraft, keptDraft } from "./drafts.js";
import { clock } from "./moments.js";
import { leftOpen } from "../log/same.js";
import { add, PARKED, RECEIVED, reports } from "./outbox.js";
import { canKeep, onTold } from "./store.js";

const STORE_WAIT_MS = 4000;
const SEND_WAIT_MS = 5000;
/* After the advice has looked at what was typed. */
const DRAFT_AFTER_MS = 900;
const NOT_ANSWERS = new Set(["csrfmiddlewaretoken", "client_id", "catalogue_version", "supersedes", "by", "when", "day", "clock", "which", "seconds", "carried_from"]);

const form = document.querySelector("form[data-outbox]");
const kept = document.getElementById("kept");
const page = location.pathname + location.search.replace(/[?&]repair=[^&]*/, "");
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds, false));

let isBusy = false, isAsBefore = false, isTouched = false;
let draftTimer = 0;

/* -- Reading the form --------------------------------------------------------------------------------------------- */

const fieldsOf = () => [...new FormData(form)].map(([name, value]) => [name, String(value)]);
const saysSomething = (fields) => fields.some(([name, value]) => value.trim() && !NOT_ANSWERS.has(name) && !name.startsWith("unit-"));

/* What the rules on this page have called for, to be said again wherever the report is shown. */
function adviceShown() {
  return [...form.querySelectorAll("#at-once [data-advice]:not([hidden])")].map((section) => ({
    code: section.dataset.advice,
    isEmergency: section.matches(".tw-card--emergency"),
    headline: section.querySelector("h2").textContent,
    text: section.querySelector("p").textContent,
  }));
}

const written = () => ({ path: form.dataset.outbox, page, fields: fieldsOf(), advice: adviceShown() });

/* -- Sending ------------------------------------------------------------------------------------------------------ */

async function send(event) {
  if (event.target !== form || isAsBefore) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isBusy) return;
  isBusy = true;
  form.setAttribute("aria-busy", "true");
  try {
    await sendFromHere();
  } catch (error) {
    console.warn("This report could not be kept on the phone:", error.message);
    sendAsBefore();
  } finally {
    isBusy = false;
    form.removeAttribute("aria-busy");
  }
}

async function sendFromHere() {
  if (!saysSomething(fieldsOf())) return showProblems([{ field: "", words: form.dataset.empty }]);
  const open = leftOpen(form);
  if (open.length) return showProblems(open);
  const person = await personOfPage();
  const isKept = person && ((await canKeep(person)) || (await Promise.race([ready, wait(STORE_WAIT_MS)])));
  if (!isKept) return sendAsBefore();
  const id = await add({ ...written(), person });
  clearTimeout(draftTimer);
  isTouched = false;
  await dropDraft(person, page);
  await Promise.race([lookSoon(), wait(SEND_WAIT_MS)]);
  await settle(person, id);
}

/* As without this script, with log-advice.js asking first whether the server answers. */
function sendAsBefore() {
  isAsBefore = true;
  /* Not within the event in hand: a form does not submit while it is submitting. */
  setTimeout(() => form.requestSubmit());
}

async function settle(person, id) {
  const row = await report(person, id);
  if (row.state === RECEIVED) location.assign(row.content.receipt.address);
  else if (row.state === PARKED) showProblems(row.content.refusal.problems, row.content.refusal.rescued);
  else showKept(person, id);
}

const report = async (person, id) => (await reports(person)).find((row) => row.id === id);

/* -- What became of it -------------------------------------------------------------------------------------------- */

function showProblems(problems, isRescued = false) {
  document.querySelector(".tw-errors")?.remove();
  const box = document.getElementById("problems").content.firstElementChild.cloneNode(true);
  const list = box.querySelector("ul");
  const told = problems.length ? problems : [{ field: "", words: form.dataset.refused }];
  for (const { field, words } of told) list.append(problemLine(field, words));
  box.querySelector("[data-rescued]").hidden = !isRescued;
  form.before(box);
  box.focus();
}

function problemLine(field, words) {
  const line = document.createElement("li");
  if (!field || !document.getElementById(field)) {
    line.textContent = words;
    return line;
  }
  const link = document.createElement("a");
  link.href = `#${field}`;
  link.textContent = words;
  link.addEventListener("click", () => document.getElementById(field).closest("details")?.setAttribute("open", ""));
  line.append(link);
  return line;
}

/* The advice stays in sight: it is all the more needed while nobody else knows. */
function showKept(person, id) {
  document.querySelector(".tw-errors")?.remove();
  kept.querySelector("h2").after(form.querySelector("#at-once"));
  form.hidden = true;
  kept.hidden = false;
  kept.focus();
  onTold(async (what) => {
    const row = what === "changed" && (await report(person, id));
    if (row?.state === RECEIVED) location.assign(row.content.receipt.address);
    if (row?.state === PARKED) location.assign(`${page}${page.includes("?") ? "&" : "?"}repair=${id}`);
  });
}

/* -- Drafts and reports to be mended ------------------------------------------------------------------------------ */

function fill(fields) {
  const left = [];
  for (const [name, value] of fields) {
    if (!value || name === "csrfmiddlewaretoken" || name === "catalogue_version") continue;
    if (!put(name, value) && !NOT_ANSWERS.has(name)) left.push(`${name}: ${value}`);
  }
  /* The questions may have changed since: what has no place any more is told in words, not thrown away. */
  const note = form.elements.note;
  if (left.length) note.value = `${note.value}\n${left.join("\n")}`.trim();
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function put(name, value) {
  const field = form.elements[name];
  if (!field) return false;
  const radios = field instanceof RadioNodeList ? [...field] : field.type === "radio" ? [field] : null;
  const chosen = radios?.find((one) => one.value === value);
  if (radios && !chosen) return false;
  if (chosen) chosen.checked = true;
  else field.value = value;
  const shown = chosen ?? field;
  if (shown.type !== "hidden") for (let at = shown.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  return field.value === value || Boolean(chosen);
}

async function mend(person) {
  const id = new URLSearchParams(location.search).get("repair");
  const row = id && (await report(person, id));
  if (row?.state !== PARKED) return false;
  fill(row.content.fields);
  showProblems(row.content.refusal.problems, row.content.refusal.rescued);
  return true;
}

async function bringBack(person) {
  const draft = await keptDraft(person, page);
  if (!draft || isTouched) return;
  fill(draft.fields);
  const line = document.getElementById("draft");
  const time = line.querySelector("time");
  time.dateTime = new Date(draft.at).toISOString();
  time.textContent = clock(draft.at);
  line.hidden = false;
  line.querySelector("button").addEventListener("click", async () => {
    clearTimeout(draftTimer);
    await dropDraft(person, page);
    location.reload();
  });
}

async function keepNow() {
  clearTimeout(draftTimer);
  const person = await personOfPage();
  if (!isTouched || isBusy || isAsBefore || form.hidden || !person || !(await canKeep(person))) return;
  isTouched = false;
  if (!saysSomething(fieldsOf())) return;
  const isInDanger = await keepDraft(person, page, written());
  /* Wakes the worker, which waits with the draft until its time has come. */
  if (isInDanger) navigator.serviceWorker?.ready.then((found) => found.sync?.register("drafts")).catch(() => {});
}

function touched() {
  isTouched = true;
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keepNow, DRAFT_AFTER_MS);
}

async function start() {
  /* A page kept on the phone is opened many times: each report has an id of its own. */
  const isAnswered = document.querySelector(".tw-errors") !== null;
  if (!isAnswered) form.elements.client_id.value = crypto.randomUUID?.() ?? form.elements.client_id.value;
  document.addEventListener("submit", send, true);
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepNow());
  window.addEventListener("pagehide", keepNow);
  onTold((what) => {
    /* The draft of this page has gone as a report of its own; what is added is another one. */
    if (what === "draft-sent") form.elements.client_id.value = crypto.randomUUID();
  });
  const person = await personOfPage();
  if (!person || !((await canKeep(person)) || (await ready.catch(() => false)))) return;
  if (!(await mend(person)) && !isAnswered) await bringBack(person);
}

if (form && strip) start();
