/*
 * test_delivery - the order of providers, and what follows each attempt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "clock.h"
#include "delivery.h"
#include "err.h"
#include "placeholder.h"

#define NOW	(INT64_C(1700000000) * US_PER_S)

static void	delivery_routes(void **state);
static void	delivery_route_cut(void **state);
static void	delivery_steps(void **state);
static void	delivery_jitter(void **state);
static void	delivery_ends(void **state);

/* Providers by a letter: g h generic (h: India only), o one that carries codes
 * alone, f fast2sms otp, c carrier, m n smtp; '-' disabled, '!' paused. */
static size_t
delivery_providers(const char *s, struct provider p[16],
    struct delivery_provider d[16], char names[16])
{
	size_t	n = 0;

	memset(p, 0, sizeof(*p) * 16);
	memset(d, 0, sizeof(*d) * 16);
	for (; *s != '\0'; s++) {
		if (*s == '-') {
			p[n - 1].is_enabled = false;
			continue;
		}
		if (*s == '!') {
			d[n - 1].paused_until_us = NOW + 1;
			continue;
		}
		if (*s >= '0' && *s <= '9') {
			p[n - 1].priority = *s - '0';
			continue;
		}
		p[n].is_enabled = true;
		p[n].priority = 5;
		p[n].type = *s == 'f' ? PROVIDER_FAST2SMS :
		    *s == 'c' ? PROVIDER_CARRIER_EMAIL :
		    *s == 'm' || *s == 'n' ? PROVIDER_SMTP : PROVIDER_GENERIC;
		p[n].u.generic.used = p[n].type != PROVIDER_GENERIC ? 0 :
		    *s == 'o' ? PH_BIT(PH_CODE) : PH_BIT(PH_MESSAGE);
		if (*s == 'h') {
			memcpy(p[n].countries[0], "91", 3);
			p[n].n_countries = 1;
		}
		if (*s == 'f')
			p[n].u.fast2sms.route = F2S_OTP;
		d[n].p = &p[n];
		names[n++] = *s;
	}
	return (n);
}

static void
delivery_routes(void **state)
{
	static const struct {
		const char		*providers;
		const char		*who;	/* m e c: what the person has */
		const char		*what;	/* s e, c: code, f: fall-back */
		const char		*order;	/* M: the smtp provider m, as e-mail */
		enum delivery_none	 why;
	} t[] = {
		{ "g", "m", "sc", "g", DELIVERY_FOUND },
		{ "g5o3h4", "m", "sc", "ohg", DELIVERY_FOUND },
		{ "g5h5", "m", "sc", "gh", DELIVERY_FOUND },
		{ "g5h3!", "m", "sc", "gh", DELIVERY_FOUND },
		{ "g!", "m", "sc", "g", DELIVERY_FOUND },
		{ "g-h", "m", "sc", "h", DELIVERY_FOUND },
		{ "g-", "m", "sc", "", DELIVERY_NO_PROVIDER },
		{ "", "m", "sc", "", DELIVERY_NO_PROVIDER },
		{ "gm", "me", "sc", "g", DELIVERY_FOUND },
		{ "gmn1", "me", "scf", "gNM", DELIVERY_FOUND },
		{ "gm", "m", "scf", "g", DELIVERY_FOUND },
		{ "gm", "e", "scf", "M", DELIVERY_FOUND },
		{ "gm", "e", "sc", "", DELIVERY_NO_ADDRESS },
		{ "gm", "me", "ec", "M", DELIVERY_FOUND },
		{ "gm", "m", "ec", "", DELIVERY_NO_ADDRESS },
		{ "g", "me", "ec", "", DELIVERY_NO_PROVIDER },
		{ "mn1!", "e", "ec", "MN", DELIVERY_FOUND },
		{ "go", "m", "s", "g", DELIVERY_FOUND },
		{ "of", "m", "s", "", DELIVERY_NO_PROVIDER },
		{ "of", "m", "sc", "of", DELIVERY_FOUND },
		{ "c", "mc", "sc", "", DELIVERY_CARRIER_ALONE },
		{ "cm", "mce", "sc", "", DELIVERY_CARRIER_ALONE },
		{ "cm", "mce", "scf", "cM", DELIVERY_FOUND },
		{ "c1g9", "mc", "sc", "gc", DELIVERY_FOUND },
		{ "cg", "m", "sc", "g", DELIVERY_FOUND },
		{ "h", "u", "sc", "", DELIVERY_NO_COUNTRY },
		{ "hg", "u", "sc", "g", DELIVERY_FOUND },
	};
	struct provider			 p[16];
	struct delivery_provider	 d[16];
	struct delivery_route		 r;
	char				 names[16], got[DELIVERY_ROUTE_MAX + 1];
	size_t				 i, k, n;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct delivery_ask	ask = {
			.mobile = strchr(t[i].who, 'm') ? "+919876543210" :
			    strchr(t[i].who, 'u') ? "+12125550100" : "",
			.email = strchr(t[i].who, 'e') ? "a@b.c" : "",
			.carrier = strchr(t[i].who, 'c') ? "verizon" : "",
			.now_us = NOW, .is_sms = t[i].what[0] == 's',
			.is_code = strchr(t[i].what, 'c') != NULL,
			.email_fallback = strchr(t[i].what, 'f') != NULL,
		};

		n = delivery_providers(t[i].providers, p, d, names);
		delivery_route(d, n, &ask, &r);
		for (k = 0; k < r.n; k++)
			got[k] = r.hop[k].is_email ?
			    (char)(names[r.hop[k].i] - 'a' + 'A') :
			    names[r.hop[k].i];
		got[r.n] = '\0';
		if (strcmp(got, t[i].order) != 0 || r.why != t[i].why)
			fail_msg("%s %s %s: %s (%s)", t[i].providers,
			    t[i].who, t[i].what, got,
			    delivery_none_text(r.why));
		assert_int_equal(delivery_none_text(r.why)[0] == '\0',
		    r.why == DELIVERY_FOUND);
	}
}

