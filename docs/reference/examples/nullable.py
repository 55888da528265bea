import vobj
from vobj import Nullable


@vobj.register
class Rule(vobj.VersionedObject):
    VERSION = "1.1"

    port: int | None = vobj.field(Nullable(since="1.1", none_as=-1))


codec = vobj.Codec("primitive")
older = codec.encode(Rule(port=None), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
