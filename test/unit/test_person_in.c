/*
 * test_person_in - what administrators send about people, and their filters.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "person_in.h"

#define APP	"\"01900000-0000-7000-8000-000000000000\""

static void	body_table(void **state);
static void	filter_table(void **state);

static void
body_table(void **state)
{
	static const struct {
		const char	*in;
		bool		 is_new;
		const char	*want;		/* fields, NULL: refused */
	} t[] = {
		{ "{\"name\":\" A \",\"x\":1}", true, "{\"name\":\"A\"}" },
		{ "{}", true, NULL },
		{ "{}", false, "{}" },
		{ "{\"name\":null}", false, NULL },
		{ "{\"name\":\" \"}", true, NULL },
		{ "{\"email\":\"\"}", false, "{\"email\":null}" },
		{ "{\"email\":null}", false, "{\"email\":null}" },
		{ "{\"email\":5}", false, NULL },
		{ "{\"mfa_enabled\":true,\"is_admin\":false}", false,
		    "{\"is_admin\":false,\"mfa_enabled\":true}" },
		{ "{\"mfa_enabled\":null}", false, NULL },
		{ "{\"applications\":[" APP "]}", false,
		    "{\"applications\":[" APP "]}" },
		{ "{\"applications\":[1]}", false, NULL },
		{ "{\"applications\":null}", false, NULL },
		{ "{\"password\":\"p\"}", false, NULL },
		{ "{\"name\":\"A\",\"password\":\"p\"}", true,
		    "{\"name\":\"A\"}" },
		{ "{\"name\":\"A\",\"password\":\"\"}", true, NULL },
	};
	struct person_in	 p;
	json_t			*o;
	char			 text[500];
	size_t			 i, n;
	enum err		 r;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		o = json_loads(t[i].in, 0, NULL);
		r = person_in_read(o, "91", t[i].is_new, &p);
		n = json_dumpb(p.fields, text, sizeof(text) - 1,
		    JSON_COMPACT | JSON_SORT_KEYS);
		text[n] = '\0';
		if ((r == ERR_OK) != (t[i].want != NULL) ||
		    (p.errors != NULL) != (t[i].want == NULL) ||
		    (r == ERR_OK && strcmp(text, t[i].want) != 0))
			fail_msg("%s: %s", t[i].in, text);
		person_in_clear(&p);
		json_decref(o);
	}
}

static void
filter_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*want;
	} t[] = {
		{ "{}", "{}" }, { "{\"status\":\"active\"}",
		    "{\"status\":\"active\"}" },
		{ "{\"admin\":true,\"never\":false,\"q\":\"\"}",
		    "{\"admin\":\"1\"}" },
		{ "{\"inactive_days\":30}", "{\"inactive_days\":\"30\"}" },
		{ "{\"inactive_days\":0}", NULL },
		{ "{\"mfa\":\"totp\",\"q\":\"  ab \"}",
		    "{\"mfa\":\"totp\",\"q\":\"ab\"}" },
		{ "{\"q\":\"a\"}", NULL }, { "{\"app\":" APP "}",
		    "{\"app\":" APP "}" },
		{ "{\"app\":\"x\"}", NULL }, { "{\"import\":{}}", NULL },
	};
	json_t		*o, *filters, *errors;
	char		 text[500];
	size_t		 i, n;
	enum err	 r;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		o = json_loads(t[i].in, 0, NULL);
		r = person_filter_json(o, &filters, &errors);
		if ((r == ERR_OK) != (t[i].want != NULL))
			fail_msg("%s", t[i].in);
		if (r == ERR_OK) {
			n = json_dumpb(filters, text, sizeof(text) - 1,
			    JSON_COMPACT | JSON_SORT_KEYS);
			text[n] = '\0';
			assert_string_equal(text, t[i].want);
		}
		json_decref(filters);
		json_decref(errors);
		json_decref(o);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(body_table),
		cmocka_unit_test(filter_table),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
