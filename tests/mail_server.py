"""A mail server for one test: takes letters over SMTP, or refuses them."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` are those it has taken; `refuses` is what it answers to a recipient instead."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[EmailMessage] = []
        self.refuses = b""

    @property
    def address(self) -> str:
        """Its address as the setting says it."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say(b"220 here")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.take()
            elif word == b"RCPT" and self.server.refuses:
                self.say(self.server.refuses)
            else:
                self.say(b"221 bye" if word == b"QUIT" else b"250 ok")
            if word == b"QUIT":
                return

    def take(self) -> None:
        self.say(b"354 go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server.letters.append(letter)
        self.say(b"250 taken")

    def say(self, text: bytes) -> None:
        self.wfile.write(text + b"\r\n")


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens until the block ends."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
