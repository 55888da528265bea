import vobj
from vobj import Refused


@vobj.register
class Disk(vobj.VersionedObject):
    VERSION = "1.2"

    bus: str = vobj.field(Refused({"nvme"}, since="1.1"))
    serial: str
    wwn: str
    history = [Refused(since="1.2", present=True, fields=("serial", "wwn"))]


codec = vobj.Codec("primitive")
print("1.0:", codec.encode(Disk(bus="scsi"), to="1.0")["versioned_object.data"])
for disk, version in ((Disk(bus="nvme"), "1.0"), (Disk(bus="scsi", wwn="5000"), "1.1")):
    try:
        codec.encode(disk, to=version)
    except vobj.RefusedError as error:
        print(error)
