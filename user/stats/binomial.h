/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * If k of n samples are positive, how large or small can the true rate be? Exact one-sided
 * confidence limits of a binomial proportion: C. J. Clopper and E. S. Pearson, "The use of
 * confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
 * (1934), 404-413. Exact means: whatever the true rate is, a limit is on the wrong side of it
 * in at most a part alpha of all samples. Pure functions.
 */
#ifndef BRINDLE_STATS_BINOMIAL_H
#define BRINDLE_STATS_BINOMIAL_H

#include <linux/types.h>

/*
 * binomial__upper - the rate at which k or fewer of n are seen with probability alpha
 * binomial__lower - the rate at which k or more of n are seen with probability alpha
 * @alpha: probability that the limit is wrong, 0 < alpha < 0.5
 *
 * Each limit is one-sided: both together are wrong with probability 2 alpha at most, and form
 * the two-sided interval of confidence 1 - 2 alpha. A k above n counts as n. For n = 0 nothing
 * is known: the limits are 0 and 1. The relative error is below 1e-12 up to n = 1e9 (above, n
 * is rounded to a double), and the time grows with the square root of n.
 */
double binomial__upper(__u64 k, __u64 n, double alpha);
double binomial__lower(__u64 k, __u64 n, double alpha);

/*
 * binomial__enough - smallest n with binomial__upper(0, n, alpha) <= rate
 *
 * About 3 / rate for alpha = 0.05 (the rule of three). 0 for a rate of 1 and more; ~0ULL for
 * a rate so small that no number of copies shows it.
 */
__u64 binomial__enough(double rate, double alpha);

#endif
