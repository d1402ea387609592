# make demo    builds everything and plays the story: simulator, program, comparison with the truth
# make test    everything that has to hold before a change lands
# make loom    the models of delivery alone (part of make test): every order of the steps of its threads
# make load    delivery under a longer load, with another SEED if one is given
# make header  writes include/ucwa.h from src/capi

CARGO ?= cargo
BIN := $(or $(CARGO_TARGET_DIR),target)/debug

.PHONY: demo test loom load build lint header check-header doc clean

demo: build
	$(BIN)/ucwa-demo --sim $(BIN)/ucwa-sim --script demo/stories/front_desk.json -- $(BIN)/examples/front_desk

# Examples and binaries first: tests start them as programs.
build:
	$(CARGO) build --locked --workspace --bins --examples

test: lint build check-header
	$(CARGO) test --locked --workspace --all-targets
	$(CARGO) test --locked --workspace --doc
	$(MAKE) doc

loom:
	$(CARGO) test --locked --package ucwa-loom

load:
	UCWA_LOAD_SEED=$(or $(SEED),1) UCWA_LOAD_ROUNDS=30000 $(CARGO) test --locked --package ucwa --test load -- --nocapture

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

# Where the build of the library wrote the header, as cargo tells it.
HEADER_BUILT = $$($(CARGO) build --locked --package ucwa --lib --message-format json 2>/dev/null | \
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
