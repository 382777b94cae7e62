"""`make run` itself, with all its processes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import namedtuple

import pytest

from apps.core.embedded import refusals
from apps.core.embedded.errors import EmbeddedServiceError
from apps.core.embedded.local import PROJECT_ROOT

from .processes import MakeRun, environment, free_port, processes_of, wait_until


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    run = MakeRun(tmp_path_factory.mktemp("run") / "local")
    run.wait_ready()
    yield run
    if run.process.poll() is None:
        run.press_ctrl_c()


def start_again(run: MakeRun, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "apps.core.embedded.run"],
        cwd=PROJECT_ROOT, env=environment(run.local, PORT=str(port)), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_it_says_how_long_each_stage_took_and_where_it_answers(running):
    for words in ("PostgreSQL:", "tables:", "static files:", "ready in", f"http://localhost:{running.port}/"):
        assert words in running.shown
    assert running.answers()


def test_a_second_start_finds_the_first_and_says_where_it_is(running):
    second = start_again(running, free_port())

    assert second.returncode == 1
    assert f"already running at http://localhost:{running.port}/ (process {running.process.pid})" in second.stderr
    assert running.answers()


def test_a_web_server_that_is_killed_answers_again(running):
    running.child("granian").send_signal(signal.SIGKILL)

    wait_until(lambda: "web was killed by SIGKILL" in running.shown, what="the message")
    wait_until(running.answers, what="an answer")


def test_ctrl_c_leaves_no_process_behind(running):
    assert processes_of(running.local) != []

    assert running.press_ctrl_c() == 0

    assert processes_of(running.local) == []
    assert "stopped" in running.shown.splitlines()[-1]


def test_after_it_was_killed_outright_the_next_start_cleans_up_and_works(running):
    if running.process.poll() is None:
        running.press_ctrl_c()
    killed = MakeRun(running.local)
    killed.wait_ready()
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.process.wait()

    after = MakeRun(running.local)
    after.wait_ready()

    assert after.answers()
    assert after.press_ctrl_c() == 0
    assert processes_of(running.local) == []


def test_a_taken_port_is_named_with_its_holder(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        with pytest.raises(EmbeddedServiceError) as refusal:
            refusals.refuse_taken_port("127.0.0.1", port)

    assert f"port {port}" in str(refusal.value)
    assert f"(process {os.getpid()}) holds it" in str(refusal.value)
    assert "make run" in str(refusal.value)


def test_a_full_disk_is_said_before_anything_starts(tmp_path, monkeypatch):
    Usage = namedtuple("Usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - 5 * 1024**2, 5 * 1024**2))

    with pytest.raises(EmbeddedServiceError, match=r"is full \(5 MB left\)"):
        refusals.refuse_full_disk(tmp_path)


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    told = subprocess.run(
        [sys.executable, "-m", "apps.core.embedded.run"],
        cwd=PROJECT_ROOT, env=environment(tmp_path, PORT=port), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 1
    assert "PORT is a number from 1 to 65535" in told.stderr
