# make demo    builds everything and plays the story: simulator, program, comparison with the truth
# make test    everything that has to hold before a change lands

CARGO ?= cargo
BIN := $(or $(CARGO_TARGET_DIR),target)/debug

.PHONY: demo test build lint doc clean

demo: build
	$(BIN)/ucwa-demo --sim $(BIN)/ucwa-sim --script demo/stories/front_desk.json -- $(BIN)/examples/front_desk

# Examples and binaries first: tests start them as programs.
build:
	$(CARGO) build --locked --workspace --bins --examples

test: lint build
	$(CARGO) test --locked --workspace --all-targets
	$(CARGO) test --locked --workspace --doc
	$(MAKE) doc

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps

clean:
	$(CARGO) clean
