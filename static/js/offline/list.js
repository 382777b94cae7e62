/* Pages that are the same for everybody, filled in from what this phone keeps: the reports with how far each has come,
   and the number of the ward. */

import { personOfPage, ready } from "./app.js";
import { clock } from "./moments.js";
import { PARKED, RECEIVED, reports } from "./outbox.js";
import { keptPage, onTold } from "./store.js";

const list = document.getElementById("reports");

async function showWard() {
  const person = await personOfPage();
  const ward = person && (await keptPage(person, "#ward"))?.content;
  if (!ward) return;
  for (const place of document.querySelectorAll("[data-ward-call]")) {
    const link = place.querySelector("a");
    link.href = `tel:${ward.phone.replace(/(?!^\+)\D/g, "")}`;
    link.querySelector(".tw-phone").textContent = ward.phone;
    place.querySelector("[data-ward-name]")?.replaceChildren(ward.name);
    place.hidden = false;
  }
}

async function showReports() {
  const person = await personOfPage();
  const found = person ? await reports(person) : [];
  document.getElementById("no-reports").hidden = found.length > 0;
  list.replaceChildren(...found.reverse().map(card));
}

function card(row) {
  const made = document.getElementById("report").content.firstElementChild.cloneNode(true);
  const { receipt, refusal, advice = [] } = row.content;
  const isTold = row.state === RECEIVED;
  step(made, "phone", row.made);
  step(made, "received", receipt && Date.parse(receipt.received_at));
  step(made, "seen", receipt?.seen_at && Date.parse(receipt.seen_at));
  made.querySelector("[data-seen-by]").textContent = receipt?.seen_by ?? "";
  made.querySelector("[data-unfinished]").hidden = !row.content.is_unfinished;
  made.querySelector("[data-parked]").hidden = row.state !== PARKED;
  made.querySelector("[data-rescued]").hidden = !refusal?.rescued;
  made.querySelector("[data-problems]").append(...(refusal?.problems ?? []).map(({ words }) => item(words)));
  made.querySelector("[data-mend]").href = address(row);
  const opened = made.querySelector("[data-open]");
  opened.hidden = !isTold;
  if (isTold) opened.querySelector("a").href = receipt.address;
  /* Said again until somebody on the ward has seen it. */
  if (!receipt?.seen_at) made.querySelector("[data-danger]").append(...advice.map(warning));
  made.querySelector("[data-not-told]").hidden = isTold || !advice.length;
  return made;
}

function step(made, name, at) {
  const line = made.querySelector(`[data-step="${name}"]`);
  line.classList.toggle("tw-step--done", Boolean(at));
  line.querySelector("[data-is]").hidden = !at;
  line.querySelector("[data-is-not]")?.toggleAttribute("hidden", Boolean(at));
  if (at) line.querySelector("time").textContent = clock(at);
}

function warning({ headline, text, isEmergency }) {
  const made = document.getElementById("warning").content.firstElementChild.cloneNode(true);
  made.classList.add(isEmergency ? "tw-card--emergency" : "tw-card--urgent");
  made.querySelector("h3").textContent = headline;
  made.querySelector("p").textContent = text;
  return made;
}

function item(words) {
  const line = document.createElement("li");
  line.textContent = words;
  return line;
}

function address(row) {
  const page = row.content.page ?? "/my/log/";
  return `${page}${page.includes("?") ? "&" : "?"}repair=${row.id}`;
}

async function show() {
  await showWard();
  if (list) await showReports();
}

onTold(show);
show();
ready.then(show, () => {});
