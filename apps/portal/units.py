"""Units and places of measurement in a patient's words."""

from django.utils.translation import gettext_lazy

UNITS = {
    "degC": "°C",
    "degF": "°F",
    "/min": gettext_lazy("a minute"),
}

SITES = {
    "mouth": gettext_lazy("Mouth"),
    "ear": gettext_lazy("Ear"),
    "armpit": gettext_lazy("Armpit"),
    "forehead": gettext_lazy("Forehead"),
    "rectal": gettext_lazy("Bottom (rectal)"),
    "arm": gettext_lazy("Upper arm"),
    "wrist": gettext_lazy("Wrist"),
    "leg": gettext_lazy("Leg"),
    "finger": gettext_lazy("Finger"),
    "toe": gettext_lazy("Toe"),
    "core": gettext_lazy("Inside the body"),
    "arterial_line": gettext_lazy("Arterial line"),
    "other": gettext_lazy("Somewhere else"),
}


def unit_words(unit: str) -> str:
    return str(UNITS.get(unit, unit))


HOSPITAL_ONLY = frozenset({"core", "arterial_line"})
"""Places where nobody measures at home."""


def site_words(site: str) -> str:
    return str(SITES.get(site, site))
