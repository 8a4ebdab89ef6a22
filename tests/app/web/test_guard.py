"""Who may talk to the page, and what it answers with."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.web.guard import LARGEST_BODY, Guard, names_of


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


def client(host: str = "127.0.0.1") -> TestClient:
    app = Starlette(routes=[Route("/", _page, methods=["GET", "POST"]), WebSocketRoute("/ws", _socket)])
    app.add_middleware(Guard, names=names_of(host))
    return TestClient(app, base_url="http://127.0.0.1:8080")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]"])
def test_names_of_this_machine_are_served(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil:80", "", "192.168.1.7"]
)
def test_other_names_are_refused(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://localhost"])
def test_other_origins_are_refused(origin: str) -> None:
    assert client().get("/", headers={"origin": origin}).status_code == 403
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/ws", headers={"origin": origin}):
        pass


def test_a_request_from_another_site_is_refused_but_a_link_is_followed() -> None:
    other = {"sec-fetch-site": "cross-site"}
    assert client().get("/", headers={**other, "sec-fetch-mode": "no-cors"}).status_code == 403
    assert client().get("/", headers={**other, "sec-fetch-mode": "navigate"}).status_code == 200


def test_the_page_itself_may_open_its_socket() -> None:
    headers = {"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}
    with client().websocket_connect("/ws", headers=headers) as socket:
        assert socket.receive_text() == "in"


def test_beyond_loopback_addresses_are_served_and_names_are_not() -> None:
    anywhere = client("0.0.0.0")
    assert anywhere.get("/", headers={"host": "192.168.1.7:8080"}).status_code == 200
    assert anywhere.get("/", headers={"host": "evil.example:8080"}).status_code == 403


def test_a_body_that_says_it_is_too_large_is_refused() -> None:
    assert client().post("/", content=b"x", headers={"content-length": str(LARGEST_BODY + 1)}).status_code == 413


def test_a_body_that_does_not_say_how_large_it_is_is_cut() -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 2**20 + 2):
            yield bytes(2**20)

    with pytest.raises(ClientDisconnect):
        client().post("/", content=stream())


def test_answers_keep_the_page_to_itself() -> None:
    headers = client().get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert "http" not in headers["content-security-policy"]
