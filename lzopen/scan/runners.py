"""Where chunks are computed: in process, in processes, or on a Dask cluster.

Each runner yields the chunks as they are finished, with what came of them. A process serves
chunks through a pipe of its own. If it dies, the pipe says so at once, and which chunk is lost;
if the parent dies, the process finds its pipe closed and ends.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from asyncio import CancelledError
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from threading import Lock
from typing import Any

from lzopen.errors import fail
from lzopen.scan.tasks import Chunk, Job, Outcome

Finished = Generator[tuple[Chunk, Outcome], None, None]

_ENVIRONMENT = {"TQDM_DISABLE": "1"}  # of a new process: the scan has the only bar
_ONE_AT_A_TIME = Lock()  # in the threads of a Dask worker, which share their warnings
_REMEDY = (
    "define the function at the top level of a file, and call lz.scan there below "
    "`if __name__ == '__main__':`, or leave out workers="
)
_PATIENCE = 5.0  # seconds that a process may take to end


def in_process(job: Job, chunks: Sequence[Chunk]) -> Finished:
    """One after the other, here."""
    for chunk in chunks:
        yield chunk, job.run(chunk)


def lost(chunk: Chunk, why: str) -> Outcome:
    """What is left of a chunk that came to nothing."""
    return Outcome(None, dict.fromkeys(range(*chunk), why), [], [])


# -- processes


def in_processes(job: Job, chunks: Sequence[Chunk], workers: int) -> Finished:
    """In new processes; one that dies is replaced."""
    payload = _pickled(job)
    todo, crew = deque(chunks), list[_Worker]()
    try:
        for _ in range(min(workers, len(todo))):
            crew.append(_Worker(payload))
        while crew:
            heard = wait([worker.pipe for worker in crew])
            for place, worker in enumerate(crew):
                if worker.pipe in heard:
                    if finished := worker.finished():
                        yield finished
                    if todo and not worker.alive:
                        crew[place] = _Worker(payload)
                    elif todo:
                        worker.begin(todo.popleft())
                    else:
                        worker.dismiss()
            crew = [worker for worker in crew if worker.alive]
    finally:
        for worker in crew:
            worker.stop()
        for worker in crew:
            worker.dismiss()


class _Worker:
    """A process that computes one chunk at a time."""

    def __init__(self, job: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far = context.Pipe()
        self.alive = True
        self._chunk: Chunk | None = None
        self._process = context.Process(target=_serve, args=(far,))
        with _environment(), far:
            self._process.start()
        self._send(job)

    def begin(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._send(chunk)

    def finished(self) -> tuple[Chunk, Outcome] | None:
        """The chunk that it was given; nothing from one that has just started."""
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self.dismiss()
            answer = f"its process died with exit code {self._process.exitcode}"
        if self._chunk is None:
            if answer:
                fail("workers", "be able to start", answer, _REMEDY)
            return None
        return self._chunk, lost(self._chunk, answer) if isinstance(answer, str) else answer

    def dismiss(self) -> None:
        """Close the pipe, at which one that is idle ends."""
        self.alive = False
        self.pipe.close()
        self._process.join(_PATIENCE)
        self._process.kill()

    def stop(self) -> None:
        """Ask one that is busy to end."""
        self._process.terminate()

    def _send(self, message: Any) -> None:
        with suppress(OSError):  # of one that died; `finished` will tell
            self.pipe.send(message)


def _serve(pipe: Connection) -> None:
    """The life of a process: a job, then chunks, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent says when to stop
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # and leaves time to clean up
    try:
        job = pickle.loads(pipe.recv())
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")
        return
    pipe.send("")
    with suppress(EOFError, OSError):
        while True:
            pipe.send(job.run(pipe.recv()))


def _pickled(job: Job) -> bytes:
    try:
        return pickle.dumps(job)
    except Exception as error:  # which one depends on what is in the way
        fail("quantity", "pickle, with its model and options, for processes", error, _REMEDY)


@contextmanager
def _environment() -> Iterator[None]:
    """Variables that a new process finds; here they change nothing any more."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# -- cluster


def on_cluster(job: Job, chunks: Sequence[Chunk], client: Any) -> Finished:
    """As tasks of a Dask client; those of a worker that dies go to another one."""
    import distributed

    try:
        futures = client.map(partial(_alone, job), chunks, pure=False)
    except Exception as error:
        fail("quantity", "pickle, with its model and options, for a cluster", error)
    of = dict(zip(futures, chunks, strict=True))
    try:
        as_completed: Any = distributed.as_completed
        for future in as_completed(futures):
            yield of[future], _fetched(future, of[future])
            future.release()
    finally:
        client.cancel(futures)


def _alone(job: Job, chunk: Chunk) -> Outcome:
    with _ONE_AT_A_TIME:
        return job.run(chunk)


def _fetched(future: Any, chunk: Chunk) -> Outcome:
    try:
        return future.result()
    except (Exception, CancelledError) as error:
        return lost(chunk, f"{type(error).__name__}: {error}")
