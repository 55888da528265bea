"""What the native executor does, worked out from plans and classes before any payload is seen.

Theory
    A plan says what happens to the fields of an object; an executor on bytes wants to know which
    bytes go where. The modules here answer that once for each class, version, target and place, and
    say None where the answer depends on values. The executor keeps the answers, and drops them when
    a class or a registry has changed.
"""
