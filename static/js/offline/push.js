/* Messages from the ward's server, in the service worker. They say that something waits and where; what it is stands
   behind the sign-in. A browser insists that every message is shown, so one that cannot be read is shown without words. */

import { who } from "./outbox.js";

const SHOWN = "/my/reminders/shown/";
const ADD_PHONE = "/my/reminders/phone/";
const HOME = "/my/";
const OURS = /^\/(my|ward)\/[\w\/-]*$/;

export function listenForMessages(app) {
  self.addEventListener("push", (event) => event.waitUntil(show(told(event, app), app)));
  self.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
  self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
  self.addEventListener("fetch", (event) => {
    /* Whoever opens the app needs no reminder of it. */
    if (event.request.mode === "navigate" && new URL(event.request.url).pathname.startsWith(HOME)) event.waitUntil(clear());
  });
}

function told(event, app) {
  let given = {};
  try {
    given = event.data?.json() ?? {};
  } catch {
    console.warn("A message could not be read.");
  }
  return { title: app.name, body: "", path: HOME, receipt: "", tag: "taperwatch", ...given };
}

async function show(message, app) {
  await self.registration.showNotification(message.title, {
    body: message.body,
    lang: message.language,
    dir: message.direction,
    tag: message.tag,
    renotify: true,
    timestamp: message.at,
    icon: app.icon,
    badge: app.icon,
    data: { path: message.path, receipt: message.receipt },
  });
  await say(message.receipt, "");
}

async function open(notification) {
  notification.close();
  const { path, receipt } = notification.data ?? {};
  const address = OURS.test(path) ? path : HOME;
  const windows = await self.clients.matchAll({ type: "window" });
  const page = windows.find((one) => new URL(one.url).pathname.startsWith(HOME));
  /* A page that somebody is filling in is brought to the front and left as it is. */
  await Promise.all([page ? page.focus() : self.clients.openWindow(address), say(receipt, "?opened")]);
}

async function say(receipt, how) {
  if (!receipt) return;
  await fetch(`${SHOWN}${receipt}/${how}`, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
}

async function clear() {
  for (const notification of await self.registration.getNotifications()) notification.close();
}

/* The browser's maker gave the phone another address: the server is told, if somebody is signed in. */
export async function renew(event) {
  const options = event.oldSubscription?.options;
  const subscription = event.newSubscription ?? (options && (await self.registration.pushManager.subscribe(options)));
  if (subscription) await hand(subscription, (await who()).csrf);
}

/* Answers the server's answer. */
export async function hand(subscription, csrf) {
  const { endpoint, keys } = subscription.toJSON();
  return fetch(ADD_PHONE, {
    method: "POST",
    credentials: "same-origin",
    redirect: "manual",
    headers: { "X-CSRFToken": csrf },
    body: new URLSearchParams({ endpoint, p256dh: keys.p256dh, auth: keys.auth }),
  });
}
