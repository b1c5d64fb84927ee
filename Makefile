# SPDX-License-Identifier: GPL-2.0-only
#
# make            build brindle and its programs for this machine
# make mips       ... for a target of the lab (static)
# make deps       install what building and the lab need (scripts/deps --check only says
#                 what is missing)
# make check      the static checks and the tests that need no guest
# make demo       install what is needed, trace a MIPS machine in QEMU, show the report
# make proof      build three MIPS kernels, copies at risk and not; record and compare them
# make judge      let brindle and an oracle in QEMU watch the same runs; do they agree?
# make bench      install what is needed, measure what tracing costs, beside other tools
# make test       install what is needed, run every test
# make install    PREFIX=/usr/local DESTDIR=
# make uninstall  the same places
# make dist       build/brindle-VERSION.tar.gz of what is committed, and its checksum
#
# V=1 shows the commands. BPF_EXTRA is for flags of one's own when compiling what runs in
# the kernel, B for a directory of one's own to build in.

VERSION := $(shell cat VERSION)

# scripts/targets for make: TARGETS; cross_TARGET, bpf_TARGET and core_TARGET.
$(foreach fact,$(shell awk ' \
	$$1 == "target" { name = $$2; print "TARGETS+=" name } \
	$$1 ~ /^(cross|bpf|core)$$/ { print $$1 "_" name ":=" $$2 }' scripts/targets),$(eval $(fact)))

HOST    := $(shell scripts/host 2>&1)
ifneq ($(filter-out $(TARGETS),$(HOST)),)
$(error $(HOST))
endif
TARGET  ?= $(HOST)
PREFIX  ?= /usr/local

