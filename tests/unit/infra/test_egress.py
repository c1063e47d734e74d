"""The one way out: what it refuses to call, and that nobody can hold it for long."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from runtime.infra import egress
from runtime.infra.egress import EgressError, Limits, Way
from runtime.infra.errors import BadRequest

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextlib.contextmanager
def somebody(talk: Talk) -> Iterator[tuple[str, Way]]:
    """A receiver on this machine that talks as it is told, and the way that is open to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    one, _ = server.accept()
                    with one, contextlib.suppress(OSError):
                        talk(one)

        threading.Thread(target=serve, daemon=True).start()
        limits = Limits(connect=0.5, total=0.6, answer=1000)
        way = Way(egress.named(f"other:1, 127.0.0.1:{port}"), limits)
        yield f"http://127.0.0.1:{port}/hook?a=1", way


@pytest.mark.parametrize(
    "url",
    [
        # Not the web, or not as it should be called.
        "file:///etc/passwd", "gopher://x/1", "ftp://x/", "data:text/plain,x", "//host/x", "",
        "http://example.com/", "https://example.com:22/", "https://example.com:6379/",
        "https://example.com:99999/", "https://user:pass@example.com/", "https://a b/",
        "https://example.com/\r\nX: y", "https://example.com\\@127.0.0.1/", "https://bücher.de/",
        "https:///x", "https://example.com/#here", "https://" + "a" * 2000,
        # Inside, however it is written.
        "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://0.0.0.0/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
        "https://[fe80::1]/", "https://100.64.0.1/", "https://224.0.0.1/", "https://[ff0e::1]/",
        "https://192.0.0.192/", "https://[::127.0.0.1]/",
    ],
)  # fmt: skip
def test_target__refused(url: str) -> None:
    with pytest.raises(BadRequest):
        egress.target(url)


def test_target__what_is_public_and_what_a_setting_names() -> None:
    for url in ("https://example.com", "HTTPS://Example.COM:443/a?b=c", "https://8.8.8.8/x"):
        assert egress.target(url).is_https
    assert egress.target("https://Example.com/a?b=c").path == "/a?b=c"
    inside = egress.target("http://erp.local:8080/x", egress.named("erp.local:8080"))
    assert (inside.authority, inside.is_named) == ("erp.local:8080", True)
    with pytest.raises(BadRequest):
        egress.target("http://erp.local:8081/x", egress.named("erp.local:8080"))


@pytest.mark.parametrize(
    ("host", "code"),
    [
        # Names and odd numbers that lead inside are found out when they are resolved.
        ("localhost", "egress_inside"),
        ("127.1", "egress_inside"),
        ("0x7f.1", "egress_inside"),
        ("2130706433", "egress_inside"),
        ("017700000001", "egress_inside"),
    ],
)
def test_post__a_name_that_leads_inside(host: str, code: str) -> None:
    with pytest.raises(EgressError) as refused:
        egress.post(f"https://{host}/", b"{}", {}, Way())
    assert refused.value.code == code


def test_post__one_bad_address_among_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def known(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        # Another answer each time: who asked twice would call what it never looked at.
        addresses = ("8.8.8.8", "10.0.0.1") if len(asked) == 1 else ("127.0.0.1",)
        return [(2, 1, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with pytest.raises(EgressError) as refused:
        egress.post("https://rebinding.example/", b"{}", {}, Way())
    assert (refused.value.code, asked) == ("egress_inside", ["rebinding.example"])


def test_post__is_sent_as_it_is_without_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    heard: list[bytes] = []

    def talk(one: socket.socket) -> None:
        heard.append(one.recv(10_000))
        one.sendall(OK)

    with somebody(talk) as (url, way):
        assert egress.post(url, b'{"a":1}', {"webhook-id": "m1"}, way) == 200
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"webhook-id: m1" in head
    assert b"Accept-Encoding" not in head
    assert body in (b"", b'{"a":1}')


def test_post__redirects_are_not_followed() -> None:
    calls: list[bytes] = []

    def talk(one: socket.socket) -> None:
        calls.append(one.recv(10_000))
        one.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
        )

    with somebody(talk) as (url, way):
        assert egress.post(url, b"{}", {}, way) == 302
    assert len(calls) == 1


# Never set: what a peer that answers slowly waits on.
PATIENCE = threading.Event()


def silent(one: socket.socket) -> None:
    PATIENCE.wait(1)
    one.close()


def dripping(one: socket.socket) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 100:
        one.sendall(bytes([letter]))
        PATIENCE.wait(0.1)


def endless_headers(one: socket.socket) -> None:
    one.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        one.sendall(b"X-%d: y\r\n" % number)


def no_http(one: socket.socket) -> None:
    one.sendall(b"220 mail.example ESMTP\r\n")


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (silent, "egress_timeout"),
        (dripping, "egress_timeout"),
        (endless_headers, "egress_broken"),
        (no_http, "egress_broken"),
        (lambda one: one.close(), "egress_broken"),
    ],
)
def test_post__nobody_holds_it_for_long(talk: Talk, code: str) -> None:
    with somebody(talk) as (url, way):
        began = time.monotonic()
        with pytest.raises(EgressError) as broken:
            egress.post(url, b"{}", {}, way)
        assert time.monotonic() - began < 2
    assert broken.value.code == code


def test_post__an_endless_answer_is_not_read_to_its_end() -> None:
    sent = [0]

    def talk(one: socket.socket) -> None:
        one.recv(10_000)
        one.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            sent[0] += one.send(b"x" * 65_536)

    with somebody(talk) as (url, way):
        assert egress.post(url, b"{}", {}, way) == 200
    assert sent[0] < 30_000_000, "no more than what the network itself holds"


def test_post__a_certificate_nobody_vouches_for_and_a_port_where_nobody_is() -> None:
    with somebody(no_http) as (url, way):
        address = url.replace("http:", "https:")
        with pytest.raises(EgressError) as broken:
            egress.post(address, b"{}", {}, way)
    assert broken.value.code == "egress_tls"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(EgressError) as away:
            egress.post(f"http://{place}/", b"{}", {}, Way(egress.named(place)))
    assert away.value.code == "egress_unreachable"
