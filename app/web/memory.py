"""Memory of the server, which is to stay as it is however many threads come and go."""

from __future__ import annotations

import ctypes
import sys

M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def share_arenas() -> None:
    """Have all threads take memory from one arena; glibc else keeps eight for each core, with gaps in every one."""
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(M_ARENA_MAX, 1)
