# design.mk - a design of your own, for every engine and lock kind (DESIGNS.md):
#
#   make -f design.mk D=mine.c            mine.so, beside mine.c
#   make -f design.mk D=mine.c OUT=x.so
#
# In the source tree `make design D=mine.c` does the same. CC, CFLAGS and V=1 are
# honoured.

ROOT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))/../..
include $(ROOT)/replay/own/engines.mk

CC ?= cc
CFLAGS ?= -O2 -g
SO := $(or $(OUT),$(D:.c=.so))
FLAGS := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -D_GNU_SOURCE -fPIC
KINDS := $(foreach e,$(ENGINES),$(foreach l,$(LOCKS_$(e)),$(e)/$(l)))

.PHONY: design
design:
	@[ -n '$(D)' ] || { echo "which design? make design D=FILE.c" >&2; exit 2; }
	@case '$(D)' in *.c) ;; *) echo "D=$(D): not a C file" >&2; exit 2 ;; esac
	@[ -r '$(D)' ] || { echo "D=$(D): no such file" >&2; exit 2; }
	@$(if $(filter 1,$(V)),set -x;) dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT; \
	build() { $(CC) $(FLAGS) $(CFLAGS) -I'$(ROOT)' -I'$(ROOT)'/replay/$$1 -DKLOCK_$$2 -c -o "$$dir/$$1-$$2.o" '$(D)'; }; \
	set -- $(KINDS); \
	build "$${1%/*}" "$${1#*/}" || exit 1; \
	shift; \
	for kind; do build "$${kind%/*}" "$${kind#*/}" & pids="$$pids $$!"; done; \
	for pid in $$pids; do wait $$pid || exit 1; done; \
	$(CC) $(FLAGS) $(CFLAGS) -I'$(ROOT)' -shared $(LDFLAGS) -o '$(SO)' "$$dir"/*.o '$(ROOT)'/replay/own/entries.c || \
		{ rm -f '$(SO)'; exit 1; }
	@echo "$(SO): --design $(if $(findstring /,$(SO)),,./)$(SO)"
