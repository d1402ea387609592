# make demo      builds everything and plays the story in Rust, C, C++ and Python: simulator, program, comparison with the truth
# make test      everything that has to hold before a change lands
# make loom      the models of delivery alone (part of make test): every order of the steps of its threads
# make load      delivery under a longer load, with another SEED if one is given
# make memcheck  plays the story in C under valgrind
# make misuse-memcheck, misuse-asan  the misuse matrix under valgrind, under AddressSanitizer
# make misuse-doc  writes docs/MISUSE.md
# make header    writes include/ucwa.h from src/capi
# make coverage  runs the tests that docs/PROTOCOL-COVERAGE.md names; each row has one
# make mutants   takes from the simulator what the rows are about: a test of the row has to notice
# make python    the Python module from the tree, in a virtual environment of its own: target/python
# make python-test  its tests, its types
# make wheel     the wheel for CPython 3.10 and later, in dist/
# make wheel-test, sdist-test  installs the wheel, the source distribution, as their users do
# make install   PREFIX=/usr/local DESTDIR= PROFILE=release: library, headers, pkg-config file

CARGO ?= cargo
BIN := $(or $(CARGO_TARGET_DIR),target)/debug
STORYTELLER := $(BIN)/ucwa-demo --sim $(BIN)/ucwa-sim --script demo/stories/front_desk.json
STORY := $(STORYTELLER) --

.PHONY: demo test loom load build examples lint header check-header doc memcheck misuse-memcheck misuse-asan misuse-doc install clean

demo: build examples python
	$(STORY) $(BIN)/examples/front_desk
	$(STORY) $(C_OUT)/front_desk
	$(STORY) $(C_OUT)/front_desk_cpp
	$(STORY) $(VENV)/bin/python examples/python/front_desk.py

# Without the Python extension: maturin builds it, with an engine that has no C ABI.
CRATES = --locked --workspace --exclude ucwa-python

# Examples and binaries first: tests start them as programs.
BUILD = $(CARGO) build $(CRATES) --lib --bins --examples

build:
	$(BUILD)

test: lint build check-header examples
	$(CARGO) test $(CRATES) --all-targets
	$(CARGO) test $(CRATES) --doc
	$(MAKE) coverage
	$(MAKE) python-test
	$(MAKE) wheel-test
	$(MAKE) sdist-test
	$(MAKE) memcheck
	$(MAKE) misuse-memcheck
	$(MAKE) misuse-asan
	$(MAKE) doc

loom:
	$(CARGO) test --locked --package ucwa-loom

load:
	UCWA_LOAD_SEED=$(or $(SEED),1) UCWA_LOAD_ROUNDS=30000 $(CARGO) test --locked --package ucwa --test load -- --nocapture

# SEED= repeats a walk.
MISUSE = $(CARGO) test --locked --package ucwa --test misuse --

misuse-memcheck: build
	$(call need,valgrind,valgrind)
	$(MISUSE) --exact under_memcheck --ignored

misuse-asan: build
	$(MISUSE) --exact under_address_sanitizer --ignored

misuse-doc: build
	UCWA_MISUSE_WRITE=1 $(MISUSE) --exact every_function_gives_what_is_documented

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

# Where the build wrote the header, as cargo tells it. The same build as `build`: of one package alone, all that it stands
# on would be built once more, with other features.
HEADER_BUILT = $$($(BUILD) --message-format json 2>/dev/null | \
	sed -n 's|.*"UCWA_HEADER","\([^"]*\)".*|\1|p')

header:
	mkdir -p include
	cp "$(HEADER_BUILT)" include/ucwa.h

check-header:
	diff -u include/ucwa.h "$(HEADER_BUILT)"

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

clean:
	$(CARGO) clean

include packaging/native.mk
include packaging/coverage.mk
include packaging/python.mk
