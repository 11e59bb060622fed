/*
 * test_coding - Accept-Encoding.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "coding.h"
#include "err.h"

#define BOTH	(CODING_GZIP | CODING_BR)

static void	test_coding_accepted(void **state);

static void
test_coding_accepted(void **state)
{
	static const struct {
		const char	*header;
		unsigned int	 accepted;
	}		 cases[] = {
		{ NULL, 0 },
		{ "", 0 },
		{ "identity", 0 },
		{ "gzip, deflate, br, zstd", BOTH },
		{ "gzip", CODING_GZIP },
		{ "GZip", CODING_GZIP },
		{ "br;q=1.0, gzip;q=0.8, *;q=0.1", BOTH },
		{ "*", BOTH },
		{ "*;q=0", 0 },
		{ "*;q=0, gzip", CODING_GZIP },
		{ "*, br;q=0", CODING_GZIP },
		{ "br;q=0.000,gzip", CODING_GZIP },
		{ "br ; q=0.001", CODING_BR },
		{ "br;q=1", CODING_BR },
		{ "gzip;Q=0", 0 },
		{ "xgzip, brr, b", 0 },
		{ " ,, br ,", CODING_BR },
		{ "gzip;level=9, br", 0 },
		{ "br, gzip;q=", CODING_BR },
		{ "br, gzip;q=2", CODING_BR },
		{ "br, gzip;q=1x", CODING_BR },
		{ "br gzip", 0 },
		{ ";", 0 },
	};
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		if (coding_accepted(cases[i].header) != cases[i].accepted)
			fail_msg("case %zu: %s: %u", i, cases[i].header,
			    coding_accepted(cases[i].header));
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_coding_accepted),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
