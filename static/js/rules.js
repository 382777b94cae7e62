/* The catalogue's rules in the browser: what one log decides by itself, with no network and no server.

   The catalogue comes from apps/rules/export.py, which also writes down the form of a condition. Every answer has three
   values: surely so, possibly so, or neither. An unknown number is NaN, and every comparison with NaN is false; so
   "surely" asks `x >= limit`, "possibly" asks `not x < limit`, and nothing unknown can pass for zero. Python decides the
   same way (apps/rules/conditions.py), and both are held together by shared vectors (tests/rules/vectors.py).

   One file on purpose: modules import each other by plain names, which are cached apart, and two halves of different
   releases must never decide together. */

const FORMAT = 1;
const SURELY = [true, true];
const UNKNOWN = [false, true];
const CANNOT = [false, false];
const CONSCIOUSNESS = { A: 0, V: 1, P: 2, U: 3 };
const OPPOSITE = { ">=": "<", ">": "<=", "<=": ">", "<": ">=" };
const COMPARE = {
  ">=": (a, b) => a >= b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  "<": (a, b) => a < b,
};

/* `log`: {reporter, answers: {code: grade, true/false, "A".."U" or a reason for not answering},
           vital_signs: {code: number in the catalogue's unit}}.
   `record`: what is held of the person (apps/rules/held.py), or nothing; then all that needs it stays open.
   Answers {hits: [{rule, pattern, level, because, quiet}], undecided: [rule ids]}, most urgent first. */
export function evaluate(catalogue, log, record = null) {
  if (catalogue.format !== FORMAT) throw new Error(`This script does not read catalogues of format ${catalogue.format}`);
  const seen = look(catalogue, log, record);
  const [isExposed] = decide(catalogue.definitions[catalogue.exposed], seen);
  const hits = [], undecided = [];
  for (const rule of catalogue.rules) {
    const [surely, possibly] = decide(rule.when, seen);
    if (surely) hits.push(hitOf(catalogue, rule, isExposed));
    else if (possibly) undecided.push(rule.id);
  }
  return { hits, undecided };
}

/* Codes of the advice that these hits call for: for each pattern the most urgent that its level reaches, each once,
   most urgent first. One thing to do, not a list. */
export function adviceFor(catalogue, hits) {
  const levels = new Map();
  for (const hit of hits) levels.set(hit.pattern, Math.max(hit.level, levels.get(hit.pattern) ?? 0));
  const found = new Set();
  for (const [pattern, level] of levels) {
    const fitting = catalogue.advice.filter((advice) => advice.patterns.includes(pattern) && advice.level <= level);
    const mostUrgent = Math.max(...fitting.map((advice) => advice.level));
    for (const advice of fitting) if (advice.level === mostUrgent) found.add(advice);
  }
  return [...found].sort((a, b) => b.level - a.level).map((advice) => advice.code);
}

/* A reading as it was typed, in the catalogue's unit; NaN where nobody can have measured such a thing. */
export function canonicalReading(vitalSign, value, unit) {
  const how = vitalSign.accepted_units[unit];
  if (!how && unit && unit !== vitalSign.unit) return NaN;
  const found = how ? ((value - how.minus) * how.multiply) / how.divide : value;
  const [lowest, highest] = vitalSign.plausible;
  return found >= lowest && found <= highest ? found : NaN;
}

function hitOf(catalogue, rule, isExposed) {
  /* The same signs without a change of supply need a person's eye, but not the word withdrawal. */
  const isNamed = !catalogue.patterns[rule.pattern].is_withdrawal || isExposed;
  const because = isNamed ? rule.because : `${rule.because} ${catalogue.not_established}`;
  return { rule: rule.id, pattern: rule.pattern, level: rule.level, because, quiet: rule.quiet };
}

/* -- What the log and the record say ---------------------------------------------------------------------------- */

function look(catalogue, log, record) {
  const answers = log.answers ?? {};
  const grades = {}, reasons = new Set();
  for (const [code, answer] of Object.entries(answers)) {
    if (typeof answer === "string") reasons.add(answer);
    else grades[code] = Number(answer);
  }
  const seen = { catalogue, log, answers, grades, reasons, record, readings: log.vital_signs ?? {}, decided: new Map() };
  seen.avpu = consciousness(seen);
  if (record) {
    seen.isAdult = isAdult(catalogue, record.person);
    seen.limits = limitsOf(seen);
    seen.news2 = news2(seen);
  }
  return seen;
}

