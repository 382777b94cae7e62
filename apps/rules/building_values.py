"""Numbers of a catalogue: named values, limits, age bands, NEWS2 bands, score."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import nan

from apps.rules.definitions import DOMAINS, Source
from apps.rules.reading import Node
from apps.rules.settings import (
    BandRow,
    News2Table,
    ReadingSettings,
    ScoreSettings,
    Settings,
    SupplySettings,
    names_of,
)
from apps.rules.values import PUBLISHED, TAGS, AgeBand, ChildLimit, Limit, LowBaseline, Value
from apps.rules.words import Words

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NEWS2_ROWS = [
    "respiratory_rate_bpm",
    "spo2_percent",
    "spo2_scale_2_on_air",
    "spo2_scale_2_on_oxygen",
    "bp_systolic_mmhg",
    "heart_rate_bpm",
    "temperature_c",
]


def read_sources(top: Node) -> dict[str, Source]:
    section = top.child("sources")
    found = {}
    for code in section:
        node = section.child(code)
        node.expect({"citation"}, {"where", "depth"})
        found[code] = Source(
            code,
            node.text("citation"),
            node.optional_text("where") or "",
            node.optional_text("depth") or "",
        )
    return found


def read_values(top: Node, sources: Iterable[str]) -> dict[str, Value]:
    section = top.child("values")
    found = {}
    for name in section:
        if not _NAME.fullmatch(name):
            raise section.error(f"“{name}” is no plain word", name)
        node = section.child(name)
        node.expect({"value", "unit", "tag"}, {"source", "note", "kept_for"})
        tag = node.text("tag")
        if tag not in TAGS:
            raise node.error(f"“{tag}” is no tag", "tag")
        cited = node.texts("source")
        if tag == PUBLISHED and not cited:
            raise node.error(f"“{name}” is tagged published and names no source", "tag")
        for code in cited:
            if code not in sources:
                raise node.error(f"unknown source “{code}”", "source")
        note = node.optional_text("note") or node.optional_text("kept_for") or ""
        found[name] = Value(name, node.number("value"), node.text("unit"), tag, cited, note)
    return found


def read_bands(nodes: list[Node], top: Node) -> tuple[AgeBand, ...]:
    found: list[AgeBand] = []
    for node in nodes:
        node.expect({"name", "from_years", "until_years", "ends"})
        band = AgeBand(
            node.text("name"),
            node.number("from_years"),
            node.number("until_years"),
            {key: node.child("ends").number(key) for key in node.child("ends")},
        )
        if band.until_years <= band.from_years:
            raise node.error(f"the band “{band.name}” ends before it begins", "until_years")
        if found and band.from_years < found[-1].until_years:
            raise node.error(f"the band “{band.name}” overlaps “{found[-1].name}”", "from_years")
        if found and band.from_years > found[-1].until_years:
            raise node.error(f"there is a gap before the band “{band.name}”", "from_years")
        if found and band.ends.keys() != found[0].ends.keys():
            raise node.error(f"the band “{band.name}” has other columns than the first", "ends")
        for key, low in band.ends.items():
            if key.endswith("_low") and low >= band.ends.get(key[:-4] + "_high", low + 1):
                raise node.error(f"in “{band.name}” {key} is not below its high end", "ends")
        found.append(band)
    return tuple(found)


def read_limits(top: Node, values: Mapping[str, Value], bands: tuple[AgeBand, ...]) -> tuple[Limit, ...]:
    section = top.child("limits")
    return tuple(_limit(section, name, values, bands) for name in section)


def _limit(section: Node, name: str, values: Mapping[str, Value], bands: tuple[AgeBand, ...]) -> Limit:
    node = section.child(name)
    node.expect((), {"adult", "child", "once_daily", "low_baseline"})
    if "adult" not in node and "child" not in node:
        raise node.error(f"the limit “{name}” holds for nobody")
    if name in values or not _NAME.fullmatch(name):
        raise section.error(f"the limit “{name}” needs a plain name of its own", name)
    child = None
    if "child" in node:
        row = node.child("child")
        row.expect({"column"}, {"times"})
        column = row.text("column")
        if not bands or column not in bands[0].ends:
            raise row.error(f"the age bands have no column “{column}”", "column")
        child = ChildLimit(column, _named(row, "times", values) if "times" in row else 1.0)
    low = None
    if "low_baseline" in node:
        row = node.child("low_baseline")
        row.expect({"sign", "below", "minus", "floor"})
        low = LowBaseline(
            row.text("sign"),
            _named(row, "below", values),
            _named(row, "minus", values),
            _named(row, "floor", values),
        )
    return Limit(
        name=name,
        adult=_named(node, "adult", values) if "adult" in node else nan,
        value_name=node.optional_text("adult") or "",
        child=child,
        once_daily=_named(node, "once_daily", values) if "once_daily" in node else None,
        low_baseline=low,
    )


def _named(node: Node, key: str, values: Mapping[str, Value]) -> float:
    name = node.text(key)
    if name not in values:
        raise node.error(f"no value is called “{name}”", key)
    return values[name].value


def read_settings(top: Node, values: Mapping[str, Value], words: Words) -> Settings:
    for name in (*names_of(SupplySettings), *names_of(ReadingSettings)):
        if name not in values:
            raise top.error(f"the value “{name}”, which the engine needs, is missing", "values")
    for row in _limit_rows(top):
        words.used.update(str(value) for value in row.values())
    return Settings(
        supply=SupplySettings(**{n: values[n].value for n in names_of(SupplySettings)}),
        reading=ReadingSettings(**{n: values[n].value for n in names_of(ReadingSettings)}),
        news2=_news2(top.child("news2")),
        score=_score(top.child("score")),
    )


def _limit_rows(top: Node) -> Iterable[Node]:
    section = top.child("limits")
    for name in section:
        node = section.child(name)
        yield node
        yield from (value for value in node.values() if isinstance(value, Node))


def _news2(node: Node) -> News2Table:
    node.expect({"rows", "oxygen", "not_alert", "source", "acknowledgement"})
    rows = node.child("rows")
    rows.expect(_NEWS2_ROWS)
    return News2Table(
        rows={name: _band_row(rows.child(name)) for name in rows},
        oxygen=int(node.number("oxygen")),
        not_alert=int(node.number("not_alert")),
    )


def _band_row(node: Node) -> BandRow:
    node.expect({"tops", "points"})
    tops, points = node["tops"], node["points"]
    if not isinstance(tops, list) or not isinstance(points, list) or len(points) != len(tops) + 1:
        raise node.error("needs one more entry in points than in tops", "points")
    if any(b <= a for a, b in pairwise(tops)):
        raise node.error("bands overlap: tops must rise", "tops")
    return BandRow(tuple(float(top) for top in tops), tuple(int(point) for point in points))


def _score(node: Node) -> ScoreSettings:
    node.expect({"weights", "mapped_points", "bands", "tag", "note"})
    weights = node.child("weights")
    weights.expect(DOMAINS)
    bands = node.nodes("bands")
    edges = [int(band.number("until")) for band in bands]
    if edges != sorted(set(edges)):
        raise node.error("score bands overlap: “until” must rise", "bands")
    mapped = node["mapped_points"]
    if not isinstance(mapped, list) or len(mapped) != 4:
        raise node.error("needs four entries, for 0, 1, 2 and 3 points", "mapped_points")
    return ScoreSettings(
        weights={name: int(weights.number(name)) for name in DOMAINS},
        mapped_points=(mapped[0], mapped[1], mapped[2], mapped[3]),
        bands=tuple((band.text("label"), int(band.number("until"))) for band in bands),
    )
