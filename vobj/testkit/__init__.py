"""Generated classes, histories, payloads and edits, and the laws that hold for all of them.

Needs the `test` extra. `vobj.testkit.laws` is for the suite of any project that declares versioned
objects; `vobj.testkit.strategies` makes up classes to try the laws on.
"""
