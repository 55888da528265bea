from typing import Literal

import vobj
from vobj import Mapped

Was = Literal["running", "halted"]


@vobj.register
class Guest(vobj.VersionedObject):
    VERSION = "1.1"

    state: Literal["running", "stopped", "suspended"] = vobj.field(
        Mapped({"stopped": "halted", "suspended": "halted"}, since="1.1", was=Was)
    )


codec = vobj.Codec("primitive")
for state in ("running", "stopped", "suspended"):
    older = codec.encode(Guest(state=state), to="1.0")
    print("1.0:", older["versioned_object.data"], "1.1:", codec.decode(older))
