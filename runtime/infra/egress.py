"""The one way out: a request to an address on the internet, and never to the inside.

The name is resolved once, every address it has must be public, and the connection goes to the
address that was looked at; nothing is redirected, no proxy is asked, and whatever the other side
does, it is over after a few seconds and a bounded number of bytes.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from runtime.infra.errors import BadRequest

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 10.0
# Of an answer its status is used, and what a robot says in its body; no more of it is read.
LARGEST_ANSWER: Final = 65_536
LONGEST_URL: Final = 2000
PORTS: Final = frozenset({443})
# Addresses that carry another one, which decides: IPv4 in IPv6, NAT64, 6to4.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL: Final = tuple(
    map(ipaddress.ip_network, ("64:ff9b:1::/48", "192.0.0.0/24", "192.88.99.0/24", "::/96"))
)
_NAME: Final = re.compile(r"(?!.{254})([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}\.?")
_LOW_32: Final = 0xFFFF_FFFF

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class EgressError(Exception):
    """Why nothing was delivered; `code` names it."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Target:
    """Where a request goes: checked as far as an address can be by looking at it."""

    is_https: bool
    host: str
    port: int
    path: str
    is_named: bool

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_https else 80) else f"{host}:{self.port}"


@dataclass(frozen=True)
class Limits:
    """How long a request may take, and how much of an answer is read."""

    connect: float = CONNECT_SECONDS
    total: float = TOTAL_SECONDS
    answer: int = LARGEST_ANSWER


@dataclass(frozen=True)
class Way:
    """How to go: `named` are the places inside that a setting opens, as `host:port`."""

    named: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)


class Said(NamedTuple):
    """What was answered: its status, and the beginning of its body."""

    status: int
    body: bytes


def named(setting: str) -> frozenset[str]:
    """Read the setting that opens places inside: `host:port`, by commas."""
    return frozenset(part.strip().lower() for part in setting.split(",") if part.strip())


def target(url: str, opened: frozenset[str] = frozenset()) -> Target:
    """Look at an address; refuse what could not be meant for somebody on the internet."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or {*url} & {*" \\#"}:
        raise BadRequest("egress_address")
    try:
        parts = urlsplit(url)
        scheme, host, given = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadRequest("egress_address") from error
    if not host or "@" in parts.netloc or scheme not in {"https", "http"}:
        raise BadRequest("egress_address")
    port = given or (443 if scheme == "https" else 80)
    is_named = f"{host}:{port}" in opened
    if not is_named and (scheme != "https" or port not in PORTS):
        raise BadRequest("egress_scheme")
    literal = _literal(host)
    if literal is not None and not is_named and not is_public(literal):
        raise BadRequest("egress_inside")
    query = f"?{parts.query}" if parts.query else ""
    return Target(scheme == "https", host, port, f"{parts.path or '/'}{query}", is_named)


def is_outside(url: str) -> bool:
    """Say whether an address looks like one of the internet's; whether it is shows when called.

    The port is left to the call: a setting may open others.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        target(url, frozenset({f"{host}:{443 if port is None else port}"}))
    except (BadRequest, ValueError):
        return False
    literal = _literal(host)
    if literal is not None:
        return is_public(literal)
    # Old ways of writing an address as a number end in one, names do not.
    last = host.removesuffix(".").rpartition(".")[2]
    return port != 0 and bool(_NAME.fullmatch(host)) and last != "localhost" and last.isalpha()


def host_of(url: str) -> str:
    """Return who is called, without what else an address may tell."""
    return (urlsplit(url).hostname or "")[:200]


def is_public(address: Address) -> bool:
    """Say whether an address is one of the internet's, whatever it is wrapped in."""
    inner = _inner(address)
    if inner != address:
        return is_public(inner)
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def post(url: str, body: bytes, headers: Mapping[str, str], way: Way) -> int:
    """Send a body and return the status of the answer. Raises EgressError when there is none."""
    return ask(url, body, headers, way).status


def ask(url: str, body: bytes, headers: Mapping[str, str], way: Way) -> Said:
    """Send a body and return what is answered. Raises EgressError when there is no answer."""
    try:
        goal = target(url, way.named)
    except BadRequest as error:
        raise EgressError(error.code) from error
    end = time.monotonic() + way.limits.total
    sock = _dialled(_allowed(goal, way.limits.connect), goal.port, way.limits, end)
    with _until(sock, end) as call:
        try:
            if goal.is_https:
                call.encrypt(goal.host)
            return _exchange(call.sock, goal, body, headers, way.limits)
        except ssl.SSLError as error:
            raise EgressError("egress_timeout" if call.is_late else "egress_tls") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = call.is_late or isinstance(error, TimeoutError)
            raise EgressError("egress_timeout" if late else "egress_broken") from error


def _exchange(
    sock: socket.socket, goal: Target, body: bytes, headers: Mapping[str, str], limits: Limits
) -> Said:
    connection = http.client.HTTPConnection(goal.host, goal.port)
    connection.sock = sock
    connection.putrequest("POST", goal.path, skip_host=True, skip_accept_encoding=True)
    sent = {"Host": goal.authority, "Content-Length": str(len(body)), "Connection": "close"}
    for name, value in {**sent, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    return Said(response.status, response.read(limits.answer) or b"")


def _allowed(goal: Target, seconds: float) -> tuple[Address, ...]:
    addresses = _resolved(goal, seconds)
    if not goal.is_named and not all(is_public(address) for address in addresses):
        # One bad address among good ones is no accident.
        raise EgressError("egress_inside")
    return addresses


def _dialled(
    addresses: tuple[Address, ...], port: int, limits: Limits, end: float
) -> socket.socket:
    for address in addresses[:2]:
        rest = max(min(limits.connect, end - time.monotonic()), 0.001)
        try:
            # Without a proxy, whatever the environment says: this is a bare socket.
            sock = socket.create_connection((str(address), port), timeout=rest)
        except OSError:
            continue
        sock.settimeout(limits.total)
        return sock
    raise EgressError("egress_unreachable")


@dataclass
class _Call:
    """A conversation that somebody may break off."""

    sock: socket.socket
    is_late: bool = False

    def encrypt(self, host: str) -> None:
        """Go on in secret; the handshake, too, has to be over in time."""
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(
            self.sock, server_hostname=host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()

    def break_off(self) -> None:
        """End it now: closing alone would not wake who waits for an answer."""
        self.is_late = True
        with _whatever_happens():
            self.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _until(sock: socket.socket, end: float) -> Iterator[_Call]:
    """Break a conversation off at its end, however slowly the other side goes on talking."""
    call = _Call(sock)
    timer = threading.Timer(max(end - time.monotonic(), 0), call.break_off)
    timer.daemon = True
    timer.start()
    try:
        yield call
    finally:
        timer.cancel()
        call.sock.close()


@contextmanager
def _whatever_happens() -> Iterator[None]:
    try:
        yield
    except OSError:
        return


def _resolved(goal: Target, seconds: float) -> tuple[Address, ...]:
    """All addresses of a name, asked for once; a name server that is silent is not waited for."""
    found: list[Address] = []

    def ask() -> None:
        with _whatever_happens():
            known = socket.getaddrinfo(goal.host, goal.port, type=socket.SOCK_STREAM)
            texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in known)
            found.extend(ipaddress.ip_address(text) for text in texts)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found or asking.is_alive():
        raise EgressError("egress_unreachable")
    return tuple(found)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """The address inside an address, or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _LOW_32)
    return address.ipv4_mapped or address.sixtofour or address
