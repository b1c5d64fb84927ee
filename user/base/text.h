/* SPDX-License-Identifier: GPL-2.0-only */
/* Words and numbers in tables for people. Write errors stay in the FILE (ferror). */
#ifndef BRINDLE_TEXT_H
#define BRINDLE_TEXT_H

#include <stdio.h>
#include <linux/types.h>

/*
 * text__put - text from the traced machine
 *
 * Control characters, C1 ones in UTF-8 included, could steer the reader's terminal: they
 * become "?". Returns the characters written.
 */
int text__put(FILE *f, const char *s);

/* text__percent - "0.03 %", but never 0.00 % for some, nor 100.00 % for not all */
void text__percent(FILE *f, __u64 part, __u64 all, int width);

/* text__rate - a confidence limit of a rate, "0.00289 %": three digits, however small */
void text__rate(FILE *f, double rate, int width);

/* text__bytes - with the unit people say: 8192 is "8 KiB" */
void text__bytes(FILE *f, __u64 n);

#endif
