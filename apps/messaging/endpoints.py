"""Where push messages may be sent. A browser tells us the address, so whoever controls a browser chooses it:
without these limits we would knock at doors inside the house for them."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

LONGEST = 2048
HTTPS_PORT = 443


class EndpointRefused(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class Endpoint:
    host: str
    port: int
    target: str
    """Path and query."""

    @property
    def audience(self) -> str:
        """Whom our signature is for (RFC 8292, section 2)."""
        return f"https://{self.host}" + ("" if self.port == HTTPS_PORT else f":{self.port}")


def read_endpoint(address: str) -> Endpoint:
    """Errors: EndpointRefused: not https, not a push service that we know, or anything odd about it."""
    if len(address) > LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        raise EndpointRefused("not an address")
    try:
        parts = urlsplit(address)
        port = parts.port or HTTPS_PORT
    except ValueError as error:
        raise EndpointRefused("not an address") from error
    host = parts.hostname or ""
    if parts.scheme != "https" or "@" in parts.netloc or parts.fragment or "\\" in address:
        raise EndpointRefused("not a plain https address")
    if is_in_house(host):
        return Endpoint(host, port, _target(parts.path, parts.query))
    if port != HTTPS_PORT or not any(_matches(host, pattern) for pattern in settings.PUSH_HOSTS):
        raise EndpointRefused("not a push service that is known here")
    return Endpoint(host, port, _target(parts.path, parts.query))


def is_in_house(host: str) -> bool:
    """A push service that the installation runs itself, which may have an address of the house's own network."""
    return host in settings.PUSH_PRIVATE_HOSTS


def is_public(address: str) -> bool:
    """An IP address that belongs to the internet, and to nobody's own network in disguise."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour
        if inside is not None:
            return is_public(str(inside))
    return ip.is_global and not ip.is_multicast


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _target(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")
