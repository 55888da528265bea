"""The names of `import vobj`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import vobj


def test_every_public_name_is_there() -> None:
    """All that __all__ lists can be had, and dir() shows it."""
    assert len(set(vobj.__all__)) == len(vobj.__all__)
    for name in vobj.__all__:
        assert getattr(vobj, name) is not None
        assert name in dir(vobj)


def test_an_unknown_name() -> None:
    """What is not public is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="module 'vobj' has no attribute 'nothing'"):
        vobj.nothing  # noqa: B018 - the look-up is the test


def test_importing_vobj_loads_no_oslo() -> None:
    """oslo is loaded by the first use of a name that declares or moves objects."""
    program = """
import sys, vobj
assert not [name for name in sys.modules if name.startswith(("oslo", "netaddr"))]
vobj.VersionedObject
assert "oslo_versionedobjects.base" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
