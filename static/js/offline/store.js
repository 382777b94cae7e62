/* What a phone keeps. Everything personal is sealed with a key that only the signed-in person is handed by the server;
   the key cannot be read out of the browser, and signing out throws it away (docs/adr/0017). */

import { openDB } from "../../vendor/idb/index.js";

const NAME = "taperwatch";
const FORM = 1;
const ROOM = "taperwatch";
const algorithm = (iv) => ({ name: "AES-GCM", iv });

let opened;

/* The database, or null where the browser has none (or plain http, where nothing can be sealed). */
export function database() {
  opened ??= open().catch(() => null);
  return opened;
}

async function open() {
  if (!globalThis.indexedDB || !globalThis.crypto?.subtle) return null;
  return openDB(NAME, FORM, {
    upgrade(db) {
      db.createObjectStore("keys", { keyPath: "id" });
      db.createObjectStore("facts");
      db.createObjectStore("pages", { keyPath: ["person", "path"] });
      db.createObjectStore("drafts", { keyPath: ["person", "path"] });
      const outbox = db.createObjectStore("outbox", { keyPath: "number", autoIncrement: true });
      outbox.createIndex("client_id", "id", { unique: true });
    },
    /* A newer form of the database waits in another tab: make way; the next use opens it anew. */
    blocking(_current, _next, event) {
      event.target.close();
      opened = undefined;
    },
    terminated() {
      opened = undefined;
    },
  });
}

/* -- Keys ------------------------------------------------------------------------------------------------------- */

async function fingerprint(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const bytesOf = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/* This person has signed in here: their keys are kept, and what can be read of anybody else is forgotten. The first
   key is the one that seals; older ones still open. */
export async function become(person, keys) {
  const db = await database();
  const rows = await Promise.all(keys.map(async (text, age) => {
    const bytes = bytesOf(text);
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    return { id: await fingerprint(bytes), person, key, age };
  }));
  if ((await db.get("facts", "person")) !== person) await forget();
  const work = db.transaction(["keys", "facts"], "readwrite");
  for (const row of rows) work.objectStore("keys").put(row);
  work.objectStore("facts").put(person, "person");
  await work.done;
}

/* Nobody can read here any more what was kept. Drafts and reports that were not sent stay, sealed, until their writer
   is back. */
export async function forget() {
  const db = await database();
  if (!db) return;
  const work = db.transaction(["keys", "facts", "pages", "outbox"], "readwrite");
  work.objectStore("keys").clear();
  work.objectStore("pages").clear();
  work.objectStore("facts").delete("person");
  const outbox = work.objectStore("outbox");
  for (const row of await outbox.getAll()) if (row.state === "received") outbox.delete(row.number);
  await work.done;
  tell("forgotten");
}

/* Whose phone this is now: who signed in last and has not signed out. */
export async function personHere() {
  return (await (await database())?.get("facts", "person")) ?? null;
}

async function keysOf(person) {
  const found = await (await database()).getAll("keys");
  return found.filter((row) => row.person === person).sort((a, b) => a.age - b.age);
}

export async function canKeep(person) {
  return Boolean(await database()) && (await keysOf(person)).length > 0;
}

export async function seal(person, content) {
  const [row] = await keysOf(person);
  if (!row) throw new Error("This person is not signed in on this phone");
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(content));
  return { by: row.id, iv, data: await crypto.subtle.encrypt(algorithm(iv), row.key, plain) };
}

/* The content, or null without its key. */
export async function unseal(sealed) {
  const row = await (await database()).get("keys", sealed.by);
  if (!row) return null;
  const plain = await crypto.subtle.decrypt(algorithm(sealed.iv), row.key, sealed.data);
  return JSON.parse(new TextDecoder().decode(plain));
}

/* -- Small things ----------------------------------------------------------------------------------------------- */

export async function fact(name) {
  return (await database())?.get("facts", name);
}

export async function setFact(name, value) {
  await (await database())?.put("facts", value, name);
}

export async function keepPage(person, path, content) {
  const sealed = await seal(person, content);
  await (await database()).put("pages", { person, path, build: content.build, at: Date.now(), sealed });
}

export async function keptPage(person, path) {
  const row = await (await database())?.get("pages", [person, path]);
  return row ? { ...row, content: await unseal(row.sealed) } : null;
}

/* Other tabs and the worker hear what has changed. */
const room = globalThis.BroadcastChannel ? new BroadcastChannel(ROOM) : null;
const hearers = new Set();

export function tell(what) {
  room?.postMessage(what);
  for (const hear of hearers) hear(what);
}

export function onTold(hear) {
  hearers.add(hear);
}

room?.addEventListener("message", ({ data }) => hearers.forEach((hear) => hear(data)));
