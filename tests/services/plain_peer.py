"""A peer with oslo.versionedobjects and its serializer alone, at the older release.

Run as a program: `plain_peer.py WHAT URL TOPIC`. Each line it prints is `ready` or JSON.

- `serve` answers calls, and prints what casts bring, until its input ends;
- `listen` prints what notifications bring, until its input ends;
- `call` calls a server of the newer release and prints what it read;
- `tell` casts, casts to all servers of the topic, and notifies.
"""

import json
import os
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


def told(value):
    """What came, with each object as its class, version and content."""
    if isinstance(value, RackServer):
        return ["RackServer", value.VERSION, value.ram, told(list(value.disks))]
    if isinstance(value, RackDisk):
        return ["RackDisk", value.VERSION, value.name]
    if isinstance(value, dict):
        return {key: told(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(one) for one in value]
    return value


def say(value):
    print(json.dumps(told(value)), flush=True)


class Endpoint:
    target = messaging.Target(version="1.0")

    def describe(self, ctxt, server):
        return [type(server).__name__, server.VERSION, server.ram, [d.name for d in server.disks]]

    def grow(self, ctxt, server, by):
        server.ram += by
        return {"grown": [server]}

    def echo(self, ctxt, **things):
        return [things, told(things)]

    def note(self, ctxt, **things):
        say(things)


class Listener:
    def info(self, ctxt, publisher_id, event_type, payload, metadata):
        say([event_type, payload])


def configured():
    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    return cfg.CONF


def transport_of(url):
    return messaging.get_rpc_transport(configured(), url=url)


def run(server):
    server.start()
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()
    server.wait()


def serve(url, topic):
    run(
        messaging.get_rpc_server(
            transport_of(url),
            messaging.Target(exchange=topic, topic=topic, server=f"plain-{os.getpid()}"),
            [Endpoint()],
            serializer=base.VersionedObjectSerializer(),
        )
    )


def listen(url, topic):
    run(
        messaging.get_notification_listener(
            messaging.get_notification_transport(configured(), url=url),
            [messaging.Target(topic=topic)],
            [Listener()],
            serializer=base.VersionedObjectSerializer(),
        )
    )


def mine():
    return RackServer(
        uuid="6a0a1d4c-26a5-4c0b-8f0c-8ed6f0b0c001", ram=4, disks=[RackDisk(name="a")]
    )


def client_of(url, topic):
    return messaging.get_rpc_client(
        transport_of(url),
        messaging.Target(exchange=topic, topic=topic),
        timeout=20,
        serializer=base.VersionedObjectSerializer(),
    )


def call(url, topic):
    back = client_of(url, topic).call({}, "grow", server=mine(), by=2)
    print(json.dumps([back["grown"][0].VERSION, back["grown"][0].ram]), flush=True)


def tell(url, topic):
    client = client_of(url, topic)
    things = {"a": [{"b": (mine(), 1)}], "d": {RackDisk(name="z").name: [RackDisk(name="z")]}}
    client.cast({}, "note", how="cast", **things)
    client.prepare(fanout=True).cast({}, "note", how="fanout", **things)
    notifier = messaging.Notifier(
        messaging.get_notification_transport(configured(), url=url),
        driver="messaging",
        topics=[topic],
        publisher_id="plain",
        serializer=base.VersionedObjectSerializer(),
    )
    notifier.info({}, "server.told", things)


if __name__ == "__main__":
    does = {"serve": serve, "listen": listen, "call": call, "tell": tell}
    does[sys.argv[1]](*sys.argv[2:])
