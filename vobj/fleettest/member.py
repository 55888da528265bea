"""A node as the bench sees it: its process, what it is to do, what has come of it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any, Protocol

from vobj.errors import UsageError
from vobj.fleettest.calls import Call
from vobj.fleettest.node import Start, run


class Process(Protocol):
    """The process of a node. exitcode: None while it runs."""

    @property
    def pid(self) -> int | None: ...

    @property
    def exitcode(self) -> int | None: ...

    def join(self) -> None:
        """Wait for its end."""


Launch = Callable[[Start], tuple[Process, Connection]]


class Member:
    """One node; used by one thread.

    busy: the calls it is making. is_ready: it has said so. next_release: what it starts with when
    its process has ended. is_ending: that process was told to end.
    """

    def __init__(self, launch: Launch, start: Start) -> None:
        self._launch = launch
        self.start = start
        self.next_release = start.release
        self.busy: dict[str, Call] = {}
        self.is_ready = False
        self.is_ending = False
        self._process, self.channel = launch(start)

    @property
    def name(self) -> str:
        """Unique."""
        return self.start.name

    @property
    def takes_calls(self) -> bool:
        """Whether it is there and stays."""
        return self.is_ready and not self.is_ending

    @property
    def ended(self) -> bool:
        """Whether its process has."""
        return self._process.exitcode is not None

    def tell(self, what: str, given: Any = None) -> None:
        """Send a message; one that has just died does not read it."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.channel.send((what, given))

    def receive(self) -> tuple[str, Any]:
        """What it says: what that is about, and what goes with it. Raises EOFError and OSError."""
        what, given = self.channel.recv()
        return what, given

    def settle(self) -> None:
        """Do what has become due."""

    def call(self, call: Call) -> None:
        """Have it make a call."""
        self.busy[call.name] = call
        self.tell("call", call)

    def roll(self, release: int) -> None:
        """Let it end as a service does, and start with another release."""
        self.next_release = release
        self.is_ending = True
        self.tell("end")

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process.pid is not None
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()

    def relaunch(self) -> list[Call]:
        """Start it anew after its end; the calls that it left behind."""
        left = list(self.busy.values())
        self.busy = {}
        self.is_ready = self.is_ending = False
        self.channel.close()
        self.start = replace(self.start, release=self.next_release)
        self._process, self.channel = self._launch(self.start)
        return left

    def close(self) -> None:
        """End it for good."""
        if not self.ended:
            self.kill()
        self.channel.close()


def forking(context: BaseContext) -> Launch:
    """Nodes of our own service are forked."""

    def launch(start: Start) -> tuple[Process, Connection]:
        channel, theirs = context.Pipe()
        made = context.Process(  # type: ignore[attr-defined]
            target=run, args=(start, theirs), name=start.name, daemon=True
        )
        try:
            made.start()
        except EOFError as error:
            raise UsageError(
                "The process that nodes are forked from has ended", rule="usage/argument"
            ) from error
        theirs.close()
        return made, channel

    return launch
