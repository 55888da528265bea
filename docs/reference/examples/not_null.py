import vobj
from vobj import NotNull


@vobj.register
class Image(vobj.VersionedObject):
    VERSION = "1.1"

    owner: str = vobj.field(NotNull(since="1.1", fill="nobody"))


codec = vobj.Codec("primitive")
older = codec.encode(Image(owner="eve"), to="1.0")
print("1.0:", older["versioned_object.data"])
older["versioned_object.data"]["owner"] = None
print("1.1:", codec.decode(older))
