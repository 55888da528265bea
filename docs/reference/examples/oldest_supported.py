import vobj
from vobj import Added, OldestSupported


@vobj.register
class Worker(vobj.VersionedObject):
    VERSION = "1.9"

    host: str
    labels: dict[str, str] = vobj.field(Added(since="1.9", backfill={}))
    history = [OldestSupported("1.8")]


codec = vobj.Codec("primitive")
print("1.8:", codec.encode(Worker(host="a", labels={}), to="1.8")["versioned_object.data"])
try:
    codec.encode(Worker(host="a"), to="1.7")
except vobj.RefusedError as error:
    print(error)