const grade = (seen, code) => seen.grades[code] ?? NaN;
const reading = (seen, sign) => seen.readings[sign] ?? NaN;

/* The worst that this log says of consciousness: A 0, V 1, P 2, U 3; NaN when it says nothing. */
function consciousness(seen) {
  let found = CONSCIOUSNESS[seen.answers.reduced_consciousness] ?? NaN;
  if (seen.answers.coma === true) found = 3;
  const gcs = reading(seen, "gcs");
  if (Number.isNaN(gcs)) return found;
  const scored = seen.catalogue.reading.gcs_steps.filter((least) => gcs < least).length;
  return Number.isNaN(found) ? scored : Math.max(found, scored);
}

/* The person's usual grade. Within a record, what it does not name was not there before. */
function usual(seen, code) {
  const told = seen.record.usual[code] ?? 0;
  if (typeof told !== "string") return Number(told);
  return (code === "reduced_consciousness" ? CONSCIOUSNESS[told] : 0) ?? 0;
}

function isAdult(catalogue, person) {
  return person.age_years === null ? person.population === "adult" : person.age_years >= catalogue.adult_from_years;
}

function bandOf(catalogue, person) {
  const age = person.age_years ?? { newborn: 0, infant: 0.5 }[person.population];
  return catalogue.age_bands.find((band) => band.from <= age && age < band.until);
}

/* Limits for this person; NaN where a child's age is not known. */
function limitsOf(seen) {
  const { catalogue, record } = seen;
  const band = bandOf(catalogue, record.person);
  const isAsleep = seen.answers.child_asleep === true;
  const hasSpinalInjury = record.person.risk_factors.includes(catalogue.spinal_injury);
  const found = {};
  for (const [name, limit] of Object.entries(catalogue.limits)) {
    found[name] = limit.adult ?? NaN;
    if (!seen.isAdult && limit.child) {
      const column = isAsleep ? limit.child.column.replace("_awake", "_asleep") : limit.child.column;
      found[name] = band ? band.ends[column] * limit.child.factor : NaN;
    } else if (limit.low_baseline && hasSpinalInjury) {
      /* Somebody whose pressure is always low would otherwise be an emergency every day. */
      const { sign, below, minus, floor } = limit.low_baseline;
      const before = record.readings_before_taper[sign];
      if (before < below) found[name] = Math.max(floor, before - minus);
    }
  }
  return found;
}

/* -- Conditions -------------------------------------------------------------------------------------------------- */

function decide(condition, seen) {
  const [kind, ...rest] = condition;
  return KINDS[kind](rest, seen);
}

const truth = (isSo) => (isSo ? SURELY : CANNOT);

function all(parts, seen) {
  let possibly = true, surely = true;
  for (const part of parts) {
    const answer = decide(part, seen);
    surely &&= answer[0];
    possibly &&= answer[1];
  }
  return [surely, possibly];
}

function any(parts, seen) {
  return count([1, ...parts], seen);
}

/* It fires as soon as the known ones reach the count. */
function count([least, ...parts], seen) {
  let surely = 0, possibly = 0;
  for (const part of parts) {
    const answer = decide(part, seen);
    surely += answer[0];
    possibly += answer[1];
  }
  return [surely >= least, possibly >= least];
}

function not([part], seen) {
  const [surely, possibly] = decide(part, seen);
  return [!possibly, !surely];
}

/* Definitions are shared by many rules: each is decided once for a log. */
function defined([name], seen) {
  if (!seen.decided.has(name)) seen.decided.set(name, decide(seen.catalogue.definitions[name], seen));
  return seen.decided.get(name);
}

/* A quantity of which the least and the most are known, against a limit. */
function compare([low, high], op, limit, seen) {
  const threshold = typeof limit === "number" ? limit : seen.record ? seen.limits[limit] : NaN;
  const rises = op === ">=" || op === ">";
  const surely = COMPARE[op](rises ? low : high, threshold);
  const possibly = !COMPARE[OPPOSITE[op]](rises ? high : low, threshold);
  return [surely, possibly];
}

const exactly = (value) => [value, value];
const counts = (by, seen) => !by || by.includes(seen.log.reporter);

function item([code, op, limit, by], seen) {
  return compare(exactly(counts(by, seen) ? grade(seen, code) : NaN), op, limit, seen);
}

