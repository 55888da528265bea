"""How packed payloads are read: the layouts of classes, at each version in which they arrive.

Theory
    A layout is a reader of `vobj.jobs.readers`, whatever it stands for, and the schema by which the
    payload was packed. The schema is asked of the same classes, in the same way, as by the Python
    executor; one that is not known here has a layout that is not usable.
"""

from __future__ import annotations

from vobj.errors import VobjError
from vobj.jobs.changing import wire_kind
from vobj.jobs.packing import definitions
from vobj.jobs.readers import reading
from vobj.model import ClassCatalog, ClassSchemas
from vobj.native.position import Layout
from vobj.native.reader import Reader
from vobj.native.unpack import Unpacking
from vobj.wires import Limits
from vobj.wires.packed_values import SHORT_FORMS, PackedForm, Short
from vobj.wires.packed_writer import AROUND_ROOT


def unpacking(catalog: ClassCatalog, limits: Limits) -> Unpacking:
    """What reads the packed payloads of a catalog within limits."""
    schemas = ClassSchemas(catalog)

    def resolve(reader: Reader, name: str, version: str, fingerprint: bytes) -> Layout:
        """The layout of a reader, usable or not."""
        try:
            schema = schemas.read(name, version)
        except VobjError:
            schema = None
        if schema is None or schema.fingerprint != fingerprint.hex():
            return Layout(reader, None, b"", b"")
        namespace = catalog.root.OBJ_PROJECT_NAMESPACE
        short, long = definitions(schema, version, namespace)
        wires = {name: wire_kind(kind) for name, kind in schema.fields.items()}
        return Layout(reader, wires, short, short if namespace == AROUND_ROOT else long)

    return Unpacking(reading(catalog.root, limits), resolve, _restored, limits)


def _restored(form: int, short: Short) -> str | None:
    """The text of a short form."""
    return SHORT_FORMS[PackedForm(form)].restore(short)
