"""A mail server that takes, refuses or drops what it is given, on a loopback port of its own."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a client without encryption needs."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.letters: list[EmailMessage] = []
        #: Answers in place of 250, by the command: `{"RCPT": "550 no such user"}`; empty hangs up.
        self.answers: dict[str, str] = {}

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            command = line.split(maxsplit=1)[0].upper()
            if command in self.server.answers:
                if not self.server.answers[command]:
                    return
                self._say(self.server.answers[command])
            elif command == "DATA":
                self._say("354 go on")
                self._keep(self._text())
                self._say("250 taken")
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _keep(self, text: bytes) -> None:
        letter = message_from_bytes(text, EmailMessage, policy=policy.default)
        self.server.letters.append(letter)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a server for the length of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
