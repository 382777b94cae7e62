"""Decide one log in its context: facts in, evaluation out. No clock, no database, no surprise."""

from math import isnan

from apps.rules.compiling import truth
from apps.rules.contents import Catalogue
from apps.rules.context import Context
from apps.rules.definitions import Rule
from apps.rules.explaining import explain, missing_inputs
from apps.rules.look_alikes import find_look_alikes
from apps.rules.types import Evaluation, Facts, Hit, Level, News2, Undecided

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
    exposed = truth(catalogue.definitions[EXPOSED], context)
    score = context.score
    answered = bool(score.domains)
    since_dose = context.supply.hours_since_last_dose
    return Evaluation(
        catalogue_version=catalogue.version,
        hits=tuple(_hit(catalogue, catalogue.rules[place], context, exposed) for place in fired),
        undecided=_undecided(catalogue, tuple(stay_open), states, context) if stay_open else (),
        exposed=exposed,
        peak=_truth(context.supply.peak),
        score=int(score.low) if answered else None,
        score_complete=answered and not score.unanswered,
        unanswered_domains=score.unanswered,
        hours_since_last_dose=since_dose if not isnan(since_dose) else None,
        confounders=tuple(sorted(context.confounders)),
        news2=_news2(context),
        look_alikes=find_look_alikes(catalogue, context, fired) if fired else (),
    )


def evaluate_floor(catalogue: Catalogue, facts: Facts) -> tuple[Hit, ...]:
    """The emergency rules only: run inside the intake of a log, so that no queue can hide them."""
    context = context_of(catalogue, facts)
    fired, _, _ = catalogue.decide_floor(context)
    if not fired:
        return ()
    exposed = truth(catalogue.definitions[EXPOSED], context)
    # The floor's rules stand first in `rules`, in the same order (see Catalogue).
    return tuple(_hit(catalogue, catalogue.rules[place], context, exposed) for place in fired)


def _hit(catalogue: Catalogue, rule: Rule, context: Context, exposed: bool | None) -> Hit:
    matched, missing = explain(rule.when, context, catalogue)
    because = rule.because
    if catalogue.patterns[rule.pattern].is_withdrawal and exposed is not True:
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
    catalogue: Catalogue, stay_open: tuple[int, ...], states: tuple[int, ...], context: Context
) -> tuple[Undecided, ...]:
    """Open rules with what they lack. The same gaps come back log after log, so answers are kept."""
    gaps = (
        stay_open,
        states,
        frozenset(context.best),
        frozenset(context.latest),
        context.known_flags(),
    )
    found = catalogue.undecided_seen.get(gaps)
    if found is None:
        open_definitions = {
            name for name, state in zip(catalogue.definition_names, states, strict=True) if state == 1
        }
        found = tuple(
            Undecided(
                rule.id,
                rule.pattern,
                Level(rule.level),
                missing_inputs(rule.when, context, open_definitions),
            )
            for rule in (catalogue.rules[place] for place in stay_open)
        )
        if len(catalogue.undecided_seen) >= _MOST_REMEMBERED:
            catalogue.undecided_seen.clear()
        catalogue.undecided_seen[gaps] = found
    return found


def _truth(value: float) -> bool | None:
    return None if isnan(value) else value >= 1.0


def _news2(context: Context) -> News2 | None:
    if not context.adult or not context.news2.points:
        return None
    points = context.news2
    return News2(
        total=int(points.low),
        points=tuple(sorted(points.points.items())),
        missing=points.missing,
    )
