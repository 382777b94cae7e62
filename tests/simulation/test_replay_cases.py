"""`manage.py replay_cases`: published cases from the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.simulation.stories import CASES


def test_every_case_is_listed_with_what_fired_where_and_when() -> None:
    out = StringIO()

    call_command("replay_cases", str(CASES), "--format=json", stdout=out)

    told = json.loads(out.getvalue())
    assert len(told) == 42
    assert {"pattern", "level", "point", "t_hours"} == set(told[0]["alerts"][0])


def test_a_table_names_each_case_and_says_when_nothing_fired() -> None:
    out = StringIO()

    call_command("replay_cases", str(CASES), stdout=out)

    assert "bw-mohammed-2004\n" in out.getvalue()
    assert "nothing fired" in out.getvalue()


@pytest.mark.parametrize("content", ["[1, 2", "just words", "cases: 3"])
def test_a_file_that_holds_no_cases_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(content)

    with pytest.raises(CommandError, match=r"YAML|no list of cases"):
        call_command("replay_cases", str(path))