function vital([sign, op, limit, by], seen) {
  return compare(exactly(counts(by, seen) ? reading(seen, sign) : NaN), op, limit, seen);
}

function rise([code, op, limit], seen) {
  return seen.record ? compare(exactly(grade(seen, code) - usual(seen, code)), op, limit, seen) : UNKNOWN;
}

/* Beside a grade that is not known the usual one rules nothing out. */
function base([code, op, limit], seen) {
  if (!seen.record) return UNKNOWN;
  const [surely, possibly] = compare(exactly(usual(seen, code)), op, limit, seen);
  return [surely, possibly || Number.isNaN(grade(seen, code))];
}

function overUsual([sign, op, limit, by], seen) {
  const before = seen.record?.usual_readings[sign];
  /* Of nothing there is no percentage. */
  const found = before && counts(by, seen) ? ((reading(seen, sign) - before) / before) * 100 : NaN;
  return compare(exactly(found), op, limit, seen);
}

function aboveUsual([sign, op, limit], seen) {
  const before = seen.record?.usual_readings[sign] ?? NaN;
  return compare(exactly(reading(seen, sign) - before), op, limit, seen);
}

function fact([name, op, limit], seen) {
  return compare(FACTS[name](seen), op, limit, seen);
}

function risk(codes, seen) {
  return seen.record ? truth(codes.some((code) => seen.record.person.risk_factors.includes(code))) : UNKNOWN;
}

function confounder(codes, seen) {
  return seen.record ? truth(codes.some((code) => seen.record.person.confounders.includes(code))) : UNKNOWN;
}

/* A reason given instead of an answer ("too confused") is a sign in itself. */
function answeredAs([code, ...reasons], seen) {
  return truth(reasons.some((reason) => (code === null ? seen.reasons.has(reason) : seen.answers[code] === reason)));
}

const KINDS = {
  all,
  any,
  count,
  not,
  is: defined,
  item,
  vital,
  rise,
  base,
  over_baseline: overUsual,
  above_baseline: aboveUsual,
  fact,
  risk,
  confounder,
  answered_as: answeredAs,
  not_measured: ([sign], seen) => truth(Number.isNaN(reading(seen, sign))),
  unknown: () => UNKNOWN,
};

/* -- Facts worked out from log and record: [least, most] ---------------------------------------------------------- */

const NOTHING_KNOWN = exactly(NaN);
const withRecord = (read) => (seen) => (seen.record ? read(seen) : NOTHING_KNOWN);
const yesNo = (isSo) => exactly(isSo === null ? NaN : Number(isSo));

const FACTS = {
  avpu: (seen) => exactly(seen.avpu),
  unrousable: (seen) => exactly(Number(seen.avpu >= CONSCIOUSNESS.P)),
  /* More may be there than was asked. */
  worst_sign: (seen) => [
    Math.max(0, ...seen.catalogue.withdrawal_items.map((code) => seen.grades[code] ?? 0)),
    4,
  ],
  ck_times_limit: (seen) => {
    const limit = reading(seen, "creatine_kinase_upper_limit_iu_l");
    return exactly(reading(seen, "creatine_kinase_iu_l") / (limit > 0 ? limit : seen.catalogue.reading.ck_upper_limit));
  },
  exposed_by_supply: withRecord((seen) => yesNo(seen.record.exposed_by_supply)),
  peak: withRecord((seen) => yesNo(seen.record.peak)),
  has_pump: withRecord((seen) => yesNo(seen.record.person.has_pump)),
  adult: withRecord((seen) => yesNo(seen.isAdult)),
  baby: withRecord((seen) => yesNo(["newborn", "infant"].includes(seen.record.person.population))),
  under_18: withRecord(({ record: { person } }) =>
    yesNo(person.age_years === null ? person.population !== "adult" : person.age_years < 18)),
  new_avpu: withRecord((seen) => {
    const isUsual = seen.avpu > 0 && seen.avpu <= usual(seen, "reduced_consciousness");
    return exactly(isUsual ? 0 : seen.avpu);
  }),
  out_of_range: withRecord(outOfRange),
  news2: withRecord((seen) => [seen.news2.low, seen.news2.high]),
  news2_worst: withRecord((seen) => [seen.news2.worstLow, seen.news2.worstHigh]),
  bwds: withRecord(dayScore),
};

