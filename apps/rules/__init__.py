"""Rules of baclofen withdrawal: plain Python, facts in, evaluation out."""

from apps.rules.checks import Normalised, Problem, check_answers, normalise

__all__ = ["Normalised", "Problem", "check_answers", "normalise"]
