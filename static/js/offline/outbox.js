/* Reports on their way. Each is stored here before it is sent, under an id that the server takes once; it is sent in
   the order in which it was written, until the server says that it has it or what is wrong with it. */

import { canKeep, database, fact, seal, setFact, tell, unseal } from "./store.js";

export const WAITING = "waiting", PARKED = "parked", RECEIVED = "received";
const PATIENCE_MS = 15_000;
const RECEIPTS_KEPT_MS = 7 * 24 * 3600 * 1000;
/* A report on which the server breaks down again and again must not hold up those behind it. */
const IN_ORDER_FOR_TRIES = 3;
const WHO = "/my/phone/who/";
const OF_THE_FRAME = new Set(["csrfmiddlewaretoken"]);

export class NotNow extends Error {}
export class SignedOut extends NotNow {}

/* -- Putting in --------------------------------------------------------------------------------------------------- */

/* `report`: {person, path (where to send), fields: [[name, value]], advice: [{code, level, headline, text}],
   is_unfinished}. Answers the id under which it is stored. It is on the phone once this returns.
   A report that was parked is replaced by the mended one; the same one again is the same; another one under the id of
   one that is on its way gets an id of its own. */
export async function add(report) {
  const fields = report.fields.filter(([name]) => !OF_THE_FRAME.has(name));
  const id = fields.find(([name]) => name === "client_id")[1];
  const content = { ...report, fields, made: Date.now(), offset: (await fact("offset")) ?? null };
  const sealed = await seal(report.person, content);
  const before = await withId(id);
  if (before && before.state !== PARKED) {
    const kept = await unseal(before.sealed);
    if (before.state === WAITING && String(kept?.fields) === String(fields)) return id;
    return add({ ...report, fields: fields.map(([name, value]) => [name, name === "client_id" ? crypto.randomUUID() : value]) });
  }
  const row = { id, person: report.person, state: WAITING, made: content.made, tries: 0, sealed };
  const db = await database();
  try {
    /* Under the number it had: whoever mends a report does not lose its place. */
    await db.put("outbox", before ? { ...row, number: before.number } : row);
  } catch (error) {
    /* Another tab was faster with this id. */
    if (error.name !== "ConstraintError") throw error;
    return add(report);
  }
  askToBeKept();
  tell("changed");
  return id;
}

async function withId(id) {
  return (await database()).getFromIndex("outbox", "client_id", id);
}

let asked = false;

/* The browser is asked not to throw this away when room gets short, and to wake us when the connection is back. */
function askToBeKept() {
  if (!asked) globalThis.navigator?.storage?.persist?.().catch(() => {});
  asked = true;
  const registration = globalThis.registration ?? globalThis.navigator?.serviceWorker?.ready;
  Promise.resolve(registration).then((found) => found?.sync?.register("outbox")).catch(() => {});
}

/* -- Reading ------------------------------------------------------------------------------------------------------ */

/* This person's reports, oldest first, opened. */
export async function reports(person) {
  const rows = (await (await database()).getAll("outbox")).filter((row) => row.person === person);
  const opened = await Promise.all(rows.map(async (row) => ({ ...row, content: await unseal(row.sealed) })));
  return opened.filter((row) => row.content);
}

/* {waiting, parked, received, others}: how many; `others` are unsent reports of other people, which nobody here can read. */
export async function counts(person) {
  const found = { waiting: 0, parked: 0, received: 0, others: 0 };
  for (const row of await (await database()).getAll("outbox")) {
    if (row.person === person) found[row.state] += 1;
    else if (row.state !== RECEIVED) found.others += 1;
  }
  return found;
}

export async function remove(id) {
  const row = await withId(id);
  if (row?.state === RECEIVED) await (await database()).delete("outbox", row.number);
}

/* -- Sending ------------------------------------------------------------------------------------------------------ */

/* Who the server says is signed in, with the key, the token and what has become of the reports named.
   Raises SignedOut, or NotNow where there is no answer. */
export async function who(logs = []) {
  const query = logs.length ? `?of=${logs.join(",")}` : "";
  const asked = Date.now();
  const answer = await request(WHO + query, { headers: { Accept: "application/json" } });
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignedOut();
  if (!answer.ok) throw new NotNow(`answered ${answer.status}`);
  const found = await answer.json();
  /* What to add to this phone's clock to have the server's, by the middle of the way there and back. */
  await setFact("offset", found.at - (asked + Date.now()) / 2);
  return found;
}

