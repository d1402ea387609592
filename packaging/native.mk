# What is written in C and C++, and what is installed for those who write in C and C++.

CFLAGS ?= -O1 -g
CXXFLAGS ?= -O1 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
C_OUT := $(BIN)/native
C_COMMON := $(addprefix examples/c/,desk.c options.c report.c room.c)
C_HEADERS := $(wildcard examples/c/*.h) include/ucwa.h
# The library as the build left it, under the name that programs ask for.
LINK = -L$(BIN) -lucwa -Wl,-rpath,$(abspath $(BIN)) -pthread

# need PROGRAM,PACKAGE: ends with what to install when a program is missing.
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: apt-get install $(2)" >&2; exit 1; }

.PHONY: c-compiler cxx-compiler install-files

examples: $(C_OUT)/front_desk $(C_OUT)/poll_loop $(C_OUT)/front_desk_cpp

c-compiler:
	$(call need,$(firstword $(CC)),gcc libc6-dev)

cxx-compiler:
	$(call need,$(firstword $(CXX)),g++)

$(BIN)/libucwa.so.1: | build
	ln -sf libucwa.so $@

$(C_OUT)/%: examples/c/%.c $(C_COMMON) $(C_HEADERS) | c-compiler $(BIN)/libucwa.so.1
	@mkdir -p $(@D)
	$(CC) -std=c99 -D_POSIX_C_SOURCE=200809L $(CFLAGS) $(WARNINGS) -Iinclude $< $(C_COMMON) $(LINK) -o $@

$(C_OUT)/front_desk_cpp: examples/cpp/front_desk.cpp $(wildcard examples/cpp/*.hpp) include/ucwa.hpp include/ucwa.h \
		| cxx-compiler $(BIN)/libucwa.so.1
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(CXXFLAGS) $(WARNINGS) -Iinclude $< $(LINK) -o $@

# ---- memcheck: no loss, no error, from the first call to the end of the program ----

VALGRIND := valgrind --num-callers=40 --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible \
	--errors-for-leak-kinds=definite,indirect,possible --suppressions=tests/c/valgrind.supp

memcheck: build examples
	$(call need,valgrind,valgrind)
	$(STORYTELLER) --patience 300 -- $(VALGRIND) $(C_OUT)/front_desk
	$(STORYTELLER) --patience 300 -- $(VALGRIND) $(C_OUT)/poll_loop

# ---- install ----

PREFIX ?= /usr/local
PROFILE ?= release
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
ABI := $(shell sed -n 's/^\#define UCWA_ABI_VERSION //p' include/ucwa.h)
BUILT := $(or $(CARGO_TARGET_DIR),target)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
LIBDIR := $(DESTDIR)$(PREFIX)/lib
INCLUDEDIR := $(DESTDIR)$(PREFIX)/include
# What the static library needs of the system, as rustc says with --print native-static-libs.
PRIVATE_LIBS ?= -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

install:
	$(CARGO) build --locked --package ucwa --lib --profile $(PROFILE)
	$(MAKE) install-files

# What is built already.
install-files:
	install -d $(LIBDIR)/pkgconfig $(INCLUDEDIR)/ucwa
	install -m 755 $(BUILT)/libucwa.so $(LIBDIR)/libucwa.so.$(VERSION)
	ln -sf libucwa.so.$(VERSION) $(LIBDIR)/libucwa.so.$(ABI)
	ln -sf libucwa.so.$(ABI) $(LIBDIR)/libucwa.so
	install -m 644 $(BUILT)/libucwa.a $(LIBDIR)/libucwa.a
	install -m 644 include/ucwa.h include/ucwa.hpp $(INCLUDEDIR)
	install -m 644 include/ucwa/*.hpp $(INCLUDEDIR)/ucwa
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@version@|$(VERSION)|' -e 's|@private@|$(PRIVATE_LIBS)|' packaging/ucwa.pc.in \
		> $(LIBDIR)/pkgconfig/ucwa.pc
