/* The service worker. It keeps the files of one build and two pages that are the same for everybody; what belongs to a
   person comes sealed from the store. With a connection it stays out of the way. */

import { NotNow, drain, who } from "./outbox.js";
import { leave, sendLeftDrafts, waitsInDanger } from "./drafts.js";
import { listenForMessages } from "./push.js";
import { fact, keptPage, personHere } from "./store.js";

const PREFIX = "taperwatch-";
const PATIENCE_MS = 8000;
/* Pages of the ward: whoever is there is not the person whose phone this was. */
const OTHER_DOORS = /^\/(ward|admin)\//;

export function serve(app) {
  const name = PREFIX + app.build;
  self.addEventListener("install", (event) => event.waitUntil(install(name, app)));
  self.addEventListener("activate", (event) => event.waitUntil(takeOver(name)));
  /* Before the next: whoever answers a request keeps it from those that listen after. */
  listenForMessages(app);
  self.addEventListener("fetch", (event) => answer(event, name, app));
  self.addEventListener("sync", (event) => event.waitUntil(send()));
  /* A page that was on its way while this worker took over was not there to be claimed, and asks for it. */
  self.addEventListener("message", (event) => event.data === "claim" && event.waitUntil(self.clients.claim()));
}

async function install(name, app) {
  const cache = await caches.open(name);
  await cache.addAll(app.files);
  await self.skipWaiting();
}

/* The files of the build before stay, for a page of it that is still open. */
async function takeOver(name) {
  const names = (await caches.keys()).filter((one) => one.startsWith(PREFIX) && one !== name);
  await Promise.all(names.slice(0, -1).map((one) => caches.delete(one)));
  await self.clients.claim();
}

function answer(event, name, app) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname.endsWith("/accounts/logout/")) event.waitUntil(leave());
  if (request.mode === "navigate" && OTHER_DOORS.test(url.pathname)) event.waitUntil(leave());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    if (url.pathname === "/" || url.pathname.startsWith("/my/")) event.respondWith(page(request, url, app));
  } else if (isForEverybody(url)) {
    event.respondWith(file(request, name));
  }
}

/* Files, and rules by their digest: their address says what is in them, and they hold nothing of a person. */
function isForEverybody(url) {
  return url.pathname.startsWith("/static/") || (url.pathname.startsWith("/my/catalogue/") && url.searchParams.has("of"));
}

async function file(request, name) {
  const found = await caches.match(request);
  if (found) return found;
  const fetched = await fetch(request);
  if (fetched.ok) (await caches.open(name)).put(request, fetched.clone());
  return fetched;
}

/* What the server says, unless it says nothing, or breaks down and the phone has the page itself. */
async function page(request, url, app) {
  try {
    const fetched = await within(PATIENCE_MS, fetch(request));
    if (fetched.status < 500) return fetched;
    return (await ownPage(url)) ?? fetched;
  } catch {
    return (await ownPage(url)) ?? (await sharedPage(url.pathname === app.help ? app.help : app.phone));
  }
}

function within(milliseconds, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), milliseconds));
  return Promise.race([promise, late]);
}

async function ownPage(url) {
  const person = await personHere();
  /* Which report is to be mended is for the script on the page. */
  const wanted = new URLSearchParams(url.search);
  wanted.delete("repair");
  const path = url.pathname + (wanted.size ? `?${wanted}` : "");
  const found = person && ((await keptPage(person, path)) ?? (await keptPage(person, url.pathname)));
  return found?.content ? new Response(found.content.text, { headers: found.content.headers }) : null;
}

async function sharedPage(path) {
  const language = (await fact("language")) ?? "en";
  return (await caches.match(`${path}?in=${language}`)) ?? Response.error();
}

/* The connection is back and no page may be open. Failing makes the browser ask again later. */
async function send() {
  const phone = await who();
  if (phone.person !== (await personHere())) return;
  await sendLeftDrafts(phone.person);
  if ((await drain(phone)) || (await waitsInDanger(phone.person))) throw new NotNow("some still wait");
}
