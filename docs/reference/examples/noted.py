import logging
import sys

import vobj
from vobj import Noted

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", force=True)


@vobj.register
class Backup(vobj.VersionedObject):
    VERSION = "1.1"

    name: str
    parent: str = vobj.field(Noted("older nodes make a full backup", since="1.1"))


codec = vobj.Codec("primitive")
older = codec.encode(Backup(name="daily", parent="weekly"), to="1.0")
print("1.0:", older["versioned_object.data"])
