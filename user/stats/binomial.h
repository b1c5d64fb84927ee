/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How large or small can a rate be of which k of n were seen? Exact one-sided confidence
 * limits of a binomial proportion: C. J. Clopper and E. S. Pearson, "The use of confidence
 * or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934),
 * 404-413. Exact means: whatever the true rate is, a limit is on the wrong side of it in at
 * most a part alpha of all samples. Pure.
 */
#ifndef BRINDLE_BINOMIAL_H
#define BRINDLE_BINOMIAL_H

#include <linux/types.h>

/*
 * binomial__upper - the largest rate at which k or fewer of n are seen with probability alpha
 * binomial__lower - the smallest rate at which k or more of n are
 * @alpha: probability of a limit that is wrong, 0 < alpha < 0.5
 *
 * Each limit is one-sided: both together err with at most twice alpha, and are the two-sided
 * interval of confidence 1 - 2 alpha. A k above n counts as n. Of nothing seen (n = 0)
 * nothing is known: 0 and 1. Relative error below 1e-12 up to n = 1e9 (above, n is rounded
 * to a double), in a time that grows with the square root of n.
 */
double binomial__upper(__u64 k, __u64 n, double alpha);
double binomial__lower(__u64 k, __u64 n, double alpha);

/*
 * binomial__enough - smallest n with binomial__upper(0, n, alpha) <= rate
 *
 * The rule of three: about 3 / rate for alpha = 0.05. 0 for a rate of 1 and more; the
 * largest number there is for a rate that no number of copies proves.
 */
__u64 binomial__enough(double rate, double alpha);

#endif