async function request(address, options) {
  try {
    return await fetch(address, {
      ...options,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout?.(PATIENCE_MS),
    });
  } catch (error) {
    throw new NotNow(String(error));
  }
}

/* Send what waits, one after the other, in one tab at a time. Answers how many wait still (another tab may be at them). */
export async function drain(phone) {
  if (!globalThis.navigator?.locks) return sendAll(phone);
  return navigator.locks.request("taperwatch-outbox", { ifAvailable: true }, (lock) =>
    lock ? sendAll(phone) : counts(phone.person).then((found) => found.waiting));
}

async function sendAll(phone) {
  if (!(await canKeep(phone.person))) throw new SignedOut();
  const db = await database();
  /* One by one, read afresh: another tab may have mended or added one since. */
  for (let last = 0; ; ) {
    const [row] = await db.getAll("outbox", IDBKeyRange.lowerBound(last, true), 1);
    if (!row) break;
    last = row.number;
    if (row.person === phone.person && row.state === WAITING) await sendOne(row, phone);
  }
  await throwOldReceiptsAway(db);
  return (await waitingRows(db, phone.person)).length;
}

async function waitingRows(db, person) {
  return (await db.getAll("outbox")).filter((row) => row.person === person && row.state === WAITING);
}

async function sendOne(row, phone) {
  const content = await unseal(row.sealed);
  if (!content) return;
  if (content.offset === null) {
    /* The clock was never compared before: now is the first chance, and it must stay the same for each try. */
    content.offset = (await fact("offset")) ?? 0;
    await change(row, { sealed: await seal(row.person, content) });
  }
  const answer = await post(row, content, phone).catch((error) => error);
  if (answer.status === 422) await settle(row, PARKED, { ...content, refusal: await answer.json() });
  else if (answer.ok) await settle(row, RECEIVED, { path: content.path, advice: content.advice, receipt: await answer.json() });
  else if ([400, 404, 413].includes(answer.status)) await settle(row, PARKED, { ...content, refusal: { problems: [] } });
  else await tryLater(row, answer);
}

function post(row, content, phone) {
  return request(content.path, {
    method: "POST",
    body: new URLSearchParams(content.fields),
    headers: {
      Accept: "application/json",
      "X-CSRFToken": phone.csrf,
      "Taperwatch-Person": row.person,
      "Taperwatch-Made": String(Math.round(content.made + content.offset)),
      ...(content.is_unfinished ? { "Taperwatch-Unfinished": "1" } : {}),
    },
  });
}

async function settle(row, state, content) {
  await change(row, { state, settled: Date.now(), sealed: await seal(row.person, content) });
  tell("changed");
}

async function change(row, changes) {
  const work = (await database()).transaction("outbox", "readwrite");
  const now = await work.store.get(row.number);
  /* Unless it was mended in another tab while this one was on its way: then the mended one is sent too. */
  if (now && now.made === row.made) await work.store.put({ ...now, ...changes });
  await work.done;
}

async function tryLater(row, answer) {
  await change(row, { tries: row.tries + 1 });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 409) throw new SignedOut();
  const isItsOwnFault = answer.status === 500 && row.tries + 1 >= IN_ORDER_FOR_TRIES;
  if (!isItsOwnFault) throw answer instanceof NotNow ? answer : new NotNow(`answered ${answer.status}`);
}

async function throwOldReceiptsAway(db) {
  for (const row of await db.getAll("outbox")) {
    if (row.state === RECEIVED && row.settled < Date.now() - RECEIPTS_KEPT_MS) await db.delete("outbox", row.number);
  }
}

/* What the server says has become of reports that it has. */
export async function noteReceipts(person, receipts) {
  for (const row of await reports(person)) {
    const found = row.state === RECEIVED && receipts[row.content.receipt.log];
    if (!found || found.seen_at === row.content.receipt.seen_at) continue;
    await settle(row, RECEIVED, { ...row.content, receipt: { ...row.content.receipt, ...found } });
  }
}
