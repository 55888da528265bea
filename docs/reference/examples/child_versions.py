import vobj
from vobj import Added, ChildVersions


@vobj.register
class Flavor(vobj.VersionedObject):
    VERSION = "1.1"

    name: str
    swap_mb: int = vobj.field(Added(since="1.1", backfill=0))


@vobj.register
class Order(vobj.VersionedObject):
    VERSION = "1.1"

    flavor: Flavor = vobj.field(ChildVersions({"1.0": "1.0", "1.1": "1.1"}))


codec = vobj.Codec("primitive")
older = codec.encode(Order(flavor=Flavor(name="small", swap_mb=64)), to="1.0")
print("1.0:", older["versioned_object.data"]["flavor"]["versioned_object.data"])
print("1.1:", codec.decode(older))
