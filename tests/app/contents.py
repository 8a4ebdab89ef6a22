"""All that a file holds, however it is packed: to search what a command left behind for what must not be there."""

import base64
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
EMBEDDED = re.compile(rb"base64,([A-Za-z0-9+/=\s]+)")
CHUNK_HEAD, CHUNK_END = 8, 4
PNG, PDF, ZIP, PARQUET, SQLITE = b"\x89PNG\r\n\x1a\n", b"%PDF", b"PK\x03\x04", b"PAR1", b"SQLite format 3\x00"


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the name of a file, its bytes, and whatever is packed in it, unpacked."""
    yield path.name.encode()
    yield from _unpacked(path.read_bytes())


def _unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from _unpacked(archive.read(name))
    elif content.startswith(PARQUET):
        table = pq.read_table(io.BytesIO(content))
        yield repr((table.schema, table.schema.metadata, table.to_pydict())).encode()
    elif content.startswith(SQLITE):
        yield from _cells(content)
    elif content.startswith(PDF):
        yield from filter(None, map(_inflated, STREAM.findall(content)))
    elif content.startswith(PNG):
        yield from _texts(content)
    else:
        for found in EMBEDDED.findall(content):
            yield from _unpacked(base64.b64decode(found))


def _cells(content: bytes) -> Iterator[bytes]:
    with sqlite3.connect(":memory:") as base:
        base.deserialize(content)
        for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in base.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    raw = cell if isinstance(cell, bytes) else str(cell).encode()
                    yield from filter(None, (raw, _inflated(raw)))


def _texts(content: bytes) -> Iterator[bytes]:
    """Yield the metadata of a PNG: the words in its chunks beside the pixels."""
    place = len(PNG)
    while place < len(content):
        length, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + CHUNK_HEAD]
        body = content[place + CHUNK_HEAD : place + CHUNK_HEAD + length]
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            yield body
            yield from filter(None, (_inflated(body[n:]) for n in range(min(len(body), 90))))
        place += CHUNK_HEAD + length + CHUNK_END


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


def spellings(word: str) -> list[bytes]:
    """Return a word in every way that files write it."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in word)
    entities = ("".join(f"&#{ord(letter)};" for letter in word), "".join(f"&#x{ord(letter):x};" for letter in word))
    texts = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("gb18030")]
    return [*texts, escaped.encode(), escaped.upper().replace("\\U", "\\u").encode(), *(e.encode() for e in entities)]
