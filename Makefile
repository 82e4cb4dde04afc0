# mmreplay: one Makefile, no recursion but for the variants of the tests.
#
#   make            ./mmreplay            make check       all tests
#   make demo       the whole way, once   make check-asan  the same under ASan and UBSan
#   make bench      figures, as ratios    make check-tsan  the replay's races under TSan
#   make help       every target
#
# CFLAGS, LDFLAGS, DESTDIR, PREFIX and V=1 are honoured.

CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=
VARIANT ?= plain
# make demo, check and bench build on all CPUs, unless -j says otherwise.
ALL_CPUS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
B := build/$(VARIANT)

ifeq ($(V),1)
Q :=
say := @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

PKGS := babeltrace2 lttng-ctl liburcu-mb gsl sqlite3 ncursesw libtraceevent zlib
UST_PKGS := lttng-ust
TEST_PKGS := cmocka

# make deps, help and demo work before the packages are there.
NEEDS_PKGS := $(filter-out help deps design clean distclean demo check check-asan check-tsan bench,$(or $(MAKECMDGOALS),all))
ifneq ($(and $(NEEDS_PKGS),$(filter no,$(shell pkg-config --exists $(PKGS) $(UST_PKGS) $(TEST_PKGS) 2>/dev/null || echo no))),)
$(error packages are missing: run 'make deps' (it says what it installs))
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifneq ($(NEEDS_PKGS),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS := $(shell pkg-config --libs $(PKGS))
TEST_LIBS := $(shell pkg-config --libs $(TEST_PKGS))
UST_LIBS := $(shell pkg-config --libs $(UST_PKGS))
endif

SAN_asan := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SAN_tsan := -fsanitize=thread
SAN := $(SAN_$(VARIANT))

BASE := -std=gnu11 $(WARN) -D_GNU_SOURCE -I. $(SAN)
ALL_CFLAGS = $(BASE) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(SAN) $(LDFLAGS) -rdynamic
LIBS = $(PKG_LIBS) -lm -ldl -lpthread

# ---- sources ----
PARTS := schemas tracegen replay analyze ui
SRC := $(foreach p,$(PARTS),$(wildcard $(p)/*.c $(p)/*.S)) $(wildcard replay/native/*.c replay/check/*.c replay/sim/*.c replay/coro/*.c replay/calibrate/*.c)
OBJ := $(patsubst %,$(B)/%.o,$(SRC)) $(B)/replay/check/oracle.o $(B)/replay/sim/oracle.o

include replay/own/engines.mk
DESIGNS := $(patsubst replay/designs/%.c,%,$(wildcard replay/designs/*.c))
# A mutant of one word of the dialect is built for the first lock kind alone: it shows that the word matters.
MUTANTS := $(filter broken_%,$(DESIGNS))
DESIGN_OBJ := $(foreach e,$(ENGINES),$(foreach l,$(LOCKS_$(e)),$(foreach d,$(filter-out $(if $(filter $(l),$(firstword $(LOCKS_$(e)))),,$(MUTANTS)),$(DESIGNS)),$(B)/replay/designs/$(e)/$(l)/$(d).o)))

LIB := $(B)/libmmreplay.a
BIN := $(if $(filter plain,$(VARIANT)),mmreplay,$(B)/mmreplay)
PROVIDER := $(B)/libmmreplay-ust.so

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
SUPPORT_OBJ := $(patsubst %,$(B)/%.o,$(wildcard tests/support/*.c))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(wildcard tests/tools/*.c))

.PHONY: all demo deps design check check-asan check-tsan bench fuzz lint install uninstall clean distclean help tests FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BIN) $(PROVIDER)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## all          build ./mmreplay and the tracepoint provider
$(BIN): $(B)/mmreplay.c.o $(LIB) $(DESIGN_OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(B)/mmreplay.c.o $(DESIGN_OBJ) $(LIB) $(LIBS)

$(LIB): $(OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $(OBJ)

$(B)/%.c.o: %.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.S.o: %.S schemas/results.sql $(wildcard analyze/*.sql analyze/*.css)
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# An engine's own files see the dialect with its words; the oracle is compiled for each.
$(B)/replay/%.c.o: ALL_CFLAGS += -I$(if $(filter replay/check/%,$<),replay/check,$(if $(filter replay/sim/%,$<),replay/sim,replay/native))
$(B)/replay/check/oracle.o $(B)/replay/sim/oracle.o: $(B)/replay/%/oracle.o: replay/oracle.c
	@mkdir -p $(@D)
	$(say) CC "$< ($*)"
	$(Q)$(CC) $(ALL_CFLAGS) -Ireplay/$* -MMD -MP -c -o $@ $<

# $(1) engine, $(2) lock kind
define design_rule
$(B)/replay/designs/$(1)/$(2)/%.o: replay/designs/%.c
	@mkdir -p $$(@D)
	$$(say) DESIGN "$$(*F) ($(1), $(2))"
	$$(Q)$$(CC) $$(ALL_CFLAGS) -Ireplay/$(1) -DKLOCK_$(2) -MMD -MP -c -o $$@ $$<
endef
$(foreach e,$(ENGINES),$(foreach l,$(LOCKS_$(e)),$(eval $(call design_rule,$(e),$(l)))))

# The provider starts LTTng's threads in whoever links it, so it stands alone.
$(PROVIDER): $(wildcard schemas/ust/*.c schemas/ust/*.h)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(filter-out $(SAN),$(ALL_CFLAGS)) -fPIC -shared -o $@ $(wildcard schemas/ust/*.c) $(UST_LIBS) -ldl

## deps         install the Debian packages that are missing (without root: print the line)
deps:
	@.ci/deps

## demo         capture this machine, replay it under both designs, print the verdict
demo:
	@.ci/deps
	@$(MAKE) --no-print-directory $(ALL_CPUS) all
	@tests/demo.sh

## design       D=mine.c: a design of your own as mine.so, for all engines and locks (replay/DESIGNS.md)
design:
	@$(MAKE) --no-print-directory -f replay/own/design.mk D='$(D)' OUT='$(OUT)' CC='$(CC)' CFLAGS='$(CFLAGS) $(SAN)'

# ---- tests ----
tests: $(UNIT) $(TOOLS)

# One program is all of them, and does what the name says by which it is called:
# each by itself would hold all designs. Their mains are renamed to tell them apart.
TEST_OBJ := $(patsubst tests/%.c,$(B)/tests/%.c.o,$(UNIT_SRC) $(wildcard tests/tools/*.c))
ALL_TESTS := $(B)/tests/all

$(UNIT) $(TOOLS): $(ALL_TESTS)
	@mkdir -p $(@D)
	$(Q)ln -sf ../all $@

$(ALL_TESTS): $(TEST_OBJ) $(B)/tests/all.c.o $(SUPPORT_OBJ) $(LIB) $(DESIGN_OBJ)
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(TEST_OBJ:.c.o=.main.o) $(B)/tests/all.c.o $(SUPPORT_OBJ) $(DESIGN_OBJ) $(LIB) $(LIBS) $(TEST_LIBS)

$(TEST_OBJ): $(B)/tests/%.c.o: tests/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
	$(Q)objcopy --redefine-sym main=main_$(*F) $@ $(@:.c.o=.main.o)

$(B)/tests/names.h: FORCE
	@mkdir -p $(@D)
	@printf 'X(%s)\n' $(notdir $(UNIT) $(TOOLS)) >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(B)/tests/all.c.o: $(B)/tests/names.h
$(B)/tests/all.c.o: ALL_CFLAGS += -I$(B)

# Unit tests look into an engine's locks and words: the native one's, or those of check or sim.
$(B)/tests/%.c.o: ALL_CFLAGS += -I$(if $(findstring /test_check,$<),replay/check,$(if $(findstring /test_sim,$<),replay/sim,replay/native))

## check        unit tests, command line, screens, invariants
check:
	@.ci/deps
	@$(MAKE) --no-print-directory $(ALL_CPUS) VARIANT=$(VARIANT) all tests
	@VARIANT=$(VARIANT) tests/run

## check-asan   the same under AddressSanitizer and UBSan
check-asan:
	@$(MAKE) --no-print-directory VARIANT=asan CFLAGS="-O1 -g" check

## check-tsan   the replay's own tests under ThreadSanitizer (tests/tsan.md says what that covers)
check-tsan:
	@$(MAKE) --no-print-directory VARIANT=tsan CFLAGS="-O1 -g -Wno-tsan" check

## bench        speed, as ratios measured side by side (SLOW=1 must fail every line)
bench:
	@.ci/deps
	@$(MAKE) --no-print-directory $(ALL_CPUS) all tests
	@SLOW=$(SLOW) tests/bench/run

## fuzz         fuzz the readers for FUZZ_SECONDS (default 60)
fuzz:
	@.ci/deps
	@tests/fuzz/run $(or $(FUZZ_SECONDS),60)

# What lint and fuzz hand to clang.
.PHONY: print-flags print-libs
print-flags:
	@echo '$(ALL_CFLAGS) -Ireplay/native'
print-libs:
	@echo '$(LIBS)'

## lint         clang-format, clang-tidy, and the rules of the house
lint:
	@tests/lint

# What a design of one's own is built with; its folders are those of this tree.
OWN_DESIGNS = $(wildcard replay/own/* replay/DESIGNS.md replay/design.h replay/who.h replay/dialect/*.h replay/locks/*.h \
	$(foreach e,$(ENGINES),replay/$(e)/*.h) schemas/*.h)

## install      to $(DESTDIR)$(PREFIX)
install: all
	install -D -m 755 mmreplay $(DESTDIR)$(PREFIX)/bin/mmreplay
	install -D -m 755 $(PROVIDER) $(DESTDIR)$(PREFIX)/lib/mmreplay/libmmreplay-ust.so
	for f in $(OWN_DESIGNS); do install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/mmreplay/$$f || exit 1; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/mmreplay $(DESTDIR)$(PREFIX)/lib/mmreplay/libmmreplay-ust.so
	rm -rf $(DESTDIR)$(PREFIX)/share/mmreplay

## clean        remove what was built
clean:
	rm -rf build mmreplay
distclean: clean
	rm -rf demo

-include $(OBJ:.o=.d) $(DESIGN_OBJ:.o=.d) $(UNIT:%=%.c.d) $(TOOLS:%=%.c.d) $(SUPPORT_OBJ:.o=.d) $(B)/mmreplay.c.d $(B)/tests/all.c.d
