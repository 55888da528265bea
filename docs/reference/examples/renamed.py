import vobj
from vobj import Renamed


@vobj.register
class Host(vobj.VersionedObject):
    VERSION = "1.1"

    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))


codec = vobj.Codec("primitive")
older = codec.encode(Host(memory_mb=512), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
