"""The container files are not run by these tests; what they say is held against the code."""

import importlib
import re
import shlex

import pytest
import yaml
from django.core.management import get_commands

from apps.core.embedded.local import PROJECT_ROOT
from apps.core.probe import main as probe

COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "taperwatch"}
SECRETS = ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY", "ALLOWED_HOSTS", "ACTIVE_CATALOGUE")


def instructions(name: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", DOCKERFILE)
    return [line.split(maxsplit=1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def dockerfile_command() -> list[str]:
    return list(yaml.safe_load(instructions("CMD")[-1]))


def test_all_parts_of_the_installation_are_there():
    assert {"db", "broker", "migrate", "web", "worker", "watch", "beat", "mail"} <= set(COMPOSE["services"])
    assert set(OURS) == {"migrate", "web", "worker", "watch", "beat"}


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_commands_exists(name):
    command = OURS[name].get("command") or dockerfile_command()

    if command[0] == "python":
        assert command[1] == "manage.py"
        known = set(get_commands()) | {path.stem for path in PROJECT_ROOT.glob("apps/*/management/commands/*.py")}
        assert command[2] in known
    elif command[0] == "celery":
        assert command[1] == "-A"
        assert importlib.import_module(command[2]).app.main == "taperwatch"
        assert command[3] in {"worker", "beat"}
    else:
        module, _, attribute = command[command.index("wsgi") + 1].partition(":")
        assert command[0] == "granian"
        assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_and_no_clinical_choice_has_a_default(name):
    text = (PROJECT_ROOT / "docker-compose.yml").read_text()

    uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
    assert uses
    assert all(use.startswith(":?") for use in uses)


def test_there_are_two_watches_and_neither_web_nor_worker_is_bound_to_one_copy():
    assert COMPOSE["services"]["watch"]["deploy"]["replicas"] >= 2
    for name in ("web", "worker"):
        assert "container_name" not in OURS[name]
    for port in OURS["web"]["ports"]:
        assert re.search(r"\d+-\d+\}:", port), "one fixed port would refuse a second copy"


@pytest.mark.parametrize("name", ["db", "broker", "worker", "watch"])
def test_what_has_to_run_is_watched(name):
    assert "test" in COMPOSE["services"][name]["healthcheck"]


def test_the_checks_ask_a_probe_that_exists(capsys):
    tests = [
        service["healthcheck"]["test"] for service in OURS.values() if "test" in service.get("healthcheck", {})
    ]
    tests.append(
        ["CMD", *shlex.split(re.sub(r'[\[\]",]', " ", DOCKERFILE.split("HEALTHCHECK")[1].split("CMD")[1]))]
    )

    for test in tests:
        assert test[1:4] == ["python", "-m", "apps.core.probe"]
        assert probe(test[4:]) != 2


def test_the_image_runs_as_somebody_without_rights():
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) >= 3
    assert re.search(r"^USER (?!root)\w+", stages[-1], re.MULTILINE)


def test_the_image_holds_what_it_copies_and_nothing_that_is_not_let_in():
    let_in = [
        line[1:] for line in (PROJECT_ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    for copy in instructions("COPY"):
        if copy.startswith("--from"):
            continue
        source = copy.split()[0]
        assert (PROJECT_ROOT / source).exists()
        assert source in let_in


@pytest.mark.parametrize(
    "path",
    [
        "docker-compose.yml",
        "Dockerfile",
        "pyproject.toml",
        "requirements/base.txt",
        "requirements/local.txt",
        "requirements/dev.txt",
    ],
)
def test_no_file_names_the_host_of_a_registry(path):
    text = (PROJECT_ROOT / path).read_text()

    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host", text)
    assert not re.search(r"^(FROM|\s*image:)\s+[\w-]+\.[\w.-]+(:\d+)?/", text, re.MULTILINE)