/* Of more than fit, the best stay. */
static void
delivery_route_cut(void **state)
{
	struct provider			 p[32];
	struct delivery_provider	 d[32];
	struct delivery_route		 r;
	const struct delivery_ask	 ask = {
		.mobile = "+919876543210", .email = "", .carrier = "",
		.now_us = NOW, .is_sms = true, .is_code = true,
	};
	size_t				 i;

	(void)state;
	memset(p, 0, sizeof(p));
	memset(d, 0, sizeof(d));
	for (i = 0; i < 32; i++) {
		p[i].is_enabled = true;
		p[i].priority = 100 - (int)i;
		d[i].p = &p[i];
	}
	delivery_route(d, 32, &ask, &r);
	assert_int_equal(r.n, DELIVERY_ROUTE_MAX);
	for (i = 0; i < r.n; i++)
		assert_int_equal(r.hop[i].i, 31 - i);
}

static void
delivery_steps(void **state)
{
	static const struct {
		enum verdict_kind	kind;
		int			attempts, tries;
		bool			has_next, is_wrap;
		enum delivery_step	step;
		bool			waits;
		int			pause_s;
	} t[] = {
		{ VERDICT_OK, 1, 1, true, false, DELIVERY_DONE, false, 0 },
		{ VERDICT_RETRY, 1, 1, true, false, DELIVERY_SAME, true, 0 },
		{ VERDICT_RETRY, 2, 2, true, false, DELIVERY_NEXT, false, 0 },
		{ VERDICT_RETRY, 4, 2, true, true, DELIVERY_NEXT, true, 0 },
		{ VERDICT_RETRY, 5, 5, false, false, DELIVERY_SAME, true, 0 },
		{ VERDICT_RETRY, DELIVERY_ATTEMPTS_MAX, 1, true, false,
		    DELIVERY_FAIL, false, 0 },
		{ VERDICT_USER, 1, 1, false, false, DELIVERY_FAIL, false, 0 },
		{ VERDICT_USER, 1, 1, true, false, DELIVERY_NEXT, false, 0 },
		{ VERDICT_USER, 3, 1, true, true, DELIVERY_FAIL, false, 0 },
		{ VERDICT_THROTTLED, 1, 1, true, false, DELIVERY_FAIL, false, 0 },
		{ VERDICT_CONFIG, 1, 1, true, false, DELIVERY_NEXT, false,
		    DELIVERY_PAUSE_S },
		{ VERDICT_CONFIG, 1, 1, false, false, DELIVERY_SAME, true,
		    DELIVERY_PAUSE_S },
		{ VERDICT_BALANCE, 1, 1, true, false, DELIVERY_NEXT, false,
		    DELIVERY_PAUSE_S },
		{ VERDICT_BALANCE, 2, 1, true, true, DELIVERY_NEXT, true,
		    DELIVERY_PAUSE_S },
	};
	struct delivery_next	n;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		const struct delivery_state	s = {
			.kind = t[i].kind, .attempts = t[i].attempts,
			.tries = t[i].tries, .has_next = t[i].has_next,
			.is_wrap = t[i].is_wrap, .now_us = NOW,
			.retries = PROVIDER_RETRIES,
			.backoff_ms = PROVIDER_BACKOFF_MS,
			.expires_us = NOW + 600 * US_PER_S,
		};

		delivery_decide(&s, &n);
		assert_int_equal(n.step, t[i].step);
		assert_int_equal(n.at_us > NOW, t[i].waits);
		assert_int_equal(n.pause_s, t[i].pause_s);
		assert_int_equal(n.is_alert, t[i].pause_s > 0);
	}
}

/* As often as the provider's document says, then the next; alone, again. */
static void
delivery_retries(void **state)
{
	struct delivery_state	s = {
		.kind = VERDICT_RETRY, .now_us = NOW, .attempts = 1,
		.backoff_ms = PROVIDER_BACKOFF_MS,
		.expires_us = NOW + 600 * US_PER_S,
	};
	struct delivery_next	n;

	(void)state;
	for (s.retries = 0; s.retries <= PROVIDER_RETRIES_MAX; s.retries++) {
		for (s.tries = 1; s.tries <= s.retries + 1; s.tries++) {
			s.has_next = true;
			delivery_decide(&s, &n);
			assert_int_equal(n.step, s.tries <= s.retries ?
			    DELIVERY_SAME : DELIVERY_NEXT);
			assert_int_equal(n.at_us > NOW, s.tries <= s.retries);
			s.has_next = false;
			delivery_decide(&s, &n);
			assert_int_equal(n.step, DELIVERY_SAME);
			assert_true(n.at_us > NOW);
		}
	}
}

