// SPDX-License-Identifier: GPL-2.0-only
/*
 * Confidence limits of a rate, against values computed independently: with Python's decimal
 * at 60 digits, ln(n!) from the exact factorial below 2000 and ten terms of Stirling's series
 * above, the tail summed term by term, the root by bisection to 19 digits. Those for 0.025
 * are the two-sided 95 % interval that statistics packages print: 3 of 10 gives 0.0667 to
 * 0.6525, 8 of 20 0.1912 to 0.6395.
 */
#include <math.h>
#include "stats/binomial.h"
#include "tap.h"

static const struct {
	__u64 k, n;
	double alpha, lower, upper;
} known[] = {
	{ 0, 1, 0.05, 0, 0.94999999999999996 },
	{ 1, 1, 0.05, 0.050000000000000003, 1 },
	{ 1, 2, 0.05, 0.025320565519103611, 0.97467943448089644 },
	{ 0, 3, 0.05, 0, 0.63159685013596134 },
	{ 3, 3, 0.05, 0.36840314986403866, 1 },
	{ 1, 10, 0.05, 0.0051161968918237008, 0.39416330243650477 },
	{ 3, 10, 0.05, 0.087264433914150299, 0.60662421610541339 },
	{ 9, 10, 0.05, 0.60583669756349523, 0.99488380310817626 },
	{ 10, 10, 0.05, 0.7411344491069477, 1 },
	{ 8, 20, 0.05, 0.21706858937007417, 0.60641511324303043 },
	{ 0, 59, 0.05, 0, 0.049507609888226944 },
	{ 0, 299, 0.05, 0, 0.0099691467928992705 },
	{ 1, 299, 0.05, 0.00017153476578644897, 0.015766783127611376 },
	{ 5, 100, 0.05, 0.019905563662171839, 0.10225337764327451 },
	{ 50, 100, 0.05, 0.41362171463091174, 0.5863782853690882 },
	{ 1, 1000, 0.05, 5.1291978909017811e-05, 0.0047349935754997779 },
	{ 999, 1000, 0.05, 0.99526500642450022, 0.99994870802109104 },
	{ 15, 16, 0.05, 0.73604260271143152, 0.99679930228981151 },
	{ 7, 16, 0.05, 0.22669156846628724, 0.6666258284750759 },
	{ 16, 33, 0.05, 0.33257655370986927, 0.63925829043584448 },
	{ 150, 303, 0.05, 0.44634661672895365, 0.54382500561823299 },
	{ 51906, 103813, 0.05, 0.49743785712520666, 0.5025525103685976 },
	{ 0, 103813, 0.05, 0, 2.8856588770567906e-05 },
	{ 3, 103813, 0.05, 7.8766253117713964e-06, 7.4686975690525453e-05 },
	{ 103810, 103813, 0.05, 0.99992531302430943, 0.99999212337468824 },
	{ 1, 1000000, 0.05, 5.1293293072049535e-08, 4.7438556382068105e-06 },
	{ 500000, 1000000, 0.05, 0.49917707394947708, 0.50082292605052292 },
	{ 7, 1000000000, 0.05, 3.2853156963539693e-09, 1.3148113762014069e-08 },
	{ 0, 1000000000, 0.05, 0, 2.9957322690667851e-09 },
	{ 1000, 1000000000, 0.05, 9.4855987330640838e-07, 1.053603093895086e-06 },
	{ 999999999, 1000000000, 0.05, 0.99999999525613548, 0.9999999999487067 },
	{ 500000000, 1000000000, 0.05, 0.49997399208063031, 0.50002600791936969 },
	{ 1000000, 1000000000, 0.05, 0.00099835653558086974, 0.0010016455979951705 },
	{ 0, 1, 0.025, 0, 0.97499999999999998 },
	{ 1, 1, 0.025, 0.025000000000000001, 1 },
	{ 1, 2, 0.025, 0.01257911709342505, 0.98742088290657493 },
	{ 0, 3, 0.025, 0, 0.70759822617871337 },
	{ 3, 3, 0.025, 0.29240177382128663, 1 },
	{ 1, 10, 0.025, 0.0025285785444617843, 0.44501611702819543 },
	{ 3, 10, 0.025, 0.066739511177734467, 0.65245285005999731 },
	{ 9, 10, 0.025, 0.55498388297180457, 0.99747142145553824 },
	{ 10, 10, 0.025, 0.69150289218123917, 1 },
	{ 8, 20, 0.025, 0.1911900607253072, 0.63945741269251033 },
	{ 0, 59, 0.025, 0, 0.060608900950339849 },
	{ 0, 299, 0.025, 0, 0.012261595907535047 },
	{ 1, 299, 0.025, 8.467135826945897e-05, 0.018492424310645225 },
	{ 5, 100, 0.025, 0.016431879182052158, 0.11283491110546276 },
	{ 50, 100, 0.025, 0.39832112950330095, 0.60167887049669899 },
	{ 1, 1000, 0.025, 2.5317487491294041e-05, 0.0055589242798266729 },
	{ 999, 1000, 0.025, 0.99444107572017337, 0.99997468251250876 },
	{ 15, 16, 0.025, 0.69767926156546811, 0.99841888827723413 },
	{ 7, 16, 0.025, 0.19753414053266782, 0.70122310091682249 },
	{ 16, 33, 0.025, 0.30796344360473221, 0.66455552161144427 },
	{ 150, 303, 0.025, 0.43739243603638805, 0.55280429613252968 },
	{ 51906, 103813, 0.025, 0.49694887218388428, 0.50304149538027587 },
	{ 0, 103813, 0.025, 0, 3.5533256092942351e-05 },
	{ 3, 103813, 0.025, 5.9595256754485509e-06, 8.4450208954789621e-05 },
	{ 103810, 103813, 0.025, 0.99991554979104524, 0.9999940404743245 },
	{ 1, 1000000, 0.025, 2.5317807663794178e-08, 5.5716306551722442e-06 },
	{ 500000, 1000000, 0.025, 0.49901951919531184, 0.50098048080468816 },
	{ 7, 1000000000, 0.025, 2.8143630560026354e-09, 1.4422675308174962e-08 },
	{ 0, 1000000000, 0.025, 0, 3.6888794473100207e-09 },
	{ 1000, 1000000000, 0.025, 9.3897304658956096e-07, 1.0639521019952884e-06 },
	{ 999999999, 1000000000, 0.025, 0.99999999442835663, 0.99999999997468214 },
};

