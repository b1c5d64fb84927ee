/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words and numbers in tables for people. Write errors stay in the FILE (ferror). width is
 * the least number of columns for the number, without its unit.
 */
#ifndef BRINDLE_BASE_TEXT_H
#define BRINDLE_BASE_TEXT_H

#include <stdio.h>
#include <linux/types.h>

/*
 * text__put - print text that comes from the traced machine
 *
 * Control characters (C1 ones in UTF-8, too) and bytes that are not UTF-8 could steer the
 * reader's terminal: they become "?". Returns the number of characters written.
 */
int text__put(FILE *f, const char *s);

/* text__percent - print part of all: "0.03 %"; 0.00 % only for none, 100.00 % only for all */
void text__percent(FILE *f, __u64 part, __u64 all, int width);

/* text__rate - print a rate (1 = 100 %) with three digits, however small: "0.00289 %" */
void text__rate(FILE *f, double rate, int width);

/* text__bytes - print a size in the largest of MiB, KiB and bytes that divides it: "8 KiB" */
void text__bytes(FILE *f, __u64 n);

#endif
