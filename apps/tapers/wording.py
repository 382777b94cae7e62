from django.utils.translation import gettext_lazy as _

ARITHMETIC_ONLY = _(
    "This is arithmetic: it works out the doses you asked for and what they are made of. It does not advise a "
    "dose, a speed or a stop. A clinician decides and signs."
)
"""Shown wherever doses are worked out, on pages and in the API."""
