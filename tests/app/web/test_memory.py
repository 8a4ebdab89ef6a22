"""Memory of the server: threads share one arena, where the C library has them."""

import subprocess
import sys

import pytest

THREADS = """
import ctypes, sys, tempfile, threading
from app.web.memory import share_arenas

if sys.argv[1:]:
    share_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(7)

def work():
    ctypes.PyDLL(None).malloc(2000)
    gate.wait()
    gate.wait()

for _ in range(6):
    threading.Thread(target=work).start()
gate.wait()
library.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile("r") as told:
    file = ctypes.c_void_p(library.fopen(told.name.encode(), b"w"))
    library.malloc_info(0, file)
    library.fclose(file)
    print(told.read().count("<heap nr"))
gate.wait()
"""


def arenas(*arguments: str) -> int:
    return int(subprocess.run([sys.executable, "-c", THREADS, *arguments], check=True, capture_output=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own")
def test_threads_share_one_arena() -> None:
    if arenas() == 1:
        pytest.skip("another C library")
    assert arenas("shared") == 1
