import vobj
from vobj import Converted


@vobj.register
class Link(vobj.VersionedObject):
    VERSION = "1.1"

    speed_mbit: int = vobj.field(
        Converted(
            since="1.1",
            was=float,
            up=lambda gbit: round(gbit * 1000),
            down=lambda mbit: mbit / 1000,
        )
    )


codec = vobj.Codec("primitive")
older = codec.encode(Link(speed_mbit=2500), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
