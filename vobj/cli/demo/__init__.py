"""The demo: an old and a new release of one service and a conductor, each a process of its own.

Theory
    What must come out is worked out without vobj: from the payloads, from what the old node itself
    says it sees, from the rows of the database, and from the example's `exchanges.json`. So the
    demo fails when vobj loses a value, and also when nothing was lost because nothing was hidden.

    The way of an exchange: `environments` makes the two homes, `pipe` runs a node in each and
    `conductor` the third process, `stage` lets them talk. `play` has the scenes; `exchange` and
    `storing` fill in a `scene` with what happened and which checks held (`check` has the
    arithmetic), `show` paints it.
"""
