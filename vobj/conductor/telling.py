"""What a caller may learn of an exception that the code of the service raised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from vobj.errors import MergeError, MethodError, RefusedError, VobjError


class Telling:
    """Turns what the code of a service raises into errors for callers.

    expected: exceptions that callers are told by class and text; of any other they learn only that
    there was one.
    """

    def __init__(self, expected: Sequence[type[Exception]] = ()) -> None:
        self._expected = tuple(expected)

    @contextmanager
    def __call__(self, name: str, method: str = "", *, ran: str = "") -> Iterator[None]:
        """Whatever the code of the service raises inside leaves as what its caller may know.

        method: what runs. ran: what has run, when its answer is being made.
        """
        try:
            yield
        except self._expected as error:
            raise MethodError(
                str(error), exception=type(error).__name__, object_name=name
            ) from error
        except VobjError as error:
            if ran:
                error.message = f"{name}.{ran} ran, but its answer cannot be sent: {error.message}"
            if method and not isinstance(error, MergeError | MethodError | RefusedError):
                raise _failed(name, method) from error
            raise
        except Exception as error:
            raise _failed(name, method or ran) from error


def _failed(name: str, method: str) -> MethodError:
    what = f"{name}.{method}" if method else f"The code of {name}"
    return MethodError(f"{what} failed; the log of the conductor tells why", object_name=name)
