// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits solve "tail of the binomial distribution = alpha" for the rate. The tail is its
 * largest term times the sum of a series of positive terms, so no digits cancel. The largest
 * term is computed as in C. Loader, "Fast and accurate computation of binomial
 * probabilities" (2000), since differences of lgamma() lose all their digits at n = 1e9.
 */
#include <math.h>
#include <stdbool.h>
#include "stats/binomial.h"

#define STEPS_MAX	100	/* a handful is enough */
#define PRECISION	1e-14
#define SLACK		1e-12	/* limits agree between machines to this relative error */

/* ln(n!) minus Stirling's formula for it, ln(sqrt(2 pi n) (n / e)^n), for n > 0. */
static double stirling_error(double n)
{
	const double nn = n * n;
	double factorial = 1, i;

	if (n > 15)
		return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) /
							      nn) / nn) / nn) / n;
	for (i = 2; i <= n; i++)
		factorial *= i;
	return log(factorial) - (n + 0.5) * log(n) + n - 0.5 * log(2 * M_PI);
}

/* x ln(x / m) + m - x, without loss of digits where x and m are nearly the same. */
static double deviance(double x, double m)
{
	double v, term, sum, last;
	int i;

	if (fabs(x - m) >= 0.1 * (x + m))
		return x * log(x / m) + m - x;
	v = (x - m) / (x + m);
	sum = (x - m) * v;
	term = 2 * x * v;
	for (i = 3; ; i += 2) {
		term *= v * v;
		last = sum;
		sum += term / i;
		if (sum == last)
			return sum;
	}
}

/* ln of the probability of exactly k of n at rate p, 0 < k < n. */
static double log_exactly(double k, double n, double p)
{
	return stirling_error(n) - stirling_error(k) - stirling_error(n - k) -
	       deviance(k, n * p) - deviance(n - k, n * (1 - p)) +
	       0.5 * log(n / (2 * M_PI * k * (n - k)));
}

/*
 * The probability of k or more (if or_more; else of k or fewer) of n, divided by that of
 * exactly k. For p below k / n (else: above), every term is smaller than the one before it.
 */
static double tail_sum(double k, double n, double p, bool or_more)
{
	const double odds = or_more ? p / (1 - p) : (1 - p) / p;
	double from = or_more ? n - k : k, to = or_more ? k : n - k;
	double term = 1, sum = 1;

	while (from > 0) {
		term *= from-- / ++to * odds;
		if (sum + term == sum)
			break;
		sum += term;
	}
	return sum;
}

/*
 * Newton's method on the logarithm of the tail, which is concave in p: from k / n, the first
 * step goes beyond the limit, and all others approach it from there. 0 < k < n.
 */
static double solve(double k, double n, double alpha, bool or_more)
{
	double p = k / n, next, sum, slope, beyond = or_more ? 0 : 1;
	int i;

	for (i = 0; i < STEPS_MAX; i++) {
		sum = tail_sum(k, n, p, or_more);
		/* d/dp of P(X >= k) is k / p times P(X = k); of P(X <= k), -(n - k) / (1 - p) */
		slope = (or_more ? k / p : -(n - k) / (1 - p)) / sum;
		next = p - (log_exactly(k, n, p) + log(sum) - log(alpha)) / slope;
		if (!(next > 0 && next < 1))
			next = (p + beyond) / 2;
		if (fabs(next - p) <= PRECISION * p)
			return next;
		p = next;
	}
	return p;
}

double binomial__upper(__u64 k, __u64 n, double alpha)
{
	if (k >= n)
		return 1;
	if (!k)
		return -expm1(log(alpha) / (double)n);
	return solve((double)k, (double)n, alpha, false);
}

double binomial__lower(__u64 k, __u64 n, double alpha)
{
	if (!k || !n)
		return 0;
	if (k >= n)
		return exp(log(alpha) / (double)n);
	return solve((double)k, (double)n, alpha, true);
}

__u64 binomial__enough(double rate, double alpha)
{
	double n;
	__u64 copies;

	if (rate >= 1)
		return 0;
	n = rate > 0 ? ceil(log(alpha) / log1p(-rate)) : HUGE_VAL;
	if (!(n < 9e18))
		return ~0ULL;
	copies = (__u64)n;
	if (copies > 1000000000)
		return copies;
	/* the logarithms are rounded, so that copies may be one off */
	rate *= 1 + SLACK;
	while (copies && binomial__upper(0, copies - 1, alpha) <= rate)
		copies--;
	while (binomial__upper(0, copies, alpha) > rate)
		copies++;
	return copies;
}
