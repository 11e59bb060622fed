# identityd
#
#	make			release build, build/identityd
#	make run		a fresh machine becomes a running service
#	make check		style, unit tests, fuzz regressions: no root, no network
#	make test		all of it, with PostgreSQL and the real binary
#	make bench		measures; bench-smoke: that the benchmark still works
#	make screenshots	pictures of every page of the console
#	make apidoc		assets/openapi.json and the guide's table of errors
#	make clean
#
# More: image-test (dockerfiles/, for real), openapi (both are current; lint),
# bench-timing, bench-peers, dev, asan
# (build/identityd-dev, build/identityd-asan), style, unit, fuzz, fuzz-regress.
# CC=clang builds with clang, in folders of its own.

SHELL		= /bin/sh
ifeq ($(origin CC),default)
CC		= gcc
endif
export CC

BUILD		= build
UNIT		= $(BUILD)/unit-$(notdir $(CC))
FUZZ		= $(BUILD)/fuzz
FUZZ_CC		?= clang
FUZZ_SECONDS	?= 10

WARN		= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
		  -Wmissing-prototypes -Wcast-qual -Wpointer-arith \
		  -Wsign-compare
STD		= -std=c11 -D_DEFAULT_SOURCE -DIDENTITYD
INC		= -Isrc/base -Isrc/core -Isrc/db -Isrc/deliver \
		  -I$(shell pg_config --includedir)
LIBS		= -ljansson -largon2 -lutf8proc -lzxcvbn -loath -lqrencode \
		  -lspng -lz -lcsv -lcrypto -lm -lresolv -lpq -lcurl
SANITIZE	= -fsanitize=address,undefined -fno-sanitize-recover=all \
		  -fno-omit-frame-pointer

# What is testable alone: no Kore, no server of ours.
PURE		= $(sort $(wildcard src/base/*.c src/core/*.c) \
		  $(addprefix src/db/,db_array.c db_conninfo.c db_error.c \
		  db_param.c db_row.c) src/deliver/exchange.c)
UNIT_OBJS	= $(PURE:%.c=$(UNIT)/%.o)
UNIT_TESTS	= $(patsubst test/unit/%.c,$(UNIT)/%,\
		  $(sort $(wildcard test/unit/test_*.c)))
FUZZ_OBJS	= $(PURE:%.c=$(FUZZ)/%.o)
FUZZ_TARGETS	= $(patsubst test/fuzz/%.c,$(FUZZ)/%,\
		  $(sort $(wildcard test/fuzz/fuzz_*.c)))

all: prod

prod:
	@tools/build.sh prod $(BUILD)/identityd

dev:
	@tools/build.sh dev $(BUILD)/identityd-dev

asan:
	@tools/build.sh asan $(BUILD)/identityd-asan

run:
	@tools/run.sh

test:
	@tools/test.sh

check: style unit fuzz-regress

style:
	@tools/style.sh

# docs/screenshots, from the production build; looked at before they are kept
screenshots: prod
	@node --test test/browser/shots.mjs

# docs/openapi/README.md
apidoc:
	@node tools/apidoc.mjs

openapi:
	@node tools/apidoc.mjs --check
	@node test/openapi_lint.mjs

# PART=requests, copies, people (import, directory), tokens or codes: that alone
bench: prod
	@tools/bench.sh $(PART)

bench-smoke: prod
	@tools/bench.sh --smoke $(PART)
	@node bench/timing.mjs --smoke

# Can people be told apart by time?  By hand, half an hour of an idle machine.
bench-timing: prod
	@node bench/timing.mjs

# Beside other services: fetches them (npm, Debian) the first time.  By hand.
bench-peers: prod
	@tools/bench.sh $(if $(SMOKE),--smoke) peers

clean:
	rm -rf $(BUILD)

# dockerfiles/ for real, where buildah, podman and debootstrap are; ten minutes.
image-test:
	@tools/image_test.sh

# Unit tests: each test_*.c is a program; all run even when one fails.
unit: $(UNIT_TESTS:%=%.ran)

$(UNIT)/%.ran: $(UNIT)/%
	@if $< > $<.log 2>&1; then \
		echo "ok $(notdir $<)"; touch $@; \
	else \
		cat $<.log; echo "FAILED $(notdir $<)"; exit 1; \
	fi

$(UNIT)/test_%: $(UNIT)/test/unit/test_%.o $(UNIT)/libpure.a
	@$(CC) $(SANITIZE) -o $@ $^ -lcmocka $(LIBS)

$(UNIT)/libpure.a: $(UNIT_OBJS)
	@rm -f $@
	@ar rcs $@ $^

$(UNIT)/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(STD) $(WARN) $(INC) -O1 -g $(SANITIZE) -MMD -MP -c $< -o $@

# Fuzz targets: every input kept in corpus/ and regression/ must pass.
fuzz-regress: $(FUZZ_TARGETS:%=%.ran)

$(FUZZ)/fuzz_%.ran: $(FUZZ)/fuzz_% $(wildcard test/fuzz/corpus/*/* \
    test/fuzz/regression/*/*)
	@dirs=; for d in test/fuzz/corpus/$* test/fuzz/regression/$*; do \
		if [ -d $$d ]; then dirs="$$dirs $$d"; fi; \
	done; \
	if [ -z "$$dirs" ]; then echo "fuzz_$*: no inputs" >&2; exit 1; fi; \
	if $< -runs=0 $$dirs > $<.log 2>&1; then \
		echo "ok fuzz_$*"; touch $@; \
	else \
		cat $<.log; echo "FAILED fuzz_$*"; exit 1; \
	fi

# Looks for new inputs, FUZZ_SECONDS for each target; a crash is kept in
# test/fuzz/regression/.
fuzz: $(FUZZ_TARGETS)
	@for t in $(FUZZ_TARGETS); do \
		n=$$(basename $$t); n=$${n#fuzz_}; \
		mkdir -p $(FUZZ)/corpus/$$n test/fuzz/regression/$$n; \
		$$t -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
		    -artifact_prefix=test/fuzz/regression/$$n/ \
		    $(FUZZ)/corpus/$$n test/fuzz/corpus/$$n || exit 1; \
		rmdir test/fuzz/regression/$$n 2>/dev/null || true; \
	done

$(FUZZ)/fuzz_%: $(FUZZ)/test/fuzz/fuzz_%.o $(FUZZ)/libpure.a
	@$(FUZZ_CC) -fsanitize=fuzzer $(SANITIZE) -o $@ $^ $(LIBS)

$(FUZZ)/libpure.a: $(FUZZ_OBJS)
	@rm -f $@
	@ar rcs $@ $^

$(FUZZ)/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(STD) $(WARN) $(INC) -O1 -g -fsanitize=fuzzer-no-link \
	    $(SANITIZE) -MMD -MP -c $< -o $@

.SECONDARY:
.PHONY: all prod dev asan run test check style screenshots apidoc openapi bench \
	bench-smoke bench-timing bench-peers clean unit fuzz fuzz-regress image-test

-include $(UNIT_OBJS:.o=.d) $(FUZZ_OBJS:.o=.d)
-include $(wildcard $(UNIT)/test/unit/*.d $(FUZZ)/test/fuzz/*.d)
