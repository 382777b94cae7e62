/* What every page gains from JavaScript and can do without: ages that stay true, focus on the list of errors, no form
   sent twice by a shaking hand, and a page that admits when it has gone stale. No inline code anywhere (strict CSP). */
(function () {
  "use strict";

  const MINUTE = 60, HOUR = 3600, DAY = 86400, WEEK = 604800;
  const language = document.documentElement.lang || "en";

  function unit(count, name, style) {
    return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: style, maximumFractionDigits: 0 }).format(count);
  }

  /* Two units at most, whole ones, never rounded up: "6 hours, 12 minutes". */
  function age(seconds, style) {
    const parts = [];
    const steps = [["week", WEEK], ["day", DAY], ["hour", HOUR], ["minute", MINUTE]];
    if (style === "narrow" || seconds < MINUTE) steps.push(["second", 1]);
    let rest = Math.max(0, Math.floor(seconds));
    for (const [name, size] of steps) {
      const count = Math.floor(rest / size);
      if (count || parts.length) {
        if (count) parts.push(unit(count, name, style));
        if (parts.length === 2 || !count) break;
      }
      rest -= count * size;
    }
    return parts.length ? parts.join(style === "narrow" ? " " : ", ") : unit(0, "second", style);
  }

  function text(element, now) {
    const seconds = (now - Date.parse(element.dateTime)) / 1000;
    const words = age(Math.abs(seconds), element.dataset.age === "short" ? "narrow" : "long");
    const pattern = seconds >= 0 ? element.dataset.ago : element.dataset.ahead || element.dataset.ago;
    return (pattern || "%s").replace("%s", words);
  }

  function tick() {
    const now = Date.now();
    for (const element of document.querySelectorAll("time[data-age]")) {
      const words = text(element, now);
      if (element.textContent !== words) element.textContent = words;
    }
    /* data-fresh-at: when the content was made; data-fresh-for: after how many seconds it may no longer be trusted.
       The browser's own clock decides, so that a frozen server cannot look alive. */
    for (const element of document.querySelectorAll("[data-fresh-for]")) {
      const stale = now - Date.parse(element.dataset.freshAt) > Number(element.dataset.freshFor) * 1000;
      element.classList.toggle("tw-is-stale", stale || !(Date.parse(element.dataset.freshAt) > 0));
    }
  }

  function start() {
    tick();
    setInterval(tick, 1000);
    document.addEventListener("htmx:afterSettle", tick);
    document.addEventListener("visibilitychange", tick);

    const errors = document.querySelector("[data-focus-first]");
    if (errors) errors.focus();

    document.addEventListener("submit", function (event) {
      const form = event.target;
      if (form.method !== "post") return;
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      /* If the network swallowed it, the button must live again. Sending twice is harmless: the id is the same. */
      setTimeout(function () { delete form.dataset.sent; }, 5000);
    });
    window.addEventListener("pageshow", function () {
      for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