B       := build/$(TARGET)
CLANG   ?= clang
BPFTOOL ?= bpftool
# The sysroot has headers and libraries of the target's Debian port, never its C library.
ifneq ($(TARGET),$(HOST))
CROSS   := $(cross_$(TARGET))
SYSROOT := $(shell scripts/sysroot $(TARGET))
endif
CC      := $(CROSS)gcc
CORE    := $(if $(core_$(TARGET)),-DBRINDLE_CORE)
SYSINCL := $(addprefix -isystem ,$(wildcard $(addsuffix /usr/include,$(SYSROOT))))
SYSLIBS := $(addprefix -L,$(wildcard $(SYSROOT)/usr/lib/*-linux-gnu*))

WARN    := -Wall -Wextra -Werror
CFLAGS  ?= -O2 -g
# What is done for every record is spread over several files: -flto inlines across them.
LTO     := -flto=auto
ALL_CFLAGS = -std=gnu2x $(CFLAGS) $(WARN) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	     -D_TIME_BITS=64 \
	     -DBRINDLE_VERSION='"$(VERSION)"' -DBRINDLE_TARGET='"$(TARGET)"' \
	     $(CORE) -Iuser -I. -I$(B)/gen -MMD -MP
BPF_CFLAGS = -g -O2 $(WARN) -Wno-unused-parameter -target $(bpf_$(TARGET)) $(CORE) \
	     -mcpu=v3 -Ivmlinux-headers/$(TARGET) \
	     -I/usr/include/$(shell gcc -print-multiarch) -MMD -MP $(BPF_EXTRA)
# Libraries of what reads recordings, and of what loads BPF programs, too.
REPORTLIBS := $(SYSLIBS) -lz -ldeflate -lm
LDLIBS  := $(SYSLIBS) -lbpf -lelf -lz -ldeflate -lm

ifeq ($(V),1)
Q =
msg =
else
Q = @
msg = @printf '  %-8s %s\n' "$(1)" "$(2)";
MAKEFLAGS += --no-print-directory
endif

SRCS    := $(wildcard user/*/*.c)
OBJS    := $(SRCS:%.c=$(B)/obj/%.o)
# What lies behind the recording (user/LAYERS): linked without libbpf and libelf.
REPORT  := $(wildcard $(patsubst %,user/%/*.c,base model arch recording verdict stats output))
LIVE    := $(wildcard $(patsubst %,user/%/*.c,site kernel probe recorder))

# The programs beside brindle, one of each file: examples, what the tests run, what measures.
PROG_DIRS := examples tests/progs tests/kernels tests/oracle/guest scripts/bench
PROGS   := $(foreach dir,$(PROG_DIRS),$(patsubst $(dir)/%.c,$(B)/bin/%,$(wildcard $(dir)/*.c)))
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
UNITS   := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all build targets units benches oracle deps check demo proof judge bench test clean \
	install uninstall dist $(TARGETS)
.SECONDARY:
.DELETE_ON_ERROR:

all: build

build: $(B)/bin/brindle $(PROGS)

units: $(UNITS)

benches: $(B)/bin/brindle $(BENCHES)

targets: $(TARGETS)

$(TARGETS):
	$(Q)$(MAKE) TARGET=$@ build

$(B)/gen/brindle.bpf.o: bpf/brindle.bpf.c | $(B)/gen
	$(call msg,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(B)/gen/brindle.skel.h: $(B)/gen/brindle.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name brindle_bpf > $@

$(addprefix $(B)/obj/user/probe/,session.o programs.o): $(B)/gen/brindle.skel.h

$(B)/obj/%.o: %.c VERSION
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LTO) $(SYSINCL) -c $< -o $@

$(B)/bin/brindle: $(OBJS)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) $^ $(LDLIBS) -o $@

# program DIR,WHERE,LIBRARIES,OBJECTS: each file of DIR, linked with those, is one in $(B)/WHERE.
define program
$$(B)/$(2)/%: $$(B)/obj/$(1)/%.o $(4)
	$$(call msg,LINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -static $$(CFLAGS) $$(LTO) $$^ $(3) -o $$@
endef

$(foreach dir,$(filter-out scripts/bench,$(PROG_DIRS)),$(eval $(call program,$(dir),bin,-pthread)))
$(eval $(call program,scripts/bench,bin,$(LDLIBS)))
# They write what the benchmarks of scripts/bench read.
$(eval $(call program,tests/bench,bench,$(REPORTLIBS),$(REPORT:%.c=$(B)/obj/%.o)))

# The oracle: a QEMU plugin, once for each interface of plugins that Debian's QEMUs have.
ORACLE := build/oracle/oracle-1.so build/oracle/oracle-4.so

oracle: $(ORACLE)

build/oracle/oracle-%.so: $(wildcard tests/oracle/*.c tests/oracle/*.h)
	$(call msg,PLUGIN,$@)
	@mkdir -p $(@D)
	$(Q)gcc -shared -fPIC -fvisibility=hidden -std=gnu2x $(CFLAGS) $(WARN) -D_GNU_SOURCE \
		-DPLUGIN_API=$* $(filter %.c,$^) -o $@

# Unit tests run on this machine, with the sanitizers.
SAN := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(B)/unit/%.o: %.c
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SAN) -c $< -o $@

# Every test has all of the report side, which is linked without libbpf and libelf here, and of
# what lies before the recording only what it asks for and does not play itself.
$(B)/unit/test_%: $(B)/unit/tests/unit/test_%.o $(REPORT:%.c=$(B)/unit/%.o) $(B)/unit/live.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN) $^ $(UNIT_LIBS) $(REPORTLIBS) -o $@

# This one plays millions of steps: without the sanitizers, which others have for the same code.
$(B)/unit/test_verdict_replay: $(B)/obj/tests/unit/test_verdict_replay.o $(REPORT:%.c=$(B)/obj/%.o)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LTO) $^ $(REPORTLIBS) -o $@

$(B)/unit/live.a: $(LIVE:%.c=$(B)/unit/%.o)
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar cr $@ $^

$(addprefix $(B)/unit/user/probe/,session.o programs.o): $(B)/gen/brindle.skel.h
$(B)/unit/test_types: UNIT_LIBS := -lbpf
$(B)/unit/test_tasks: UNIT_LIBS := -lpthread
$(B)/unit/test_progress: $(B)/unit/user/command/progress.o
$(B)/unit/test_oracle: $(addprefix $(B)/unit/tests/oracle/,cache.o mips.o arm.o)

$(B)/gen:
	@mkdir -p $@

deps:
	$(Q)scripts/deps build lab

check:
	$(Q)scripts/deps --check build lab test
	$(Q)tests/run check unit cli

demo: deps
	$(Q)scripts/demo

proof:
	$(Q)scripts/deps build lab kernel
	$(Q)scripts/proof

judge:
	$(Q)scripts/deps build cross lab kernel
	$(Q)scripts/judge-matrix

bench:
	$(Q)scripts/deps build lab bench
	$(Q)scripts/bench/run

test:
	$(Q)scripts/deps build cross lab kernel bench test
	$(Q)tests/run

# What install puts below PREFIX.
BINS        := brindle forkrace
MANS        := $(wildcard man/*.1)
COMPLETIONS := $(wildcard completion/brindle)
MANDIR      := share/man/man1
COMPLETEDIR := share/bash-completion/completions
INSTALLED    = $(BINS:%=bin/%) $(MANS:man/%=$(MANDIR)/%) \
	       $(COMPLETIONS:completion/%=$(COMPLETEDIR)/%)

install: build
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BINS:%=$(B)/bin/%)
	$(if $(MANS),install -D -m 644 -t $(DESTDIR)$(PREFIX)/$(MANDIR) $(MANS))
	$(if $(COMPLETIONS),install -D -m 644 -t $(DESTDIR)$(PREFIX)/$(COMPLETEDIR) $(COMPLETIONS))

uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALLED))

# The same bytes from the same commit: git sorts the files and dates them by the commit.
DIST := brindle-$(VERSION)
dist:
	$(Q)mkdir -p build
	$(Q)git -c tar.umask=0022 -c tar.tar.gz.command='gzip -9n' archive \
		--prefix=$(DIST)/ -o build/$(DIST).tar.gz HEAD
	$(Q)cd build && sha256sum $(DIST).tar.gz >$(DIST).tar.gz.sha256 && cat $(DIST).tar.gz.sha256

clean:
	rm -rf $(addprefix build/,$(TARGETS))

-include $(shell find $(B) -name '*.d' 2>/dev/null)
