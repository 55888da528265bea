import vobj
from vobj import Added


@vobj.register
class Volume(vobj.VersionedObject):
    VERSION = "1.1"

    size_gb: int
    encrypted: bool = vobj.field(Added(since="1.1", backfill=False))


codec = vobj.Codec("primitive")
older = codec.encode(Volume(size_gb=8, encrypted=True), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
