"""The primitive wire: the tree itself, for transports that write dicts (oslo.messaging, kombu)."""

from __future__ import annotations

from typing import Any

from vobj.wires.limits import DEFAULT_LIMITS, Limits, check_tree


class PrimitiveWire:
    """Payloads are trees. Nothing is copied: who changes a payload changes the tree."""

    name = "primitive"

    def encode(self, tree: dict[str, Any]) -> dict[str, Any]:
        """The tree."""
        return tree

    def decode(self, data: object, limits: Limits = DEFAULT_LIMITS) -> object:
        """The tree, held to the depth and the count of `limits` and to text keys.

        Raises PayloadError (`payload/malformed`) and LimitError (`payload/depth`, `payload/count`)
        with the path of the container at fault.
        """
        check_tree(data, limits)
        return data