static double error(double got, double want)
{
	return want != 0 ? fabs(got / want - 1) : fabs(got);
}

static void test_known(void)
{
	double worst = 0, l, u;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		l = error(binomial__lower(known[i].k, known[i].n, known[i].alpha), known[i].lower);
		u = error(binomial__upper(known[i].k, known[i].n, known[i].alpha), known[i].upper);
		ok(l < 1e-12 && u < 1e-12, "%llu of %llu, alpha %g",
		   (unsigned long long)known[i].k, (unsigned long long)known[i].n, known[i].alpha);
		worst = fmax(worst, fmax(l, u));
	}
	ok(worst < 1e-12, "the largest relative error is %.1e", worst);
}

/* The least n, none of them positive, that shows a rate: one-sided tolerance limits at 95 %. */
static void test_enough(void)
{
	static const struct {
		double rate;
		__u64 n;
	} table[] = { { 0.5, 5 }, { 0.2, 14 }, { 0.1, 29 }, { 0.05, 59 }, { 0.02, 149 },
		      { 0.01, 299 }, { 0.005, 598 }, { 0.001, 2995 }, { 0.0001, 29956 },
		      { 1, 0 }, { 2, 0 }, { 0, ~0ULL }, { -1, ~0ULL }, { 1e-300, ~0ULL } };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		is(binomial__enough(table[i].rate, 0.05), table[i].n, "copies for a rate");
	is(binomial__enough(0.95, 0.05), 1, "one copy shows a rate of 0.95");
	ok(error((double)binomial__enough(1e-12, 0.05), 2.995732273552e12) < 1e-6, "1e-12");
}

/* For n below 40 the tail can be summed term by term: at the limit it has to be alpha. */
static double tail(int k, int n, double p, bool or_more)
{
	double sum = 0, c = 1;
	int i;

	for (i = 0; i <= n; i++) {
		if (or_more ? i >= k : i <= k)
			sum += c * pow(p, i) * pow(1 - p, n - i);
		c = c * (n - i) / (i + 1);
	}
	return sum;
}

static double worst_tail(int n, double alpha)
{
	double worst = 0;
	int k;

	for (k = 0; k <= n; k++) {
		double lower = binomial__lower((__u64)k, (__u64)n, alpha);
		double upper = binomial__upper((__u64)k, (__u64)n, alpha);

		if (k)
			worst = fmax(worst, error(tail(k, n, lower, true), alpha));
		if (k < n)
			worst = fmax(worst, error(tail(k, n, upper, false), alpha));
	}
	return worst;
}

static void test_definition(void)
{
	static const double alphas[] = { 0.4, 0.05, 0.001 };
	double worst = 0;
	int n, i;

	for (i = 0; i < 3; i++)
		for (n = 1; n < 40; n++)
			worst = fmax(worst, worst_tail(n, alphas[i]));
	ok(worst < 1e-9, "the tail is alpha at every limit up to 39: error %.1e", worst);
}

/* More of them at risk: both limits rise. More copies with as many at risk: both fall. */
static int out_of_order(__u64 k, __u64 n)
{
	const double l = binomial__lower(k, n, 0.05), u = binomial__upper(k, n, 0.05);
	const double rate = (double)k / (double)n;
	int wrong = 0;

	wrong += !(l >= 0 && l <= rate && rate <= u && u <= 1);
	wrong += fabs(binomial__lower(n - k, n, 0.05) - (1 - u)) > 1e-13;
	if (k)
		wrong += !(l < rate) + !(binomial__lower(k, n + 1, 0.05) < l) +
			 !(binomial__lower(k, n, 0.01) < l);
	if (k < n)
		wrong += !(rate < u) + !(binomial__upper(k, n + 1, 0.05) < u) +
			 !(binomial__upper(k, n, 0.01) > u) +
			 !(binomial__lower(k + 1, n, 0.05) > l) +
			 !(binomial__upper(k + 1, n, 0.05) > u);
	return wrong;
}

static void test_order(void)
{
	int wrong = 0;
	__u64 n, k;

	for (n = 1; n < 1000000000ULL; n = n * 3 + 1)
		for (k = 0; k <= n; k = k * 2 + 1)
			wrong += out_of_order(k, n);
	is(wrong, 0, "limits contain the rate and follow k, n and alpha");
}

static void test_edges(void)
{
	ok(binomial__lower(0, 0, 0.05) == 0 && binomial__upper(0, 0, 0.05) == 1,
	   "nothing seen, nothing known");
	ok(error(binomial__upper(0, 1, 0.05), 0.95) < 1e-15, "0 of 1");
	ok(binomial__upper(7, 5, 0.05) == 1 && binomial__lower(7, 5, 0.05) ==
	   binomial__lower(5, 5, 0.05), "more than all counts as all");
	ok(binomial__upper(0, ~0ULL, 0.05) > 0, "0 of the largest number");
}

int main(void)
{
	test_known();
	test_enough();
	test_definition();
	test_order();
	test_edges();
	return tap__done();
}
