"""Runs on a Dask cluster: an executor that only works with workers that have the same code and libraries.

Everything a cluster receives is unpickled and run, so its address must be on this machine or speak TLS, unless the user
says otherwise.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from experiments.errors import WorkersError
from experiments.jobs import Fault
from experiments.manifest import versions_here
from model.compilation import source_hash

PATIENCE = 30.0
"""Seconds to wait for a scheduler, and then for its first worker."""


class Cluster(Executor):
    """A Dask cluster as an executor; `size` is how many tasks it does at once."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - of an optional library
        self._client = client
        self._inner = client.get_executor(pure=False)
        self.size = max(1, sum(client.nthreads().values()))

    def submit(self, function: Callable[..., Any], /, *args: Any, **keywords: Any) -> Future[Any]:  # noqa: ANN401
        """Have a function called on a worker; one with other code than here gives a `Fault` instead."""
        if self._client.status != "running":
            raise RuntimeError("the scheduler is gone")
        future: Future[Any] = self._inner.submit(_with_same_code, _code_here(), function, *args, **keywords)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up what is under way; the cluster itself stays."""
        self._inner.shutdown(wait=wait, cancel_futures=cancel_futures)


@contextlib.contextmanager
def connected(address: str, *, plain: bool = False, patience: float = PATIENCE) -> Iterator[Cluster]:
    """Give a running Dask cluster as an executor, connected while the context lasts.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://127.0.0.1:8786`` or ``tls://login1:8786``, or the path of its scheduler file.
    plain
        Whether an unencrypted connection to another machine is meant.
    patience
        Seconds to wait for the scheduler and for its first worker.

    Raises
    ------
    WorkersError
        ``no_dask``, ``bad_scheduler``, ``bad_scheduler_file``, ``plain_scheduler``, ``no_certificate``,
        ``no_scheduler`` or ``no_cluster_worker``.
    """
    refuse_open(_address_in(address), plain=plain)
    try:
        import distributed
    except ImportError as error:
        remedy = "Dask is not installed here: pip install 'yangfeng[cluster]'"
        raise WorkersError("no_dask", address, remedy) from error
    if _address_in(address).startswith("tls://"):
        _refuse_without_certificate(distributed.Security(), address)  # type: ignore[no-untyped-call]
    # What happens to the connection is told once, by the errors raised here and by `experiments.runner`.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client: Any = distributed.Client(_address_in(address), timeout=patience, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        remedy = f"no scheduler answers there ({_last_line(error)}); see that it runs and that the address is right"
        raise WorkersError("no_scheduler", address, remedy, fault=_last_line(error)) from error
    try:
        _wait_for_worker(client, address, patience)
        yield Cluster(client)
    finally:
        client.close(timeout=patience)


def refuse_open(address: str, *, plain: bool = False) -> None:
    """Refuse an address that anybody on the network between could send code through.

    Raises
    ------
    WorkersError
        ``bad_scheduler``: it is no address. ``plain_scheduler``: neither TLS nor on this machine.
    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        sound = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        sound = False
    if not sound:
        remedy = "write the scheduler's address as tls://HOST:PORT or tcp://127.0.0.1:PORT, or the path of its file"
        raise WorkersError("bad_scheduler", address, remedy)
    if parts.scheme != "tls" and not plain and not _is_here(str(parts.hostname)):
        remedy = "it is elsewhere and not encrypted: give a tls:// address, or say --plain where you trust the network"
        raise WorkersError("plain_scheduler", address, remedy)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address_in(text: str) -> str:
    """Return an address, read from a scheduler file where `text` is the path of one."""
    path = Path(text)
    if not path.is_file():
        return text
    try:
        return str(json.loads(path.read_bytes())["address"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkersError("bad_scheduler_file", text, "this file is not a Dask scheduler's") from error


def _refuse_without_certificate(security: Any, address: str) -> None:  # noqa: ANN401
    if security.get_connection_args("client").get("ssl_context") is None:
        remedy = "Dask's settings here name no certificate for TLS; docs/cluster.md says how"
        raise WorkersError("no_certificate", address, remedy)


def _wait_for_worker(client: Any, address: str, patience: float) -> None:  # noqa: ANN401
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        remedy = f"the scheduler has no worker after {patience:g} s; start some and try again"
        raise WorkersError("no_cluster_worker", address, remedy, seconds=f"{patience:g}") from error


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


@cache
def _code_here() -> dict[str, str | None]:
    """Return what must be the same wherever runs are done."""
    return {"model": source_hash()} | versions_here()


def _with_same_code(expected: dict[str, str | None], function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401
    here = _code_here()
    other = [f"{name} {here.get(name)}, not {value}" for name, value in expected.items() if here.get(name) != value]
    return Fault("OtherCode", f"it has {'; '.join(other)}") if other else function(*arguments)
