/* A reading in another unit is shown in the ward's; one that is hardly possible is asked about, in the words that the
   server has put on the page. Nothing is refused here. */

import { numberOf } from "./numbers.js";

export function sayReadings(form) {
  for (const question of form.querySelectorAll("[data-reading]")) {
    const line = question.querySelector("[data-said]");
    const rule = JSON.parse(question.dataset.reading);
    question.addEventListener("input", () => say(question, line, rule));
    question.addEventListener("change", () => say(question, line, rule));
    say(question, line, rule);
  }
}

function say(question, line, rule) {
  const typed = numberOf(question.querySelector("input[inputmode]").value);
  const unit = question.querySelector('[name^="unit-"]').value;
  line.textContent = Number.isNaN(typed) ? "" : words(typed, unit, rule, line.dataset);
}

function words(typed, unit, rule, said) {
  const value = inWards(typed, rule.units[unit] ?? rule.units[rule.unit]);
  const shown = number(value, rule.decimals);
  const parts = unit === rule.unit ? [] : [said.means.replace("%s", shown)];
  if (value < rule.questioned[0] || value > rule.questioned[1]) parts.push(hint(typed, unit, rule, said) ?? said.sure);
  return parts.join(" ");
}

/* 101 typed where °C stands is most likely meant in °F. */
function hint(typed, unit, rule, said) {
  for (const [other, conversion] of Object.entries(rule.units)) {
    const value = inWards(typed, conversion);
    if (other === unit || value < rule.questioned[0] || value > rule.questioned[1]) continue;
    return said.meant.replace("%s", rule.names[other]);
  }
  return null;
}

const inWards = (typed, { minus, multiply, divide }) => ((typed - minus) * multiply) / divide;
const number = (value, digits) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits }).format(value);
