"""A peer with oslo.versionedobjects and its serializer alone, at the older release.

Run as a program: `plain_peer.py serve URL TOPIC` answers calls until its input ends;
`plain_peer.py call URL TOPIC` calls a server of the newer release and prints what it read.
"""

import json
import sys

import oslo_messaging as messaging
from oslo_config import cfg
from oslo_versionedobjects import base, fields


@base.VersionedObjectRegistry.register
class RackDisk(base.VersionedObject):
    VERSION = "1.0"
    fields = {"name": fields.StringField()}


@base.VersionedObjectRegistry.register
class RackServer(base.VersionedObject):
    VERSION = "1.1"
    fields = {
        "uuid": fields.UUIDField(),
        "ram": fields.IntegerField(),
        "disks": fields.ListOfObjectsField("RackDisk"),
    }


class Endpoint:
    target = messaging.Target(version="1.0")

    def describe(self, ctxt, server):
        return [type(server).__name__, server.VERSION, server.ram, [d.name for d in server.disks]]

    def grow(self, ctxt, server, by):
        server.ram += by
        return {"grown": [server]}


def transport_of(url):
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    return messaging.get_rpc_transport(cfg.CONF, url=url)


def serve(url, topic):
    server = messaging.get_rpc_server(
        transport_of(url),
        messaging.Target(exchange=topic, topic=topic, server="plain"),
        [Endpoint()],
        serializer=base.VersionedObjectSerializer(),
    )
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()
    server.wait()


def call(url, topic):
    client = messaging.get_rpc_client(
        transport_of(url),
        messaging.Target(exchange=topic, topic=topic),
        timeout=20,
        serializer=base.VersionedObjectSerializer(),
    )
    mine = RackServer(
        uuid="6a0a1d4c-26a5-4c0b-8f0c-8ed6f0b0c001", ram=4, disks=[RackDisk(name="a")]
    )
    back = client.call({}, "grow", server=mine, by=2)
    print(json.dumps([back["grown"][0].VERSION, back["grown"][0].ram]), flush=True)


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:])
