import pytest
from django import forms

from apps.core.typed_numbers import ReadingField


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("38.5", 38.5),
        ("38,5", 38.5),
        ("٣٨٫٥", 38.5),
        ("३८.५", 38.5),
        (" 38 ", 38.0),
        ("１０２", 102.0),
        ("0", 0.0),
    ],
)
def test_a_reading_is_understood_however_it_is_typed(typed, meant):
    assert ReadingField().clean(typed) == meant


def test_no_reading_is_unknown_and_not_zero():
    assert ReadingField().clean("") is None


@pytest.mark.parametrize("typed", ["hot", "38.5.1", "1,000.5", "-3", "3e2", "nan", "inf", "38°C", "½", "38 5x"])
def test_what_is_not_a_plain_number_is_refused_with_what_was_typed(typed):
    with pytest.raises(forms.ValidationError) as refusal:
        ReadingField().clean(typed)

    assert typed in str(refusal.value)
