import os
import shlex
import signal
import threading
from io import StringIO
from pathlib import Path

import psutil
import pytest
from honcho.printer import Printer

from apps.core.embedded.children import Children

from .processes import wait_until

FOREVER = ["sleep", "600"]


@pytest.fixture
def screen():
    return StringIO()


@pytest.fixture
def children(screen):
    group = Children(Printer(screen))
    yield group
    hurry = threading.Event()
    hurry.set()
    group.stop(hurry)


def attended(children: Children, condition: object) -> None:
    def met() -> bool:
        children.attend(0.05)
        return bool(condition())  # type: ignore[operator]

    wait_until(met, what="what was waited for", seconds=20)


def test_a_child_that_is_killed_is_started_again_and_the_death_is_shown(children, screen):
    worker = children.start("worker", FOREVER, dict(os.environ))
    attended(children, lambda: worker.pid)
    first = worker.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    attended(children, lambda: worker.pid not in (None, first))

    assert "worker was killed by SIGKILL; it is started again in 1 s" in screen.getvalue()


def test_the_pause_grows_while_a_child_keeps_dying(children, screen):
    children.start("web", ["sh", "-c", "exit 3"], dict(os.environ))

    attended(children, lambda: "in 4 s" in screen.getvalue())

    shown = screen.getvalue()
    assert shown.index("web ended with code 3; it is started again in 1 s") < shown.index("in 2 s")


def test_what_a_dead_child_left_in_its_group_goes_with_it(children, tmp_path):
    grandchild = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {shlex.quote(str(grandchild))}; wait"
    worker = children.start("worker", ["sh", "-c", script], dict(os.environ))
    attended(children, lambda: grandchild.exists() and grandchild.read_text().strip())
    pid = int(grandchild.read_text())
    assert worker.pid is not None

    os.kill(worker.pid, signal.SIGKILL)
    attended(children, lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_they_are_stopped_in_order_and_none_is_started_again(children, tmp_path):
    order = tmp_path / "order"

    def notes(name: str) -> list[str]:
        script = (
            f"trap 'echo {name} >> {shlex.quote(str(order))}; exit 0' TERM; echo up; while :; do sleep 0.1; done"
        )
        return ["sh", "-c", script]

    broker = children.start("broker", notes("broker"), dict(os.environ), stage=0)
    worker = children.start("worker", notes("worker"), dict(os.environ), stage=1)
    attended(children, lambda: broker.pid and worker.pid)
    children.attend(0.5)

    children.stop(threading.Event())

    assert order.read_text().split() == ["worker", "broker"]
    assert broker.pid is None
    assert worker.pid is None


def test_a_second_ctrl_c_kills_what_does_not_stop(children, screen):
    stubborn = children.start(
        "worker", ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], dict(os.environ)
    )
    attended(children, lambda: stubborn.pid)
    children.attend(0.5)
    hurry = threading.Event()
    threading.Timer(0.5, hurry.set).start()

    children.stop(hurry)

    assert "worker does not stop and is killed" in screen.getvalue()


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="only Linux tells a child of its parent's death")
def test_a_child_does_not_outlive_a_supervisor_that_was_killed(tmp_path):
    note = tmp_path / "pid"
    parent = os.fork()
    if parent == 0:
        group = Children(Printer(StringIO()))
        child = group.start("worker", FOREVER, dict(os.environ))
        while not child.pid:
            group.attend(0.05)
        group.attend(0.3)
        note.write_text(str(child.pid))
        signal.pause()
    wait_until(lambda: note.exists() and note.read_text(), what="the start", seconds=20)

    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)

    child = int(note.read_text())
    wait_until(lambda: not psutil.pid_exists(child), what="the end of the child", seconds=10)
