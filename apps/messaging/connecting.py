"""The way to a push service. Names are looked up here and every address that comes out is looked at before
anything is connected, so that a name which points into the house leads nowhere, whatever it said a moment ago."""

import socket
import urllib.request
from dataclasses import dataclass

from urllib3 import HTTPSConnectionPool, ProxyManager, Timeout
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from apps.messaging.endpoints import Endpoint, is_in_house, is_public
from apps.messaging.errors import CannotSend

PATIENCE = Timeout(connect=4.0, read=6.0)
"""Seconds. A reminder is not worth waiting longer, and the thread that sends has others to send."""


class GuardedConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        failure: OSError | None = None
        for address in self._addresses():
            try:
                return create_connection((address, self.port), self.timeout)
            except OSError as error:
                failure = error
        raise NewConnectionError(self, "no address answers") from failure

    def _addresses(self) -> list[str]:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            # UnicodeError: a part of the name is longer than a name may be.
            raise NewConnectionError(self, "the name is not known") from error
        addresses = [str(each[4][0]) for each in found]
        if not is_in_house(self.host) and not all(is_public(address) for address in addresses):
            raise NewConnectionError(self, "the name points into a private network")
        return addresses


class GuardedPool(HTTPSConnectionPool):
    ConnectionCls = GuardedConnection


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: str


def post(endpoint: Endpoint, body: bytes, headers: dict[str, str]) -> Answer:
    """One request. No redirect is followed, nothing is tried twice, the answer's body is not read.

    Errors: CannotSend when nobody answers."""
    pool = _pool(endpoint)
    try:
        answer = pool.urlopen(
            "POST",
            endpoint.target,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
        )
        answer.close()
    except (HTTPError, OSError) as error:
        raise CannotSend(type(error).__name__) from error
    finally:
        pool.close()
    return Answer(answer.status, answer.headers.get("Retry-After", ""))


def _pool(endpoint: Endpoint) -> HTTPConnectionPool:
    proxy = urllib.request.getproxies().get("https")
    if proxy and not urllib.request.proxy_bypass(endpoint.host):
        # The house lets nobody out but its proxy (HTTPS_PROXY), which looks up the name; the list of hosts holds.
        return ProxyManager(proxy, timeout=PATIENCE).connection_from_host(endpoint.host, endpoint.port, "https")
    return GuardedPool(endpoint.host, endpoint.port, timeout=PATIENCE)
