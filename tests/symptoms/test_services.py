from datetime import timedelta, timezone

from apps.symptoms.services import body_sha256
from tests.factories import NOON

CONTENT = {
    "observed_at": NOON,
    "reporter": "patient",
    "answers": {"anxiety": 1, "insomnia": 2},
    "vital_signs": {"temperature_c": {"value": 38.5, "unit": "degC"}},
    "note": "",
    "supersedes_id": None,
}


def test_the_digest_is_of_what_was_said_and_not_of_how_it_was_written():
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    turned = {"insomnia": 2, "anxiety": 1}

    assert body_sha256(**CONTENT | {"answers": turned, "observed_at": there}) == body_sha256(**CONTENT)


def test_anything_else_said_is_another_digest():
    others = [
        CONTENT | change
        for change in (
            {"note": "x"},
            {"reporter": "carer"},
            {"answers": {"anxiety": 1, "insomnia": 3}},
            {"observed_at": NOON + timedelta(seconds=1)},
            {"vital_signs": {"temperature_c": {"value": 38.5, "unit": "degC", "site": "ear"}}},
        )
    ]

    assert len({body_sha256(**content) for content in [CONTENT, *others]}) == 6


def test_half_a_character_is_no_reason_to_break_down():
    assert body_sha256(**CONTENT | {"note": "\ud83d"})
