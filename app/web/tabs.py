"""Sessions of browser tabs: a reload finds its own again, another tab never does, and what is left is given up."""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs

from app.console import Language
from app.web.session import Service, Session

MOST_TABS = 200
UNSEEN_SECONDS = 3600.0
KEY = "session"


class Tabs:
    """Sessions by token; the token lies in the storage of the tab that it belongs to."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._sessions: dict[str, Session] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._sessions)

    def session(self, storage: MutableMapping[str, Any], query: str) -> Session:
        """Return the session of a tab, led to where the query says unless it is there."""
        self._sweep()
        token = str(storage.get(KEY, ""))
        found = self._sessions.get(token)
        session = found or Session(self._service, self._service.language)
        if not found:
            token = storage[KEY] = secrets.token_urlsafe(16)
        self._sessions[token] = session
        session.seen = time.monotonic()
        language = parse_qs(query).get("lang", [""])[0]
        if language in set(Language):
            session.language = Language(language)
        if query != session.query() and query:
            session.open(query)
        return session

    def _sweep(self) -> None:
        """Give up sessions unseen for long, and the longest unseen beyond the number kept."""
        by_age = sorted(self._sessions.items(), key=lambda item: item[1].seen)
        now, excess = time.monotonic(), len(by_age) - MOST_TABS + 1
        for number, (token, session) in enumerate(by_age):
            if number < excess or now - session.seen > UNSEEN_SECONDS:
                session.leave()
                del self._sessions[token]
