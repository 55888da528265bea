"""The demo: an old and a new release of one service, each a process of its own, joined by pipes.

Theory
    What must come out is worked out without vobj: from the payloads, from what the old node itself
    says it sees, and from the example's `exchanges.json`. So the demo fails when vobj loses a
    value, and also when nothing was lost because nothing was hidden.

    The way of an exchange: `environments` makes the two homes, `pipe` runs a node in each, `play`
    lets them talk and fills in a `scene` with what happened and which checks held (`check` has the
    arithmetic), `show` paints it.
"""