/* How many of a child's pulse, breathing and pressure lie out of the range for the age: least, most. */
function outOfRange(seen) {
  if (seen.isAdult) return [0, 0];
  let low = 0, high = 0;
  for (const [sign, [below, above]] of Object.entries(seen.catalogue.ranges)) {
    const value = reading(seen, sign), bottom = seen.limits[below], top = seen.limits[above];
    const isOut = value < bottom || value > top;
    const isIn = bottom <= value && value <= top;
    low += isOut;
    high += !isIn;
  }
  return [low, high];
}

/* -- NEWS2 (Royal College of Physicians, 2017): what was not measured is missing, the known points are a floor ---- */

const MOST_POINTS = 3;

function bandIndex({ tops }, value) {
  const found = tops.findIndex((top) => value <= top);
  return found < 0 ? tops.length : found;
}

const pointsOf = (row, value) => row.points[bandIndex(row, value)];

function news2(seen) {
  if (!seen.isAdult) return { low: 0, high: 0, worstLow: 0, worstHigh: 0 };
  const { parameters, rows, oxygen, not_alert: notAlert } = seen.catalogue.news2;
  const points = {};
  for (const name of parameters) {
    const value = reading(seen, name);
    if (name in rows && name !== "spo2_percent" && !Number.isNaN(value)) points[name] = pointsOf(rows[name], value);
  }
  const given = grade(seen, "oxygen_given");
  const saturation = saturationPoints(seen, given);
  if (!Number.isNaN(saturation)) points.spo2_percent = saturation;
  if (!Number.isNaN(given)) points.oxygen_given = given ? oxygen : 0;
  if (seen.avpu > 0 || isNewlyConfused(seen)) points.consciousness = notAlert;
  else if (seen.avpu === 0) points.consciousness = 0;
  const known = Object.values(points);
  const missing = parameters.filter((name) => !(name in points));
  const low = known.reduce((sum, each) => sum + each, 0);
  const most = (name) => (name === "oxygen_given" ? oxygen : MOST_POINTS);
  const worst = Math.max(0, ...known);
  return {
    low,
    high: missing.reduce((sum, name) => sum + most(name), low),
    worstLow: worst,
    worstHigh: missing.some((name) => most(name) === MOST_POINTS) ? MOST_POINTS : worst,
  };
}

function isNewlyConfused(seen) {
  const least = seen.catalogue.reading.new_confusion_rise;
  return ["confusion", "disorientation"].some(
    (code) => grade(seen, code) >= least && grade(seen, code) - usual(seen, code) >= least,
  );
}

/* Scale 2 is for people whose target saturation a clinician has set to 88-92 %. */
function saturationPoints(seen, given) {
  const { rows } = seen.catalogue.news2;
  const value = reading(seen, "spo2_percent");
  if (Number.isNaN(value)) return NaN;
  if (!seen.record.person.risk_factors.includes("spo2_scale_2")) return pointsOf(rows.spo2_percent, value);
  const onAir = pointsOf(rows.spo2_scale_2_on_air, value);
  const onOxygen = pointsOf(rows.spo2_scale_2_on_oxygen, value);
  if (onAir === onOxygen) return onAir;
  return Number.isNaN(given) ? NaN : given ? onOxygen : onAir;
}

/* -- Day score (BWDS): highest grade of each domain times its weight; a domain nobody answered could be at its worst */

function dayScore(seen) {
  const { domains, score } = seen.catalogue;
  let low = 0, high = 0;
  for (const [domain, codes] of Object.entries(domains)) {
    const grades = codes.filter((code) => code in seen.grades).map((code) => seen.grades[code]);
    if (domain === "autonomic") grades.push(...vitalGrades(seen));
    const weight = score.weights[domain];
    low += weight * Math.max(0, ...grades);
    high += weight * (grades.length ? Math.max(0, ...grades) : 4);
  }
  return [low, high];
}

/* High readings as grades. The points of a low reading point to too much baclofen and stay out. */
function vitalGrades(seen) {
  if (!seen.isAdult) return [];
  const { news2: { rows }, score } = seen.catalogue;
  return score.high_side.filter((sign) => !Number.isNaN(reading(seen, sign))).map((sign) => {
    const row = rows[sign], index = bandIndex(row, reading(seen, sign));
    return score.mapped_points[index > row.points.indexOf(0) ? row.points[index] : 0];
  });
}
