/* On every page of the portal: says whether there is a connection and what waits on this phone, and sends it. */

import { counts, drain, noteReceipts, NotNow, reports, RECEIVED, SignedOut, who } from "./outbox.js";
import { leave, sendLeftDrafts } from "./drafts.js";
import { become, canKeep, database, keepPage, keptPage, onTold, personHere, setFact } from "./store.js";

const LOOK_EVERY_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const LEFT_DRAFTS_EVERY_MS = 30_000;
const PAGE_KEPT_MS = 60 * 60 * 1000;
const SEND_BEFORE_LEAVING_MS = 6000;
const AFTER_LEAVING_MS = 3000;
const KEPT_HEADERS = ["content-type", "content-security-policy", "referrer-policy", "x-content-type-options"];

export const strip = document.getElementById("phone");
const given = strip?.dataset ?? {};

let failures = 0;
let timer = 0;
let isSignedOut = false;

/* Whose page this is: written by the server, or, on a page that is the same for everybody, who was here last. */
export async function personOfPage() {
  return given.person || (await personHere());
}

/* True once this person's reports can be kept on this phone; false where they cannot. */
export const ready = start();

async function start() {
  if (!strip || !(await database())) return false;
  onTold((what) => {
    /* Somebody was forgotten: by a sign-out, or because another signs in. Once that is done the server knows. */
    if (what === "forgotten" && given.person) setTimeout(look, AFTER_LEAVING_MS);
    show();
  });
  listen();
  registerWorker();
  await setFact("language", document.documentElement.lang);
  await look();
  const person = await personOfPage();
  return Boolean(person) && canKeep(person);
}

/* -- Sending ------------------------------------------------------------------------------------------------------ */

let running = null, next = null;

/* One look at a time; whoever asks meanwhile gets the next one, which sees what they have just put in. */
export function look() {
  if (!running) {
    running = lookOnce().finally(() => { running = null; });
    return running;
  }
  next ??= running.catch(() => {}).then(() => {
    next = null;
    return look();
  });
  return next;
}

/* Ask the server who this is, send what waits, and read what became of the rest. Answers whether it was reached. */
async function lookOnce() {
  clearTimeout(timer);
  const person = await personOfPage();
  let isReached = true;
  try {
    const sent = person ? (await reports(person)).filter((row) => row.state === RECEIVED && !row.content.receipt.seen_at) : [];
    const phone = await who(sent.map((row) => row.content.receipt.log).slice(-50));
    if (!person || phone.person === person) await settleIn(phone);
    else isSignedOut = true;
    failures = 0;
  } catch (error) {
    if (!(error instanceof NotNow)) throw error;
    isReached = error instanceof SignedOut;
    if (isReached) isSignedOut = true;
    failures += 1;
  }
  strip.classList.toggle("tw-is-offline", !isReached);
  await show();
  await planNext();
  return isReached;
}

async function settleIn(phone) {
  isSignedOut = false;
  const before = await personHere();
  if (before && before !== phone.person) await leave();
  await become(phone.person, phone.keys);
  await sendLeftDrafts(phone.person);
  await drain(phone);
  await noteReceipts(phone.person, phone.receipts);
  /* In the background; who signs out meanwhile leaves nothing to keep it for. */
  keepPages(phone.person).catch((error) => console.warn("A page could not be kept:", error.message));
}

/* Again when there is something to send or to learn: soon, then ever later, by a time of its own for each phone. */
async function planNext() {
  const person = await personOfPage();
  if (!person || !(await canKeep(person))) return;
  const found = await counts(person);
  if (!found.waiting && !(given.watch && found.received) && !failures) return;
  const backOff = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures) * (0.75 + Math.random() / 2);
  timer = setTimeout(look, failures || found.waiting ? backOff : LOOK_EVERY_MS);
}

/* A report was put in: send it now. */
export function lookSoon() {
  failures = 0;
  return look();
}

/* Drafts in danger wait for nothing but the time. */
async function sendWhatWasLeft() {
  const person = await personOfPage();
  if (person && (await canKeep(person)) && (await sendLeftDrafts(person))) await lookSoon();
}

function listen() {
  setInterval(sendWhatWasLeft, LEFT_DRAFTS_EVERY_MS);
  window.addEventListener("online", lookSoon);
  window.addEventListener("offline", () => strip.classList.add("tw-is-offline"));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookSoon());
  window.addEventListener("pageshow", (event) => event.persisted && lookSoon());
  for (const form of document.querySelectorAll('form[action$="/accounts/logout/"]')) {
    form.addEventListener("submit", sendThenLeave);
  }
}

/* Signing out makes what waits unreadable here, so it is sent first if that can be. */
async function sendThenLeave(event) {
  const form = event.currentTarget;
  event.preventDefault();
  const person = await personOfPage();
  if (person && (await canKeep(person))) await sendLeftDrafts(person, Infinity);
  await Promise.race([look(), new Promise((resolve) => setTimeout(resolve, SEND_BEFORE_LEAVING_MS))]);
  await leave();
  HTMLFormElement.prototype.submit.call(form);
}

/* -- What is kept for later --------------------------------------------------------------------------------------- */

function registerWorker() {
  navigator.serviceWorker
    ?.register(given.worker, { scope: "/", type: "module", updateViaCache: "none" })
    .catch((error) => console.warn("This browser opens nothing without a connection:", error.message));
  navigator.serviceWorker?.ready.then((found) => navigator.serviceWorker.controller ?? found.active.postMessage("claim"));
}

/* The person's questions, sealed, and the pages that are the same for everybody. */
async function keepPages(person) {
  const language = document.documentElement.lang;
  const build = given.build + language;
  for (const path of (given.keep ?? "").split(" ").filter(Boolean)) {
    const kept = await keptPage(person, path);
    if (kept?.content && kept.build === build && Date.now() - kept.at < PAGE_KEPT_MS) continue;
    const answer = await fetch(path, { redirect: "manual", credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) continue;
    const headers = KEPT_HEADERS.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value);
    await keepPage(person, path, { build, headers, text: await answer.text() });
  }
  await keepShared(language);
}

async function keepShared(language) {
  if (!globalThis.caches) return;
  const cache = await caches.open(`taperwatch-${given.build}`);
  const pages = given.shared.split(" ").map((path) => `${path}?in=${language}`);
  const files = [...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.href);
  const rules = document.getElementById("at-once")?.dataset.catalogue;
  for (const address of [...pages, ...files, ...(rules ? [rules] : [])]) {
    if (await cache.match(address)) continue;
    const answer = await fetch(address, { credentials: "omit" }).catch(() => null);
    if (answer?.ok) await cache.put(address, answer);
  }
  if (given.wardPhone) {
    await keepPage(await personHere(), "#ward", { build: given.build, name: given.wardName, phone: given.wardPhone });
  }
}

/* -- Saying so ---------------------------------------------------------------------------------------------------- */

async function show() {
  const person = await personOfPage();
  const found = await counts(person);
  say("waiting", found.waiting);
  say("parked", found.parked);
  say("others", found.others);
  uncover("signed-out", isSignedOut && Boolean(given.person || found.waiting));
  uncover("offline", strip.classList.contains("tw-is-offline"));
}

function say(name, count) {
  const line = uncover(name, count > 0);
  if (line) line.querySelector("[data-count]").textContent = new Intl.NumberFormat(document.documentElement.lang).format(count);
}

function uncover(name, isMeant) {
  const line = strip.querySelector(`[data-say="${name}"]`);
  if (line && line.hidden === isMeant) line.hidden = !isMeant;
  return line;
}
