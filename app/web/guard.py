"""Who may talk to the page: requests under a name of this machine, from the page itself, and of bounded size.

A page of another site, or a name that someone pointed at this machine (DNS rebinding), is refused before anything else
sees the request, web sockets included.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024**2
REFUSED, TOO_LARGE = 403, 413
POLICY_VIOLATION = 1008
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def names_of(host: str) -> frozenset[str] | None:
    """Return the names the page may be asked for under when it listens at `host`; None where any address may be.

    On loopback only the names of loopback. Elsewhere an address, or this machine's own name.
    """
    if host in ("localhost", "::1") or host.startswith("127."):
        return frozenset((*LOOPBACK, host))
    return None


class Guard:
    """ASGI middleware that refuses foreign hosts and origins, and bodies that are too large."""

    def __init__(self, app: ASGIApp, names: Iterable[str] | None) -> None:
        self.app = app
        self.names = None if names is None else frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_own(headers):
            await _refuse(scope, send, REFUSED)
        elif not _is_small(headers):
            await _refuse(scope, send, TOO_LARGE)
        else:
            await self.app(scope, _Bounded(receive).receive, _Marked(send).send)

    def _is_own(self, headers: dict[str, str]) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return False
        return self._is_allowed(host) and origin in (None, f"http://{host}", f"https://{host}")

    def _is_allowed(self, host: str) -> bool:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else host
        name = name.lower()
        if self.names is not None:
            return name in self.names
        return name in LOOPBACK or name == socket.gethostname().lower() or _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_small(headers: dict[str, str]) -> bool:
    length = headers.get("content-length", "0")
    return length.isdecimal() and int(length) <= LARGEST_BODY


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    text = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": text})
    await send({"type": "http.response.body", "body": b"refused"})


class _Bounded:
    """A body that ends where it becomes too large, whatever its headers said."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._left = receive, LARGEST_BODY

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                return {"type": "http.disconnect"}
        return message


class _Marked:
    """A response with headers that keep the page to itself."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            marks = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message["headers"], *marks]}
        await self._send(message)
