"""Readings as people type them: 38.5, 38,5 or ٣٨٫٥."""

import re
import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

SEPARATORS = str.maketrans({",": ".", "٫": "."})
READING = re.compile(r"\d{1,5}(\.\d{1,3})?")


def western_digits(text: str) -> str:
    """Digits of any script as 0-9; everything else as it was."""
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in unicodedata.normalize("NFKC", text)
    )


class ReadingField(forms.CharField):
    """A reading, or None where nothing was typed. A comma or an Arabic separator marks decimals; a
    thousands separator is refused, since 1,000 and 1.000 would mean different things to different readers."""

    default_error_messages = {"not_a_number": _("Write a number, such as 37 or 37.5. You wrote “%(typed)s”.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=12, **options)

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        typed = super().to_python(value)
        if not typed:
            return None
        plain = western_digits(typed).translate(SEPARATORS).replace(" ", "")
        if not READING.fullmatch(plain):
            raise forms.ValidationError(self.error_messages["not_a_number"], "not_a_number", {"typed": typed})
        return float(plain)

    def run_validators(self, value: Any) -> None:
        """The length was already checked by the pattern; the validators of text do not fit a number."""
