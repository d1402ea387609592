# What is written in Python: an environment to work in, its tests, the wheel and the source distribution.
# Nothing is ever installed outside of virtual environments, all below $(TARGET).

# The interpreter of the environment. `make wheel-test` looks for all that there are, or takes PYTHONS="/path/to/python ...".
PYTHON ?= python3
PYTHONS ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)
BINDING := bindings/python
VENV := $(abspath $(TARGET))/python
# What maturin builds has a place of its own: an engine without the C ABI would take turns with the other one under the same
# file names, and each turn would build the other's programs anew.
MATURIN_TARGET := $(abspath $(TARGET))/python-build
IN_VENV := VIRTUAL_ENV=$(VENV) PATH="$(VENV)/bin:$$PATH" CARGO_TARGET_DIR=$(MATURIN_TARGET)
PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
# What the tests start and load.
BUILT_FOR_PYTHON := UCWA_SIM=$(abspath $(BIN))/ucwa-sim UCWA_LIB=$(abspath $(BIN))/libucwa.so

DIST ?= dist
# manylinux_2_17 is the oldest that Rust itself runs on. Only with zig does the linker know a glibc that is older than ours.
ifeq ($(shell uname -s),Linux)
WHEEL_TAG ?= manylinux_2_17
WHEEL_FLAGS ?= --compatibility $(WHEEL_TAG) --zig
endif

.PHONY: python python-test wheel wheel-test sdist sdist-test

# The module from the tree, unoptimised, with what its tests need. The package is used where it stands: a change in Python
# is there at once, one in Rust after another `make python`.
python: $(VENV)/requirements-dev.done
	$(IN_VENV) $(VENV)/bin/maturin develop --profile dev --quiet --locked --manifest-path $(BINDING)/Cargo.toml

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "$(PYTHON) is no Python 3.10 or later" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "$(PYTHON) makes no environments: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/%.done: $(BINDING)/%.txt | $(VENV)/bin/python
	$(PIP_INSTALL) --requirement $<
	@touch $@

# The programs in C as well: they meet those in Python.
python-test: python build examples
	$(BUILT_FOR_PYTHON) $(VENV)/bin/python -m pytest $(BINDING)
	$(VENV)/bin/python -m mypy --strict $(BINDING)/python/ucwa $(wildcard examples/python)
	$(VENV)/bin/python -m mypy.stubtest --allowlist $(BINDING)/stubtest-allowlist.txt --ignore-unused-allowlist ucwa

# ---- what is handed out ----

wheel: $(VENV)/requirements-wheel.done
	rm -f $(DIST)/libucwa-*.whl
	$(IN_VENV) $(VENV)/bin/maturin build --profile wheel --locked --manifest-path $(BINDING)/Cargo.toml --out $(DIST) $(WHEEL_FLAGS)

# In a clean environment of each Python of this machine, without Rust.
wheel-test: wheel build
	$(TRY_WHEEL) --environments $(abspath $(TARGET))/try_wheel $(if $(WHEEL_TAG),--tag $(WHEEL_TAG)) $(DIST)/libucwa-*.whl $(PYTHONS)

TRY_WHEEL := $(BUILT_FOR_PYTHON) $(VENV)/bin/python packaging/try_wheel.py

sdist: $(VENV)/requirements-wheel.done
	rm -f $(DIST)/libucwa-*.tar.gz
	$(IN_VENV) $(VENV)/bin/maturin sdist --manifest-path $(BINDING)/Cargo.toml --out $(DIST)

# As pip builds it, but unoptimised, and always in one place: then cargo uses again what it has built of other crates.
TRY_SDIST := $(abspath $(TARGET))/try_sdist

sdist-test: sdist build
	rm -rf $(TRY_SDIST)
	mkdir -p $(TRY_SDIST)/source
	tar --extract --touch --strip-components=1 --directory $(TRY_SDIST)/source --file $(DIST)/libucwa-*.tar.gz
	CARGO_TARGET_DIR=$(MATURIN_TARGET) MATURIN_PEP517_ARGS="--profile dev" \
		$(VENV)/bin/python -m pip --quiet --disable-pip-version-check wheel --no-deps --wheel-dir $(TRY_SDIST) $(TRY_SDIST)/source
	$(TRY_WHEEL) --environments $(TRY_SDIST) $(TRY_SDIST)/libucwa-*.whl $(VENV)/bin/python
