/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that do nothing on a CPU but tell the oracle something. A hint's arguments are in
 * the registers that hold a function's first two.
 */
#ifndef ORACLE_HINTS_H
#define ORACLE_HINTS_H

#define HINT_TEXT_MAX	4096	/* bytes of one text */

/* lui $0, n */
#define HINT_MIPS_TEXT		0x3c00c001	/* address and length of lines of text */
#define HINT_MIPS_ARM		0x3c00c002	/* begin */
#define HINT_MIPS_DISARM	0x3c00c003	/* end */
#define HINT_MIPS_TASK		0x3c00c004	/* ids of this thread and of its process */

/* hint #n, with numbers that ARMv6K leaves unassigned */
#define HINT_ARM_TEXT		0xe320f0c1
#define HINT_ARM_ARM		0xe320f0c2
#define HINT_ARM_DISARM		0xe320f0c3
#define HINT_ARM_TASK		0xe320f0c4

#endif /* ORACLE_HINTS_H */
