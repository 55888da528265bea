import vobj
from vobj import Removed


@vobj.register
class Account(vobj.VersionedObject):
    VERSION = "1.1"

    owner: str
    quota: int = vobj.field(Removed(since="1.1", restore=0))


codec = vobj.Codec("primitive")
older = codec.encode(Account(owner="eve"), to="1.0")
print("1.0:", older["versioned_object.data"])
print("1.1:", codec.decode(older))
