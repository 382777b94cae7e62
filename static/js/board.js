/* The ward board's watch over itself. htmx asks the server once a second; this file judges the answers.

   A good answer comes from the board itself (it carries X-Board-At) and is newer than the one before, so that neither a
   frozen server nor a page put in its place by a network can look alive. The age of the last good answer is counted by
   the browser's monotonic clock and by its wall clock, and the larger counts: the first stands still while a machine
   sleeps, the second can be set back. */
(function () {
  "use strict";

  const board = document.querySelector("[data-board]");
  if (!board) return;
  const staleAfter = Number(board.dataset.staleAfter) * 1000;
  const feed = board.querySelector("[data-feed]");
  const feedWords = board.querySelector("[data-feed-words]");
  const notLive = board.querySelector("[data-notlive]");
  const notLiveWords = board.querySelector("[data-notlive-words]");
  const signedOut = board.querySelector("[data-notlive-signed-out]");
  const announce = board.querySelector("[data-announce]");
  const language = document.documentElement.lang || "en";
  const seconds = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "narrow", maximumFractionDigits: 0 });
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  let newest = board.dataset.boardAt;
  let good = { monotonic: performance.now(), wall: Date.now() };
  let known = emergencies();

  function emergencies() {
    return new Set(Array.from(board.querySelectorAll("[data-emergency]"), (row) => row.dataset.emergency));
  }

  function age() {
    return Math.max(performance.now() - good.monotonic, Date.now() - good.wall, 0);
  }

  function show() {
    const stale = age() > staleAfter;
    board.classList.toggle("tb--stale", stale);
    if (notLive.hidden === stale) {
      if (stale) notLiveWords.textContent = notLive.dataset.words.replace("%s", clock.format(good.wall));
      notLive.hidden = !stale;
    }
    const words = (stale ? feed.dataset.lost : feed.dataset.live).replace("%s", seconds.format(Math.floor(age() / 1000)));
    if (feedWords.textContent !== words) feedWords.textContent = words;
  }

  function proven(at) {
    const shown = board.querySelector("[data-proven] time");
    if (at && shown) shown.dateTime = at;
  }

  document.addEventListener("htmx:afterRequest", function (event) {
    const answer = event.detail.xhr;
    if (!answer || event.detail.requestConfig.verb !== "get") return;
    const at = answer.getResponseHeader("X-Board-At");
    if ((answer.status === 200 || answer.status === 204) && at && Date.parse(at) > Date.parse(newest)) {
      newest = at;
      good = { monotonic: performance.now(), wall: Date.now() };
      signedOut.hidden = true;
      proven(answer.getResponseHeader("X-Board-Proven-At"));
    } else if (answer.status === 401 || answer.status === 404) {
      signedOut.hidden = false;
      signedOut.querySelector("a").href = location.href;
    }
    show();
  });

  /* Never put anything but a board into the board. And remember where the reader is: the row at the top of the window
     stays where it is when others move. Whoever is at the very top stays there, where the next emergency appears. */
  let held = null;
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "board-live") return;
    if (!event.detail.xhr.getResponseHeader("X-Board-At")) event.detail.shouldSwap = false;
    const row = window.scrollY > 0 && Array.from(board.querySelectorAll("tbody tr")).find((one) => one.getBoundingClientRect().bottom > 0);
    held = row ? { id: row.id, top: row.getBoundingClientRect().top } : null;
  });

  /* Said once for each emergency, and only for those that were not there before: a screen reader that repeats the board
     every second is switched off. */
  document.addEventListener("htmx:afterSwap", function () {
    const row = held && document.getElementById(held.id);
    if (row) window.scrollBy({ top: row.getBoundingClientRect().top - held.top, behavior: "instant" });
    held = null;
    const fresh = Array.from(board.querySelectorAll("[data-emergency]")).filter((row) => !known.has(row.dataset.emergency));
    if (fresh.length) announce.textContent = fresh.map((row) => row.dataset.words).join(". ");
    for (const row of fresh) row.classList.add("tb-row--new");
    known = emergencies();
  });

  /* With the arrow keys from patient to patient, once a row has the focus. */
  board.addEventListener("keydown", function (event) {
    const row = event.target.closest("tbody tr");
    if (!row || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.querySelector(".tb-name a").focus();
  });

  setInterval(show, 500);
  document.addEventListener("visibilitychange", show);
  show();
})();
