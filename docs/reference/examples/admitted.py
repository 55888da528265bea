import vobj
from vobj import Admitted, Polymorphic


@vobj.register
class Limit(vobj.VersionedObject):
    VERSION = "1.0"

    kbit: int


@vobj.register
class BurstLimit(Limit):
    VERSION = "1.0"

    burst_kbit: int


@vobj.register
class Policy(vobj.VersionedObject):
    VERSION = "1.1"

    limits: list[Polymorphic[Limit]] = vobj.field(Admitted({"BurstLimit"}, since="1.1"))


codec = vobj.Codec("primitive")
policy = Policy(limits=[Limit(kbit=100), BurstLimit(kbit=100, burst_kbit=400)])
older = codec.encode(policy, to={"Policy": "1.0", "Limit": "1.0"})
print("1.0:", codec.decode(older))
print("1.1:", codec.decode(codec.merge(codec.encode(policy), older)))
