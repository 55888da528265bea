#!/usr/bin/env bash
# Builds the native executor with AddressSanitizer and UndefinedBehaviorSanitizer, in a copy of the
# tree, and runs the native tests and a short fuzz on it. PYTHON names the interpreter; RUNS the
# number of inputs. Needs gcc and its libasan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$(realpath -s "${PYTHON:-.venv/bin/python}")
runs=${RUNS:-20000}
here=build/sanitized

mkdir -p "$here"
tar -cf - --exclude='*.so' --exclude=__pycache__ setup.py pyproject.toml README.md \
    vobj fuzz tests benchmarks examples docs | tar -xf - -C "$here"
cd "$here"
flags='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined'
VOBJ_BUILD=native VOBJ_CFLAGS="$flags" LDFLAGS='-fsanitize=address,undefined' \
    "$python" setup.py -q build_ext --inplace

# Python lets go of little at its end, which is no leak; its own allocator would hide overruns.
export ASAN_OPTIONS=detect_leaks=0:exitcode=99:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1
export PYTHONMALLOC=malloc PYTHONPATH=$PWD VOBJ_EXECUTOR=native
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libstdc++.so)"
export LD_PRELOAD

"$python" -W ignore -c 'import vobj.native as n; assert n.active, n.reason; print("sanitized:", n.__file__)'
"$python" -m pytest -q -n0 -p no:cacheprovider tests/native tests/wires/test_packed_hostile.py
"$python" -W ignore -m fuzz --driver random --runs "$runs" \
    --target msgpack-decode --target msgpack-change --target packed-decode --target packed-change
"$python" -W ignore -m fuzz.leaks --calls 4000
