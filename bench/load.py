"""A small load tool: so many connections, each sending its next request when the last was answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MakeRequest = Callable[[], bytes]


@dataclass
class Load:
    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    def percentile(self, part: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, make_request: MakeRequest, until: float, done: asyncio.Future[None]) -> None:
        self.load, self.make_request, self.until, self.done = load, make_request, until, done
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(self.make_request())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, split, rest = self.buffer.partition(b"\r\n\r\n")
        if not split or len(rest) < _content_length(head):
            return
        self.buffer = b""
        now = time.perf_counter()
        self.load.milliseconds.append((now - self.sent_at) * 1000)
        status = int(head.split(b" ", 2)[1])
        self.load.statuses[status] = self.load.statuses.get(status, 0) + 1
        if now < self.until:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def run(port: int, make_request: MakeRequest, *, seconds: float, connections: int = 16) -> Load:
    return asyncio.run(_run(port, make_request, seconds, connections))


async def _run(port: int, make_request: MakeRequest, seconds: float, connections: int) -> Load:
    load = Load()
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    waiting = []
    for _ in range(connections):
        done = loop.create_future()
        waiting.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(load, make_request, begun + seconds, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.wait(waiting, timeout=seconds + 10)
    load.seconds = time.perf_counter() - begun
    return load


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
