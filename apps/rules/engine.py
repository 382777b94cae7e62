"""Decide one log in its context: facts in, evaluation out. No clock, no database, no surprise."""

from math import isnan

from apps.rules.contents import Catalogue
from apps.rules.context import Context
from apps.rules.definitions import Rule
from apps.rules.explaining import Findings, explain, missing_inputs
from apps.rules.look_alikes import find_look_alikes
from apps.rules.types import Evaluation, Facts, Hit, Level, Undecided

NOT_ESTABLISHED = "Needs review, withdrawal not established."
EXPOSED = "exposed"
"""The definition that every catalogue must give: whether withdrawal can be what is seen."""
_MOST_REMEMBERED = 4096


def context_of(catalogue: Catalogue, facts: Facts) -> Context:
    return Context(facts, catalogue.frame)


def evaluate(catalogue: Catalogue, facts: Facts) -> Evaluation:
    """Every rule that fires, most urgent first, every rule that stays open, and the day score."""
    context = context_of(catalogue, facts)
    fired, stay_open, states = catalogue.decide(context)
    found = Findings(context, catalogue, states)
    exposed = found.defined(EXPOSED)
    score = context.score
    answered = bool(score.domains)
    since_dose = context.supply.hours_since_last_dose
    return Evaluation(
        catalogue_version=catalogue.version,
        hits=tuple([_hit(catalogue.rules[place], found, exposed) for place in fired]) if fired else (),
        undecided=_undecided(catalogue, stay_open, states, context) if stay_open else (),
        exposed=exposed,
        peak=_truth(context.supply.peak),
        score=int(score.low) if answered else None,
        score_complete=answered and not score.unanswered,
        unanswered_domains=score.unanswered,
        hours_since_last_dose=since_dose if not isnan(since_dose) else None,
        confounders=tuple(sorted(context.confounders)) if context.confounders else (),
        news2=context.news2.answer,
        look_alikes=find_look_alikes(catalogue, context, fired) if fired else (),
    )


def evaluate_floor(catalogue: Catalogue, facts: Facts) -> tuple[Hit, ...]:
    """The emergency rules only: run inside the intake of a log, so that no queue can hide them."""
    context = context_of(catalogue, facts)
    fired, _, _ = catalogue.decide_floor(context)
    if not fired:
        return ()
    found = Findings(context, catalogue)
    exposed = found.defined(EXPOSED)
    # The floor's rules stand first in `rules`, in the same order (see Catalogue).
    return tuple(_hit(catalogue.rules[place], found, exposed) for place in fired)


def _hit(rule: Rule, found: Findings, exposed: bool | None) -> Hit:
    matched, missing = explain(rule.when, found)
    because = rule.because
    if found.catalogue.patterns[rule.pattern].is_withdrawal and exposed is not True:
        because = f"{because} {NOT_ESTABLISHED}"
    return Hit(
        rule_id=rule.id,
        pattern=rule.pattern,
        level=Level(rule.level),
        because=because,
        matched=matched,
        missing=missing,
        source=rule.source,
        tag=rule.tag,
        quiet=rule.ward_list_only,
    )


def _undecided(
    catalogue: Catalogue, stay_open: int, states: tuple[bool, ...], context: Context
) -> tuple[Undecided, ...]:
    """Open rules with what they lack. The same gaps come back log after log, so answers are kept."""
    gaps = (
        stay_open,
        states,
        context.grades[-1],
        tuple(context.latest),
        context.known_flags(),
    )
    found = catalogue.undecided_seen.get(gaps)
    if found is None:
        open_definitions = {
            name
            for name, surely, possibly in zip(catalogue.definition_names, states[::2], states[1::2], strict=True)
            if possibly and not surely
        }
        found = tuple(
            Undecided(
                rule.id,
                rule.pattern,
                Level(rule.level),
                missing_inputs(rule.when, context, open_definitions),
            )
            for place, rule in enumerate(catalogue.rules)
            if stay_open >> place & 1
        )
        if len(catalogue.undecided_seen) >= _MOST_REMEMBERED:
            catalogue.undecided_seen.clear()
        catalogue.undecided_seen[gaps] = found
    return found


def _truth(value: float) -> bool | None:
    return None if isnan(value) else value >= 1.0