/* The document's wait doubles; neither it nor doubling leaves the bounds. */
static void
delivery_backoff(void **state)
{
	static const struct {
		int	backoff_ms, attempts, most_ms;
	} t[] = {
		{ 200, 1, 200 }, { 200, 4, 1600 }, { 5000, 1, 5000 },
		{ 5000, 2, 10000 }, { 5000, 4, 30000 }, { 30000, 1, 30000 },
		{ 30000, DELIVERY_ATTEMPTS_MAX - 1, 30000 },
	};
	struct delivery_state	s = {
		.kind = VERDICT_RETRY, .tries = 1, .now_us = NOW,
		.retries = PROVIDER_RETRIES_MAX,
		.expires_us = NOW + 600 * US_PER_S,
	};
	struct delivery_next	n;
	int64_t			high;
	size_t			i;
	int			k;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		s.backoff_ms = t[i].backoff_ms;
		s.attempts = t[i].attempts;
		high = 0;
		for (k = 0; k < 400; k++) {
			delivery_decide(&s, &n);
			assert_true(n.at_us - NOW >= 200 * US_PER_MS);
			high = n.at_us - NOW > high ? n.at_us - NOW : high;
		}
		assert_true(high <= t[i].most_ms * US_PER_MS);
		assert_true(high > t[i].most_ms * US_PER_MS * 2 / 3);
	}
}

/* Uniform between 200 ms and the bound, which doubles up to 30 s. */
static void
delivery_jitter(void **state)
{
	struct delivery_state	s = {
		.kind = VERDICT_RETRY, .tries = 1, .now_us = NOW,
		.retries = PROVIDER_RETRIES, .backoff_ms = PROVIDER_BACKOFF_MS,
		.expires_us = NOW + 600 * US_PER_S,
	};
	struct delivery_next	n;
	int64_t			bound, low, high, wait;
	int			i;

	(void)state;
	for (s.attempts = 1; s.attempts < DELIVERY_ATTEMPTS_MAX; s.attempts++) {
		bound = s.attempts > 5 ? 30 : INT64_C(1) << (s.attempts - 1);
		low = INT64_MAX;
		high = 0;
		for (i = 0; i < 400; i++) {
			delivery_decide(&s, &n);
			wait = n.at_us - NOW;
			low = wait < low ? wait : low;
			high = wait > high ? wait : high;
		}
		assert_true(low >= 200 * US_PER_MS);
		assert_true(high <= bound * US_PER_S);
		/* 400 draws miss either third with odds under 1e-70 */
		assert_true(low < bound * US_PER_S / 3);
		assert_true(high > bound * US_PER_S * 2 / 3);
	}
	s.attempts = 1;
	s.retry_after_s = 20;
	delivery_decide(&s, &n);
	assert_int_equal(n.at_us - NOW, 20 * US_PER_S);
}

/* Never at or beyond the expiry; and every message comes to an end. */
static void
delivery_ends(void **state)
{
	struct delivery_state	s = { .kind = VERDICT_RETRY };
	const int		backoffs[] = { PROVIDER_BACKOFF_MIN_MS,
				    PROVIDER_BACKOFF_MS,
				    PROVIDER_BACKOFF_MAX_MS };
	struct delivery_next	n;
	int			round, steps;

	(void)state;
	for (round = 0; round < 200; round++) {
		s.attempts = s.tries = 1;
		s.has_next = round % 2 == 0;
		s.is_wrap = round % 3 == 0;
		s.kind = round % 5 == 0 ? VERDICT_CONFIG : VERDICT_RETRY;
		s.retries = round % (PROVIDER_RETRIES_MAX + 1);
		s.backoff_ms = backoffs[round % COUNT(backoffs)];
		s.now_us = NOW;
		s.expires_us = NOW + (round % 10) * 20 * US_PER_S;
		for (steps = 0; steps < 100; steps++) {
			delivery_decide(&s, &n);
			if (n.step != DELIVERY_SAME && n.step != DELIVERY_NEXT)
				break;
			assert_true(n.at_us < s.expires_us);
			assert_true(n.at_us >= s.now_us);
			s.tries = n.step == DELIVERY_SAME ? s.tries + 1 : 1;
			s.attempts++;
			s.now_us = n.at_us;
		}
		assert_true(n.step == DELIVERY_FAIL ||
		    n.step == DELIVERY_EXPIRE);
		assert_true(s.attempts <= DELIVERY_ATTEMPTS_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(delivery_routes),
		cmocka_unit_test(delivery_route_cut),
		cmocka_unit_test(delivery_steps),
		cmocka_unit_test(delivery_retries),
		cmocka_unit_test(delivery_backoff),
		cmocka_unit_test(delivery_jitter),
		cmocka_unit_test(delivery_ends),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
