import json
import logging
import sys

from apps.config.logs import JsonLines

ROW = "Failing row contains (Ruth Example, 39.5, hallucinations)"


def line(message: object, *arguments: object, **more: object) -> dict[str, object]:
    record = logging.LogRecord("apps.monitoring", logging.ERROR, __file__, 1, message, arguments, None)
    record.__dict__.update(more)
    return dict(json.loads(JsonLines().format(record)))


def raised() -> tuple[object, ...]:
    try:
        raise ValueError(ROW)
    except ValueError:
        return sys.exc_info()


def test_an_error_tells_its_kind_and_place_but_not_its_words():
    told = line("could not store the log", exc_info=raised())

    assert told["error"] == "ValueError"
    assert "test_logs.py" in str(told["where"])
    assert "Ruth" not in json.dumps(told)


def test_an_exception_among_the_arguments_is_named_by_its_kind():
    assert (
        line("Task handler raised error: %r", ValueError(ROW))["message"]
        == "Task handler raised error: 'ValueError'"
    )


def test_a_failed_task_is_told_without_its_arguments_and_its_error():
    template = "Task %(name)s[%(id)s] %(description)s: %(exc)s %(args)s\n%(traceback)s"

    told = line(
        template, {"name": "assess", "id": "7", "description": "raised", "exc": ROW, "args": ROW, "traceback": ROW}
    )

    assert told["message"] == "Task assess[7] raised: … …\n…"


def test_only_the_keys_that_were_agreed_on_are_written():
    told = line("stored", event="stored", patient="Ruth Example", body=ROW)

    assert told["event"] == "stored"
    assert "Ruth" not in json.dumps(told)


def test_a_message_with_too_few_arguments_still_appears():
    assert line("%s and %s", "one")["message"] == "%s and %s"
