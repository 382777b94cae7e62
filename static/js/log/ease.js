/* What makes the page of questions quicker to fill in. Nothing here is needed: without it all questions stand on one
   page and the server reads the form as it is. */

import { offerOneByOne } from "./one-by-one.js";
import { sayReadings } from "./readings.js";
import { offerSame } from "./same.js";
import { keepTime } from "./time.js";

const form = document.querySelector("form[data-outbox]");
if (form) {
  keepTime(form);
  offerSame(form);
  sayReadings(form);
  offerOneByOne(form);
}
