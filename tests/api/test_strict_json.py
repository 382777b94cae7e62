"""What Python and the framework let through by default, and we do not."""

import json
import time
from io import BytesIO

import pytest
from django.test import RequestFactory
from rest_framework.exceptions import ParseError, UnsupportedMediaType

from apps.api.parsers import MAX_BYTES, StrictJSONParser, TooLarge, read_json


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 21 + b"]" * 21,
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e400}',
        b'{"a": -1e400}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 9223372036854775808}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"\\u0061": 1, "a": 2}',
        b'{"a": 1',
        b"",
        b" ",
        b"{'a': 1}",
        b'{"a": 01}',
        b'{"a": 0x26}',
        b'{"a": +1}',
        b'{"a": 3_8}',
        b'{"a": 1,}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "raw \x00 byte"}',
        '{"a": ٣٨}'.encode(),
        '{"a": 1}'.encode("utf-16"),
    ],
)
def test_a_body_that_could_be_read_two_ways_is_not_read(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_json(body)


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 400_000, b"[" * 30 + b'"' * 400_001, b"{" * 30 + b"\\" * 900_000]
)
def test_a_hostile_body_costs_little_time(body: bytes) -> None:
    start = time.perf_counter()

    with pytest.raises(ParseError):
        read_json(body)

    assert time.perf_counter() - start < 1


def test_brackets_inside_text_are_no_depth() -> None:
    text = '[{"' * 50

    assert read_json(json.dumps({"note": text}).encode()) == {"note": text}


def test_numbers_keep_their_kind() -> None:
    read = read_json(b'{"whole": 2, "reading": 38.4, "flag": true, "nothing": null}')

    assert [type(value) for value in read.values()] == [int, float, bool, type(None)]


def parse(body: bytes, **meta: str) -> object:
    request = RequestFactory().post("/", data=body, content_type="application/json", **meta)
    return StrictJSONParser().parse(request, "application/json", {"request": request})


def test_a_body_over_a_megabyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        parse(b'"' + b"a" * MAX_BYTES + b'"')


def test_a_body_longer_than_it_says_is_refused() -> None:
    request = RequestFactory().post("/", data=b"{}", content_type="application/json")
    with pytest.raises(TooLarge):
        StrictJSONParser().parse(BytesIO(b" " * (MAX_BYTES + 1)), None, {"request": request})


def test_a_compressed_body_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", HTTP_CONTENT_ENCODING="gzip")


def test_a_body_in_another_alphabet_than_utf8_is_refused() -> None:
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", CONTENT_TYPE="application/json; charset=utf-16")
