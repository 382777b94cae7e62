/* How long the report took: from opening the page to Send. A pause of more than a minute counts as one minute: the
   phone was laid aside. A draft that is taken up again goes on from what it had taken. */

const LONGEST_PAUSE_MS = 60_000;

export function keepTime(form) {
  let before = performance.now(), taken = 0, counted = 0;

  function now() {
    const field = form.elements.seconds;
    /* A draft that was brought back has put its own time into the field. */
    const brought = Number(field.value) || 0;
    if (Math.round(counted / 1000) !== brought) taken += brought * 1000;
    const moment = performance.now();
    taken += Math.min(LONGEST_PAUSE_MS, moment - before);
    before = moment;
    counted = taken;
    field.value = String(Math.round(taken / 1000));
    return field.value;
  }

  for (const kind of ["input", "change", "click", "scroll"]) document.addEventListener(kind, now, { passive: true });
  form.addEventListener("formdata", (event) => event.formData.set("seconds", now()));
}
