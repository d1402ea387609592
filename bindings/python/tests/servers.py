"""What may stand where a server of UCWA is expected."""

from __future__ import annotations

import datetime
import http.server
import pathlib
import socket
import ssl
import threading
from typing import Any, Optional

import trustme

PAGE = b"<!DOCTYPE html><title>It works</title><p>Some other web server.</p>"


class _Html(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class HtmlServer:
    """A web server that knows nothing of UCWA, over https. `ca` is the file of the authority that it has its certificate from."""

    def __init__(self, directory: pathlib.Path, expired_on: Optional[datetime.datetime] = None) -> None:
        authority = trustme.CA()
        self.ca = str(directory / "authority.pem")
        authority.cert_pem.write_to_path(self.ca)
        began = expired_on and expired_on - datetime.timedelta(days=30)
        certificate = authority.issue_cert("localhost", "127.0.0.1", not_before=began, not_after=expired_on)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Html)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # handshakes fail here on purpose
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"https://127.0.0.1:{self._server.server_port}/"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Silent:
    """Takes connections, and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}/"

    def stop(self) -> None:
        self._listener.close()


class Nobody:
    """An address that nothing listens at, taken so that nobody else comes to listen there."""

    def __init__(self) -> None:
        self._taken = socket.socket()
        self._taken.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._taken.getsockname()[1]}"
        self.url = f"https://{self.address}/"

    def stop(self) -> None:
        self._taken.close()
