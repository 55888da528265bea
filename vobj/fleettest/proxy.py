"""A TCP proxy in front of the broker, which can hold back everything or cut every connection."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from concurrent.futures import Future

_CHUNK = 65_536
_TICK = 0.1


class Proxy:
    """Forwards connections from `port` to the broker, from a thread of its own."""

    def __init__(self, broker_port: int) -> None:
        self._broker_port = broker_port
        self._hold_until = 0.0
        self._is_shut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        listening: Future[int] = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self.port = listening.result()

    def hold(self, seconds: float) -> None:
        """Let nothing through for a while; what comes meanwhile is late, in order."""
        self._hold_until = time.monotonic() + seconds

    def shut(self) -> None:
        """Take no connection until `open`: a broker that is starting would leave it hanging."""
        self._is_shut = True

    def open(self) -> None:
        """Take connections again."""
        self._is_shut = False

    def cut(self) -> None:
        """End every connection, in the middle of whatever it is doing."""

        def abort() -> None:
            for one in list(self._writers):
                one.transport.abort()

        self._loop.call_soon_threadsafe(abort)

    def close(self) -> None:
        """End it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """Let every connection end by itself: a stream complains about one that is cancelled."""
        self._hold_until = 0.0
        mine = asyncio.current_task()
        while tasks := [one for one in asyncio.all_tasks() if one is not mine]:
            for writer in list(self._writers):
                writer.transport.abort()
            await asyncio.wait(tasks, timeout=_TICK)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=512)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self._is_shut:
            back.transport.abort()
            return
        try:
            far, out = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            back.transport.abort()
            return
        self._writers |= {back, out}
        try:
            await asyncio.gather(self._forward(near, out), self._forward(far, back))
        finally:
            self._writers -= {back, out}
            for one in (back, out):
                one.transport.abort()

    async def _forward(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                while self._hold_until > time.monotonic():
                    await asyncio.sleep(_TICK)
                sink.write(data)
                await sink.drain()
        sink.transport.abort()
