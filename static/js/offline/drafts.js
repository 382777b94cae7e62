/* What is half filled in. It survives closing; one with a sign of danger in it is sent by itself. */

import { add } from "./outbox.js";
import { canKeep, database, forget, personHere, seal, tell, unseal } from "./store.js";

/* Issue and product: a red flag that nobody sent is sent after a quarter of an hour. */
export const LEFT_AFTER_MS = 15 * 60 * 1000;

/* `draft`: {path (where it would be sent), fields, advice}. It is in danger from when advice first came up. */
export async function keepDraft(person, page, draft) {
  const db = await database();
  const before = await db.get("drafts", [person, page]);
  const danger = draft.advice.length ? (before?.danger ?? Date.now()) : null;
  await db.put("drafts", { person, path: page, at: Date.now(), danger, sealed: await seal(person, draft) });
  return danger !== null;
}

export async function keptDraft(person, page) {
  const row = await (await database()).get("drafts", [person, page]);
  const content = row && (await unseal(row.sealed));
  return content ? { ...content, at: row.at } : null;
}

export async function dropDraft(person, page) {
  await (await database()).delete("drafts", [person, page]);
}

/* Into the outbox with those that were left with a sign of danger. Answers how many. */
export async function sendLeftDrafts(person, now = Date.now()) {
  const db = await database();
  const inDanger = (await db.getAll("drafts")).filter((row) => row.person === person && row.danger !== null);
  const left = inDanger.filter((row) => now - row.danger >= LEFT_AFTER_MS);
  for (const row of left) {
    const draft = await unseal(row.sealed);
    if (!draft) continue;
    await add({ ...draft, person, is_unfinished: true });
    await db.delete("drafts", [row.person, row.path]);
    tell("draft-sent");
  }
  return left.length;
}

export async function waitsInDanger(person) {
  return (await (await database()).getAll("drafts")).some((row) => row.person === person && row.danger !== null);
}

/* Whoever was here goes: a draft with a sign of danger becomes a report while it can still be read. */
export async function leave() {
  const person = await personHere();
  if (person && (await canKeep(person))) await sendLeftDrafts(person, Infinity);
  await forget();
}
