"""Work beside this interpreter, for what would hold its lock."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread


@contextmanager
def worker_processes(count: int = 1) -> Iterator[Executor]:
    """So many processes with interpreters of their own; gone at the end, also when this process is killed."""
    spawn = get_context("spawn")
    with ProcessPoolExecutor(max_workers=count, mp_context=spawn, initializer=_end_with_parent) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def workers(count: int, work_bytes: int) -> Iterator[Executor]:
    """Processes for much work; one thread for so little that starting a process would take longer."""
    if work_bytes > 8_000_000:
        with worker_processes(count) as pool:
            yield pool
    else:
        with ThreadPoolExecutor(max_workers=1) as threads:
            yield threads


def _end_with_parent() -> None:
    """In a worker: leave as soon as the process that started it is gone, even if that one was killed."""
    parent = parent_process()
    if parent is not None:
        Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True).start()
