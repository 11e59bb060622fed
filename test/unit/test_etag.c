/*
 * test_etag - If-None-Match against an entity tag.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "err.h"
#include "etag.h"

#define TAG	"\"a1,b2\""

static void	test_etag_matches(void **state);

static void
test_etag_matches(void **state)
{
	static const struct {
		const char	*header;
		bool		 is_match;
	}		 cases[] = {
		{ NULL, false },
		{ "", false },
		{ "*", true },
		{ "  * ", true },
		{ "*, \"x\"", false },
		{ TAG, true },
		{ " " TAG " ", true },
		{ "W/" TAG, true },
		{ "w/" TAG, false },
		{ "\"a1\"", false },
		{ "\"b2\"", false },
		{ "a1,b2", false },
		{ "\"a1,b2", false },
		{ "\"a1,b2x\"", false },
		{ "\"xa1,b2\"", false },
		{ "\"x\", " TAG, true },
		{ "\"x\",W/\"y\"," TAG ",\"z\"", true },
		{ "\"x\", , " TAG, true },
		{ "\"\"," TAG, true },
		{ "\"x\" y " TAG, false },
		{ "\"x\", y, " TAG, false },
		{ "W/", false },
		{ "\"", false },
	};
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		if (etag_matches(cases[i].header, TAG) != cases[i].is_match)
			fail_msg("case %zu: %s", i, cases[i].header);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_etag_matches),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
