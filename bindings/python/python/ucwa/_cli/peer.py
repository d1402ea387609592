"""A look of Python's own at a server: its name, its port, its certificate.

On a connection of its own beside the engine's, with Python's ssl module. So it may see another server of the same name, and
it trusts what OpenSSL trusts, which may differ from what the engine trusts. It never sends a request.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Optional
from urllib.parse import urlsplit

PATIENCE = 3.0
_PORTS = {"https": 443, "http": 80}
# X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python has no name for.
_WHENEVER = 0x200000


def look(origin: str, ca_file: Optional[str], settings: Mapping[str, str]) -> Iterator[str]:
    """What is seen of `https://host:port`, a sentence at a time, as far as it goes."""
    parts = urlsplit(origin)
    host, scheme = parts.hostname or "", parts.scheme
    if _proxy(scheme, host):
        yield "not looked at: connections to it go through a proxy"
        return
    place = _place(host, parts.port or _PORTS[scheme], settings)
    try:
        addresses = sorted({str(found[4][0]) for found in socket.getaddrinfo(*place, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError) as error:
        yield f"the name {place[0]} does not exist for this computer ({getattr(error, 'strerror', error)})"
        return
    if place[0] not in addresses:
        yield f"the name {place[0]} leads to {', '.join(addresses)}"
    try:
        socket.create_connection(place, PATIENCE).close()
    except OSError as error:
        yield f"port {place[1]}: {_refusal(error)}"
        return
    yield f"port {place[1]}: something listens"
    if scheme == "https":
        yield from _tls(host, place, ca_file)


def _proxy(scheme: str, host: str) -> bool:
    proxies = urllib.request.getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(host)


def _place(host: str, port: int, settings: Mapping[str, str]) -> tuple[str, int]:
    """Where the engine connects to, docs/CONFIG.md `resolve.<host>`."""
    given = settings.get(f"resolve.{host}")
    if not given:
        return host, port
    address, _, its_port = given.rpartition(":")
    return address.strip("[]"), int(its_port)


def _refusal(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:.0f} s"
    return str(error.strerror or error)


def _tls(host: str, place: tuple[str, int], ca_file: Optional[str]) -> Iterator[str]:
    try:
        trusting = ssl.create_default_context()
        if ca_file is not None:
            trusting.load_verify_locations(ca_file)
        with _handshake(trusting, host, place) as connection:
            yield f"{connection.version()}, certificate trusted by OpenSSL: {_described(connection.getpeercert())}"
    except ssl.SSLCertVerificationError as error:
        presented = _presented(host, place)
        yield f"certificate not trusted by OpenSSL ({error.verify_message})" + (f": {presented}" if presented else "")
    except (OSError, ValueError) as error:
        yield f"no TLS: {_refusal(error) if isinstance(error, OSError) else error}"


@contextlib.contextmanager
def _handshake(context: ssl.SSLContext, host: str, place: tuple[str, int]) -> Iterator[ssl.SSLSocket]:
    with socket.create_connection(place, PATIENCE) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
        yield secure


def _presented(host: str, place: tuple[str, int]) -> str:
    """What a server shows that is not trusted. Nothing is sent to it but the handshakes.

    Python decodes only certificates that it has verified, so the second handshake takes the certificate itself as the one
    to trust.
    """
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        with _handshake(anybody, host, place) as connection:
            der = connection.getpeercert(binary_form=True)
        if der is None:
            return ""
        itself = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        itself.check_hostname = False
        itself.load_verify_locations(cadata=der)
        itself.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _WHENEVER
        with _handshake(itself, host, place) as connection:
            return _described(connection.getpeercert())
    return ""


def _described(certificate: Optional[Mapping[str, Any]]) -> str:
    if not certificate:
        return "no details"
    names = ", ".join(name for _, name in certificate.get("subjectAltName", ()))
    return (
        f"subject {_name(certificate.get('subject'))}, issuer {_name(certificate.get('issuer'))}, "
        f"valid from {certificate.get('notBefore')} until {certificate.get('notAfter')}, made out to {names or 'nobody'}"
    )


def _name(parts: Any) -> str:
    return ", ".join("=".join(pair) for part in parts or () for pair in part) or "(none)"
