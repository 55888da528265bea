import vobj
from vobj import Added, Converted


def split(data, _context):
    address, _, prefix = data["address"].partition("/")
    return {"address": address, "prefix": int(prefix)}


def join(data, _context):
    return {"address": f"{data['address']}/{data['prefix']}"}


@vobj.register
class Route(vobj.VersionedObject):
    VERSION = "1.1"

    address: str
    prefix: int = vobj.field(Added(since="1.1"))
    history = [
        Converted(since="1.1", was={}, fields=("address", "prefix"), up=split, down=join),
    ]


codec = vobj.Codec("primitive")
older = codec.encode(Route(address="10.0.0.0", prefix=24), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
