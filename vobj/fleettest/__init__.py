"""A fleet of two releases under load and faults, and the count of what it did: `vobj fleet-test`.

Theory
    A service is made up for it: objects in one database that conductors run methods on, and nodes
    that call each other and the conductors over a broker. It comes in two releases
    (`release_1`, `release_2`). What each should see of the other is written down a second time, by
    hand and without this library, in `truth`; so a mistake in the library shows as a difference.

    Beside it are nodes of os-vif, in two real releases, each in its own environment: `port_node` is
    the program that they all are, `port_keeper` what the newer ones have beside it, `port_member`
    how the bench sees them and `port_truth` what is true of their objects. `rows` joins both.

    Each call has an identity, and a call that changes something is written into the database in one
    transaction with what it changes. Whoever gets no answer asks again under the same identity.
    At the end `count` compares what the callers were told with what the database says.

    `bench` starts everything and holds the ledger of the callers, `schedule` draws what happens
    from a seed, `faults` makes it happen. Nothing outlives the command: `guard` sees to that even
    when the command itself is killed.
"""
