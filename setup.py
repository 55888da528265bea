"""The native executor: extension modules that may be missing.

pip builds them where Cython and a C compiler are there. Where they cannot be built, vobj is
installed without them and says so (`vobj.native.reason`). `VOBJ_BUILD=pure` leaves them out,
`VOBJ_BUILD=native` makes a failure to build them a failure to install.
"""

import os
from pathlib import Path

from setuptools import Extension, setup

WANTED = os.environ.get("VOBJ_BUILD", "auto")
FLAGS = os.environ.get("VOBJ_CFLAGS", "-O3").split()


def extensions():
    if WANTED == "pure":
        return []
    from Cython.Build import cythonize

    modules = [
        Extension(
            f"vobj.native.{path.stem}",
            [str(path)],
            extra_compile_args=FLAGS,
        )
        for path in sorted(Path("vobj/native").glob("*.pyx"))
    ]
    made = cythonize(modules, build_dir="build/cython", nthreads=os.cpu_count() or 1)
    for module in made:  # what cythonize is given does not keep it
        module.optional = WANTED != "native"
    return made


setup(
    ext_modules=extensions(),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
