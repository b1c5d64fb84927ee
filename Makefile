# SPDX-License-Identifier: GPL-2.0-only
#
# make            build brindle and its programs for this machine
# make mips       ... for a target of the lab (static)
# make demo       install what is needed, trace a MIPS machine in QEMU, show the report
# make proof      build three MIPS kernels, copies at risk and not; record and compare them
# make judge      let brindle and an oracle in QEMU watch the same runs; do they agree?
# make bench      install what is needed, measure what tracing costs, beside other tools
# make test       install what is needed, run every test
# make install    PREFIX=/usr/local DESTDIR=
#
# V=1 shows the commands. BPF_EXTRA is for flags of one's own when compiling what runs in
# the kernel, B for a directory of one's own to build in.

VERSION := $(shell cat VERSION)
HOST    := x86_64
TARGETS := x86_64 mips mips64 armv6 arm64 armhf i386
TARGET  ?= $(HOST)
PREFIX  ?= /usr/local

# One row per target: cross prefix, BPF byte order, CO-RE or not.
cross_mips   := mipsel-linux-gnu-
bpf_mips     := bpfel
cross_mips64 := mips64el-linux-gnuabi64-
bpf_mips64   := bpfel
cross_armv6  := arm-linux-gnueabi-
bpf_armv6    := bpfel
bpf_x86_64   := bpfel
core_x86_64  := -DBRINDLE_CORE
cross_arm64  := aarch64-linux-gnu-
bpf_arm64    := bpfel
core_arm64   := -DBRINDLE_CORE
cross_armhf  := arm-linux-gnueabihf-
bpf_armhf    := bpfel
cross_i386   := i686-linux-gnu-
bpf_i386     := bpfel

B       := build/$(TARGET)
CC      := $(cross_$(TARGET))gcc
CLANG   ?= clang
BPFTOOL ?= bpftool
ifneq ($(TARGET),$(HOST))
SYSROOT := $(shell scripts/sysroot $(TARGET))
endif

WARN    := -Wall -Wextra -Werror
CFLAGS  ?= -O2 -g
# What is done for every record is spread over several files: -flto inlines across them.
LTO     := -flto=auto
ALL_CFLAGS = -std=gnu2x $(CFLAGS) $(WARN) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	     -D_TIME_BITS=64 \
	     -DBRINDLE_VERSION='"$(VERSION)"' -DBRINDLE_TARGET='"$(TARGET)"' \
	     $(core_$(TARGET)) -Iuser -I. -I$(B)/gen -MMD -MP
BPF_CFLAGS = -g -O2 $(WARN) -Wno-unused-parameter -target $(bpf_$(TARGET)) $(core_$(TARGET)) \
	     -mcpu=v3 \
	     -DBRINDLE_TARGET_$(TARGET) -Ivmlinux-headers/$(TARGET) \
	     -I/usr/include/$(shell gcc -print-multiarch) -MMD -MP $(BPF_EXTRA)
LDLIBS  := -lbpf -lelf -lz -ldeflate -lm

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
LIVE    := $(wildcard $(patsubst %,user/%/*.c,kernel probe recorder))
PROGS   := $(patsubst tests/progs/%.c,$(B)/bin/%,$(wildcard tests/progs/*.c)) \
	   $(patsubst tests/kernels/%.c,$(B)/bin/%,$(wildcard tests/kernels/*.c)) \
	   $(patsubst tests/oracle/guest/%.c,$(B)/bin/%,$(wildcard tests/oracle/guest/*.c)) \
	   $(patsubst scripts/bench/%.c,$(B)/bin/%,$(wildcard scripts/bench/*.c)) \
	   $(patsubst examples/%.c,$(B)/bin/%,$(wildcard examples/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
UNITS   := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all build targets units benches oracle deps demo proof judge bench test check clean \
	install $(TARGETS)
.SECONDARY:
.DELETE_ON_ERROR:

all: build

build: $(B)/bin/brindle $(PROGS)

units: $(UNITS)

benches: build $(BENCHES)

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

# The sysroot has headers and libraries of the port, never its C library.
$(B)/obj/%.o: %.c VERSION
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LTO) $(addprefix -isystem ,$(wildcard $(addsuffix /usr/include,$(SYSROOT)))) -c $< -o $@

$(B)/bin/brindle: $(OBJS)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) $^ $(addprefix -L,$(wildcard $(SYSROOT)/usr/lib/*-linux-gnu*)) $(LDLIBS) -o $@

$(B)/bin/%: $(B)/obj/examples/%.o
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) -pthread $^ -o $@

$(B)/bin/%: $(B)/obj/scripts/bench/%.o
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $^ $(addprefix -L,$(wildcard $(SYSROOT)/usr/lib/*-linux-gnu*)) $(LDLIBS) -o $@

$(B)/bin/%: $(B)/obj/tests/kernels/%.o
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) -pthread $^ -o $@

$(B)/bin/%: $(B)/obj/tests/oracle/guest/%.o
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) -pthread $^ -o $@

$(B)/bin/%: $(B)/obj/tests/progs/%.o
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) -pthread $^ -o $@

# They write what the benchmarks of scripts/bench read.
$(B)/bench/%: $(B)/obj/tests/bench/%.o $(REPORT:%.c=$(B)/obj/%.o)
	$(call msg,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static $(CFLAGS) $(LTO) $^ $(addprefix -L,$(wildcard $(SYSROOT)/usr/lib/*-linux-gnu*)) -lz -ldeflate -lm -o $@

# The oracle: a QEMU plugin, once for each interface of plugins that Debian's QEMUs have.
ORACLE := build/oracle/oracle-1.so build/oracle/oracle-4.so

oracle: $(ORACLE)

build/oracle/oracle-%.so: $(wildcard tests/oracle/*.c tests/oracle/*.h)
	$(call msg,PLUGIN,$@)
	@mkdir -p $(@D)
	$(Q)gcc -shared -fPIC -fvisibility=hidden -std=gnu2x $(CFLAGS) $(WARN) -D_GNU_SOURCE \
		-DPLUGIN_API=$* $(filter %.c,$^) -o $@

# Unit tests run on this machine, with the sanitizers.
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(B)/unit/%.o: %.c
	$(call msg,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SAN) -c $< -o $@

# Every test has all of the report side, which is linked without libbpf and libelf here, and of
# what lies before the recording only what it asks for and does not play itself.
$(B)/unit/test_%: $(B)/unit/tests/unit/test_%.o $(REPORT:%.c=$(B)/unit/%.o) $(B)/unit/live.a
	$(call msg,LINK,$@)
	$(Q)$(CC) $(SAN) $^ $(UNIT_LIBS) -lz -ldeflate -lm -o $@

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

install: build
	install -D -m 755 $(B)/bin/brindle $(DESTDIR)$(PREFIX)/bin/brindle
	install -D -m 755 $(B)/bin/forkrace $(DESTDIR)$(PREFIX)/bin/forkrace
	install -D -m 644 man/brindle.1 $(DESTDIR)$(PREFIX)/share/man/man1/brindle.1

clean:
	rm -rf $(addprefix build/,$(TARGETS))

-include $(shell find $(B) -name '*.d' 2>/dev/null)
