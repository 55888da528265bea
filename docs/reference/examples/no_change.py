import vobj
from vobj import NoChange


@vobj.register
class Lock(vobj.VersionedObject):
    VERSION = "1.1"

    name: str
    history = [NoChange("1.1", "added the method release()")]


codec = vobj.Codec("primitive")
older = codec.encode(Lock(name="a"), to="1.0")
print(older["versioned_object.version"], older["versioned_object.data"])
