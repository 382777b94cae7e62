/* The board's sound. A browser makes none before somebody has asked for it, and a loudspeaker may be off: so it is turned
   on by hand, tried, and believed only when somebody says that they heard it; each shift anew. Until then the board says
   that it is silent. Emergencies that nobody has taken sound again and again, an urgent alert once, a watch never; a board
   that is not live sounds too, since what it does not show cannot. */
(function () {
  "use strict";

  const board = document.querySelector("[data-board]");
  const bar = board?.querySelector("[data-sound]");
  if (!bar || !window.AudioContext) return;
  const part = (name) => bar.querySelector(`[data-sound-${name}]`);
  const notLive = board.querySelector("[data-notlive]");
  const SHIFT_MS = Number(bar.dataset.shiftHours) * 3600 * 1000;
  const EMERGENCY_EVERY_MS = 10_000, NOT_LIVE_EVERY_MS = 30_000;
  const TONES = {
    test: [[660, 0.25], [880, 0.35]],
    emergency: [[988, 0.18], [740, 0.18], [988, 0.18], [740, 0.18], [988, 0.3]],
    urgent: [[660, 0.25], [523, 0.35]],
    lost: [[330, 0.5], [330, 0.5]],
  };

  let context = null, heardAt = 0, soundedAt = { emergency: -Infinity, lost: -Infinity };
  let known = urgent();

  const isArmed = () => heardAt > 0 && Date.now() - heardAt < SHIFT_MS && context.state === "running";
  const clock = new Intl.DateTimeFormat(document.documentElement.lang || "en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  function urgent() {
    return new Set(Array.from(board.querySelectorAll("[data-urgent]"), (row) => row.dataset.urgent));
  }

  function play(name) {
    let at = context.currentTime + 0.02;
    for (const [pitch, seconds] of TONES[name]) {
      const tone = context.createOscillator(), loudness = context.createGain();
      tone.frequency.value = pitch;
      tone.type = "square";
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
      tone.connect(loudness).connect(context.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.04;
    }
    bar.dataset.sounded = `${name} ${Number((bar.dataset.sounded || "").split(" ")[1] || 0) + 1}`;
  }

  function show() {
    const armed = isArmed(), asks = context !== null && !heardAt;
    bar.classList.toggle("tb-sound--off", !armed);
    part("off").hidden = armed || asks;
    part("asks").hidden = !asks;
    part("on").hidden = !armed;
    if (armed) part("since").textContent = clock.format(heardAt);
  }

  /* Kept by the server: who tried it on this ward, when, and whether it was heard. */
  function tell(isHeard) {
    const body = new URLSearchParams({ heard: isHeard ? "yes" : "no" });
    fetch(bar.dataset.address, { method: "POST", body, headers: { "X-CSRFToken": bar.dataset.token }, credentials: "same-origin" })
      .catch((error) => console.warn("The test of the sound could not be kept:", error.message));
  }

  for (const button of bar.querySelectorAll("[data-sound-try]")) {
    button.addEventListener("click", async () => {
      context ??= new AudioContext();
      heardAt = 0;
      await context.resume();
      play("test");
      show();
      part("heard").focus();
    });
  }
  part("heard").addEventListener("click", () => { heardAt = Date.now(); tell(true); show(); });
  part("unheard").addEventListener("click", () => { heardAt = 0; context = null; tell(false); show(); part("silent").hidden = false; });

  function listen() {
    show();
    if (!isArmed()) return;
    const now = performance.now();
    if (!notLive.hidden) return again("lost", NOT_LIVE_EVERY_MS, now);
    const fresh = [...urgent()].some((one) => !known.has(one));
    known = urgent();
    if (board.querySelector("[data-emergency]")) again("emergency", EMERGENCY_EVERY_MS, now);
    else if (fresh) play("urgent");
  }

  function again(name, every, now) {
    if (now - soundedAt[name] < every) return;
    soundedAt[name] = now;
    play(name);
  }

  bar.hidden = false;
  setInterval(listen, 1000);
  document.addEventListener("htmx:afterSwap", listen);
  show();
})();
