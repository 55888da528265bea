"""The native executor: extension modules that may be missing.

pip builds them where Cython and a C compiler are there. Where they cannot be built, vobj is
installed without them and says so (`vobj.native.reason`). `VOBJ_BUILD=pure` leaves them out,
`VOBJ_BUILD=native` makes a failure to build them a failure to install.
"""

import os
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

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
            optional=WANTED != "native",
            extra_compile_args=FLAGS,
        )
        for path in sorted(Path("vobj/native").glob("*.pyx"))
    ]
    return cythonize(modules, build_dir="build/cython", nthreads=os.cpu_count() or 1)


class BuildOrWarn(build_ext):
    """Goes on without a module that does not compile, whatever the compiler fails with.

    `optional` alone stops at errors that are none of distutils' own.
    """

    def build_extension(self, ext):
        try:
            super().build_extension(ext)
        except Exception as error:
            if WANTED == "native":
                raise
            self.warn(f"{ext.name} is left out, vobj runs its Python executor: {error}")


setup(
    cmdclass={"build_ext": BuildOrWarn},
    ext_modules=extensions(),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
