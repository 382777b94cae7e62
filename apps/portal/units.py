"""Units and places of measurement in a patient's words."""

from django.utils.translation import gettext, gettext_lazy

UNITS = {
    "degC": "°C",
    "Cel": "°C",
    "degF": "°F",
    "[degF]": "°F",
    "/min": gettext_lazy("a minute"),
}

SITES = {
    "oral": gettext_lazy("Mouth"),
    "tympanic": gettext_lazy("Ear"),
    "ear": gettext_lazy("Ear"),
    "axillary": gettext_lazy("Armpit"),
    "rectal": gettext_lazy("Bottom (rectal)"),
    "temporal": gettext_lazy("Forehead"),
    "forehead": gettext_lazy("Forehead"),
    "skin": gettext_lazy("Skin"),
    "core": gettext_lazy("Inside the body (in hospital)"),
    "other": gettext_lazy("Somewhere else"),
}


def unit_words(unit: str) -> str:
    return str(UNITS.get(unit, unit))


def site_words(site: str) -> str:
    return str(SITES.get(site) or gettext("Somewhere else") + f" ({site})")
