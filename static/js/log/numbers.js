/* Numbers as people type them, and as the server reads them. */

const READING = /^\d{1,5}(\.\d{1,3})?$/;
const DIGIT_SETS = [[/[٠-٩]/g, 0x660], [/[۰-۹]/g, 0x6f0]];

/* As apps/portal/forms/numbers.py reads it: 38.5, 38,5 or ٣٨٫٥. NaN where it is no number. */
export function numberOf(typed) {
  let plain = typed.normalize("NFKC");
  for (const [digits, zero] of DIGIT_SETS) plain = plain.replace(digits, (digit) => digit.charCodeAt(0) - zero);
  plain = plain.trim().replace(/[,٫]/g, ".").replace(/ /g, "");
  return READING.test(plain) ? Number(plain) : NaN;
}
