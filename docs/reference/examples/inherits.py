import vobj
from vobj import Added, Inherits


@vobj.register
class Port(vobj.VersionedObject):
    VERSION = "1.1"

    name: str
    mtu: int = vobj.field(Added(since="1.1", backfill=1500))


@vobj.register
class TrunkPort(Port):
    VERSION = "1.2"

    vlan: int = vobj.field(Added(since="1.1", backfill=0))
    history = [Inherits({"1.0": "1.0", "1.2": "1.1"})]


codec = vobj.Codec("primitive")
port = TrunkPort(name="a", mtu=9000, vlan=7)
for version in ("1.0", "1.1", "1.2"):
    print(f"{version}:", codec.encode(port, to=version)["versioned_object.data"])
