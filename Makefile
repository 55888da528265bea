# Every target makes or reuses .venv by itself: all it needs is Python 3.11 or newer.
# PYTHON=...        the interpreter to make .venv with (default: the newest one found)
# WORKERS=...       test processes (default: one per core)
# PYTEST_ARGS=...   more arguments for pytest: make test PYTEST_ARGS='-k merge'

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/installed
PYTHONS := $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3)
WORKERS ?= auto
NATIVE := setup.py $(wildcard vobj/native/*.pyx vobj/native/*.pxd)
# What either executor may do differently; the other tests run once.
EITHER := $(addprefix tests/,laws model requirements wires/test_packed_codec.py)
CORE := version changes history plan evolve
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test coverage laws bench fuzz sanitize nova clean distclean
.PHONY: lint ruff format types layers docs docs-check

help:
	@echo 'make demo        the os-vif of today and the os-vif of 2017 talk to each other'
	@echo 'make test        the whole suite; what depends on the executor, under both'
	@echo 'make coverage    the suite, and the branches of the core ($(CORE))'
	@echo 'make laws        the laws, both executors, and oslo, on many more generated classes'
	@echo 'make lint        ruff, mypy --strict and the layers'
	@echo 'make bench       the benchmarks'
	@echo 'make fuzz        hostile payloads for every decoder; RUNS=... says how many'
	@echo 'make sanitize    the native executor under AddressSanitizer'
	@echo 'make nova        every object of Nova, and its tests, accelerated and not'
	@echo 'make docs        writes docs/reference anew; make docs-check says whether it is stale'
	@echo 'make clean       removes what the tools left; make distclean removes .venv and .venv-demo too'

demo: $(READY)
	@$(BIN)/python -m vobj demo

test: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)
	@! $(BIN)/python -c 'import sys, vobj.native; sys.exit(not vobj.native.active)' || { \
	    echo 'once more under the Python executor'; \
	    VOBJ_EXECUTOR=python $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS) $(AGAIN) $(EITHER); \
	}

coverage: $(READY)
	@for module in $(CORE); do \
	    test -e vobj/$$module.py || test -d vobj/$$module || \
	        { echo "coverage: there is no vobj/$$module" >&2; exit 1; }; \
	done
	@$(MAKE) test PYTEST_ARGS='--cov --cov-report= $(PYTEST_ARGS)' AGAIN=--cov-append
	@$(BIN)/python -m coverage report --fail-under=100 \
	    --include='$(subst $() ,$(),$(foreach module,$(CORE),vobj/$(module).py,vobj/$(module)/*,))'

laws: export VOBJ_LAWS = long
laws: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) tests/laws tests/native tests/differential $(PYTEST_ARGS)

fuzz: $(READY)
	@$(BIN)/python -W ignore -m fuzz --runs $(or $(RUNS),100000)

sanitize: $(READY)
	@$(BIN)/python -m pip install -qq 'Cython>=3.1,<4' 'setuptools>=77.0.3,<90'
	@PYTHON=$(BIN)/python fuzz/sanitize.sh

nova: $(BIN)/python
	@test -x .venv-nova/bin/python || $(BIN)/python -m venv .venv-nova
	@.venv-nova/bin/python -m pip install -qq nova -e '.[test]' ddt oslotest \
	    requests-mock testscenarios wsgi-intercept
	@PYTHONPATH=. .venv-nova/bin/python -W ignore tests/accelerate/nova/compare_objects.py
	@PYTHONPATH=. .venv-nova/bin/python -W ignore tests/accelerate/nova/compare_suites.py

lint: ruff format types layers

ruff: $(READY)
	@$(BIN)/python -m ruff check

format: $(READY)
	@$(BIN)/python -m ruff format --check

types: $(READY)
	@$(BIN)/python -m mypy --strict vobj

layers: $(READY)
	@$(BIN)/lint-imports --no-logo

bench: $(READY)
	@$(BIN)/python -m benchmarks

docs: $(READY)
	@$(BIN)/python -m docs.generate

docs-check: $(READY)
	@$(BIN)/python -m docs.generate --check

clean:
	rm -rf build dist *.egg-info htmlcov .coverage .coverage.* .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	rm -f vobj/native/*.so $(READY)
	find . -name __pycache__ -type d -not -path './$(VENV)*' -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) .venv-demo .venv-nova

# A .venv whose interpreter is gone counts as none.
$(BIN)/python:
	@for name in $(PYTHONS); do \
	    "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	        2>/dev/null || continue; \
	    echo "making $(VENV) with $$("$$name" --version)"; \
	    exec "$$name" -m venv --clear $(VENV); \
	done; \
	echo 'No Python 3.11 or newer with the venv module among: $(PYTHONS).' >&2; \
	echo 'Install one, or name it: make PYTHON=/path/to/python ...' >&2; \
	exit 1

# The stamp is what was installed: only a change of its text installs, and compiles, again.
$(READY): pyproject.toml $(NATIVE) $(BIN)/python
	@cat pyproject.toml $(NATIVE) | cmp -s - $@ || { \
	    echo 'installing vobj and its tools into $(VENV): once, and when pyproject.toml or'; \
	    echo 'the native executor changes (it is compiled, which takes a minute or two)'; \
	    $(BIN)/python -m pip install --disable-pip-version-check -qq -e '.[cli,dev,test]'; \
	}
	@cat pyproject.toml $(NATIVE) > $@
