"""What is looked at before anything starts, so that the message is a sentence and not a stack of errors."""

import shutil
import socket
from pathlib import Path

import psutil

from .errors import EmbeddedServiceError

LEAST_FREE_BYTES = 200 * 1024 * 1024


def refuse_full_disk(local: Path) -> None:
    free = shutil.disk_usage((local / "postgres").resolve().parent).free
    if free < LEAST_FREE_BYTES:
        raise EmbeddedServiceError(
            f"the disk that holds {local} is full ({free // 1024**2} MB left). Free at least "
            f"{LEAST_FREE_BYTES // 1024**2} MB: a log that cannot be stored is a log that is lost."
        )


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as error:
            raise EmbeddedServiceError(
                f"port {port} on {host} cannot be used ({error.strerror}){_holder(port)}. "
                f"Choose another: PORT={port + 1} make run"
            ) from error


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"; {psutil.Process(connection.pid).name()} (process {connection.pid}) holds it"
    except (psutil.Error, OSError, ValueError, TypeError):
        pass
    return ""
