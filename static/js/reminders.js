/* The page of reminders: messages on this very phone, turned on and off. Everything else there works without a script. */

import { hand } from "./offline/push.js";

/* The browser's maker has given up the address that this browser still has. */
const IS_OVER = 409;
const box = document.getElementById("this-phone");
const button = box?.querySelector("button");
const csrf = document.querySelector("[name=csrfmiddlewaretoken]")?.value;

function say(state) {
  for (const line of box.querySelectorAll("[data-state]")) line.hidden = line.dataset.state !== state;
  button.hidden = !["off", "failed"].includes(state);
}

async function start() {
  say(await state());
  button.addEventListener("click", turnOn);
  for (const form of document.querySelectorAll("form[data-phone]")) form.addEventListener("submit", forget);
}

async function state() {
  const needsHomeScreen = /iPhone|iPad/.test(navigator.userAgent) && !navigator.standalone;
  if (!("PushManager" in window) || !("Notification" in window)) return needsHomeScreen ? "home-screen" : "cannot";
  if (Notification.permission === "denied") return "denied";
  const own = await ownLine();
  if (!own) return "off";
  own.querySelector("[data-this]").hidden = false;
  return "on";
}

async function subscription() {
  return (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
}

/* Which of the phones in the list is this one: the address itself is not written into the page. */
async function ownLine() {
  const found = await subscription();
  if (!found) return null;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(found.endpoint));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return document.querySelector(`[data-phone="${hex}"]`)?.closest("li") ?? null;
}

async function turnOn() {
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return say(await state());
    const registration = await navigator.serviceWorker.ready;
    let answer = await hand(await subscribe(registration), csrf);
    if (answer.status === IS_OVER) {
      await (await subscription()).unsubscribe();
      answer = await hand(await subscribe(registration), csrf);
    }
    if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
    location.reload();
  } catch (error) {
    console.warn("Messages could not be turned on:", error.message);
    say("failed");
  } finally {
    button.disabled = false;
  }
}

async function subscribe(registration) {
  const options = { userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) };
  try {
    return await registration.pushManager.subscribe(options);
  } catch (error) {
    /* One that was made for another key of the server is in the way. */
    const old = await registration.pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return registration.pushManager.subscribe(options);
  }
}

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

/* The server forgets the phone by itself; this phone should not keep what nobody uses. */
async function forget(event) {
  const form = event.currentTarget;
  if ((await ownLine()) !== form.closest("li")) return;
  (await subscription())?.unsubscribe();
}

if (button) start();
