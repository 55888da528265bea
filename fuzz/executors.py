"""One codec on both executors, and what each makes of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oslo_versionedobjects import base

from fuzz.oracle import Answer, asked
from vobj import Codec
from vobj.wires import Limits


class Declined(Exception):
    """The native executor leaves an input to the Python one."""


class NativeAlone(Codec):
    """A codec that raises Declined where the Python executor would start to read."""

    def _read(self, data: object, source: str | None = None) -> Any:  # noqa: ARG002 - inherited
        raise Declined


class Executors:
    """The codecs of one base, wire and limits."""

    def __init__(self, wire: str, root: type[base.VersionedObject], limits: Limits) -> None:
        self.alone = NativeAlone(wire, base=root, limits=limits, executor="native")
        self.native = Codec(wire, base=root, limits=limits, executor="native")
        self.python = Codec(wire, base=root, limits=limits, executor="python")

    def asked(self, call: Callable[[Codec], Any], *, whole: bool) -> tuple[Answer, Answer, bool]:
        """The answers of the native executor and of the Python one, and whether the first did it.

        whole: what the native executor declines is asked of the codec that has both, too. It does
        what the Python one does then, so that is worth the time now and then only.
        """
        native = asked(lambda: call(self.alone))
        python = asked(lambda: call(self.python))
        if not isinstance(native.error, Declined):
            return native, python, True
        return asked(lambda: call(self.native)) if whole else python, python, False
