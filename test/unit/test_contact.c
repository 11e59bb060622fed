/*
 * test_contact - e-mail addresses and mobile numbers in their normal form, and
 * what is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "contact.h"

#define A50	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A60	A50 "aaaaaaaaaa"
#define LABEL63	A60 "aaa"

static void	contact_masked(void **state);
static void	email_good_table(void **state);
static void	email_bad_table(void **state);
static void	email_lengths(void **state);
static void	email_every_ascii(void **state);
static void	phone_good_table(void **state);
static void	phone_bad_table(void **state);
static void	phone_bad_cc(void **state);
static void	contact_table(void **state);

static void
email_good_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*out;
	} t[] = {
		{ "a@b.c", "a@b.c" },
		{ "ada@example.com", "ada@example.com" },
		{ "Ada.Lovelace@Example.COM", "ada.lovelace@example.com" },
		{ "  ada@example.com\t\r\n", "ada@example.com" },
		{ "ada+tag@example.co.in", "ada+tag@example.co.in" },
		{ "!#$%&'*+-/=?^_`{|}~@x.y", "!#$%&'*+-/=?^_`{|}~@x.y" },
		{ "1@2.3a", "1@2.3a" },
		{ "a.b.c@d-e.f--g.hi", "a.b.c@d-e.f--g.hi" },
		{ "root@localhost", "root@localhost" },
		{ "x@xn--mnchen-3ya.de", "x@xn--mnchen-3ya.de" },
		{ "x@123.com", "x@123.com" },
		/* RFC 6531: only ASCII changes its case. */
		{ "J\xc3\xb6rg@example.com", "j\xc3\xb6rg@example.com" },
		{ "\xc3\x96@example.com", "\xc3\x96@example.com" },
		{ "\xe7\x94\xa8\xe6\x88\xb7@example.com",
		    "\xe7\x94\xa8\xe6\x88\xb7@example.com" },
		{ "\xf0\x9f\x98\x80@example.com",
		    "\xf0\x9f\x98\x80@example.com" },
	};
	char	out[EMAIL_MAX_LEN + 1], again[EMAIL_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (email_normalise(t[i].in, strlen(t[i].in), out) != ERR_OK)
			fail_msg("'%s' was refused", t[i].in);
		assert_string_equal(out, t[i].out);
		assert_int_equal(email_normalise(out, strlen(out), again),
		    ERR_OK);
		assert_string_equal(out, again);
	}
}

static void
email_bad_table(void **state)
{
	static const char *const	t[] = {
		"", " ", "@", "a@", "@b", "a", "a.b.c", "a@@b", "a@b@c",
		".a@b.c", "a.@b.c", "a..b@c.d", "a b@c.d", "a\tb@c.d",
		"a@b c.d", "a@ b.c", "a @b.c", "\"a b\"@c.d", "a(x)@b.c",
		"<a@b.c>", "Ada <a@b.c>", "mailto:a@b.c", "a,b@c.d", "a;b@c.d",
		"a:b@c.d", "a\\b@c.d", "a[b@c.d", "a@b.c,d@e.f",
		"a@.b", "a@b.", "a@b..c", "a@-b.c", "a@b-.c", "a@b.-c",
		"a@b.c-", "a@b_c.d", "a@b!c.d", "a@[127.0.0.1]", "a@127.0.0.1",
		"a@1", "a@b.1", "a@b.c\n.d", "a\r\nBcc: x@b.c", "a\x7f@b.c",
		"a@m\xc3\xbcnchen.de",
		/* not UTF-8; overlong; surrogate; beyond Unicode */
		"\xff@b.c", "a\xc3@b.c", "\x80@b.c", "\xc0\xaf@b.c",
		"\xed\xa0\x80@b.c", "\xf4\x90\x80\x80@b.c",
		/* NEL, no-break space, zero width, right-to-left override */
		"a\xc2\x85@b.c", "a\xc2\xa0@b.c", "a\xe2\x80\x8b@b.c",
		"a\xe2\x80\xae@b.c", "a\xe2\x80\xa8@b.c",
		/* private use, unassigned */
		"a\xee\x80\x80@b.c", "a\xcd\xb8@b.c",
	};
	char	out[EMAIL_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		memset(out, 'x', sizeof(out));
		if (email_normalise(t[i], strlen(t[i]), out) != ERR_FORMAT)
			fail_msg("'%s' was taken", t[i]);
		assert_string_equal(out, "");
	}
	assert_int_equal(email_normalise("a@b.c\0", 6, out), ERR_FORMAT);
	assert_int_equal(email_normalise("a\0@b.c", 6, out), ERR_FORMAT);
	assert_int_equal(email_normalise("a@b.cd", 5, out), ERR_OK);
	assert_string_equal(out, "a@b.c");
}

static void
email_lengths(void **state)
{
	static const struct {
		const char	*in;
		enum err	 want;
	} t[] = {
		/* 64 and 65 before the '@' */
		{ A60 "aaaa@b.c", ERR_OK },
		{ A60 "aaaaa@b.c", ERR_TOO_LONG },
		/* labels of 63 and 64 */
		{ "a@" LABEL63 ".c", ERR_OK },
		{ "a@a" LABEL63 ".c", ERR_FORMAT },
		/* 254 and 255 in all */
		{ A60 "@" LABEL63 "." LABEL63 "." LABEL63 ".a", ERR_OK },
		{ A60 "@" LABEL63 "." LABEL63 "." LABEL63 ".aa", ERR_TOO_LONG },
		{ "  " A60 "@" LABEL63 "." LABEL63 "." LABEL63 ".a  ", ERR_OK },
	};
	char	out[EMAIL_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (email_normalise(t[i].in, strlen(t[i].in), out) !=
		    t[i].want)
			fail_msg("row %zu", i);
	}
	assert_int_equal(strlen(t[4].in), EMAIL_MAX_LEN);
}

/* RFC 5322 atext, byte for byte. */
static void
email_every_ascii(void **state)
{
	static const char	atext[] = "!#$%&'*+-/=?^_`{|}~0123456789"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char	in[] = "a?b@c.d", out[EMAIL_MAX_LEN + 1];
	int	c;

	(void)state;
	for (c = 0; c < 0x80; c++) {
		in[1] = (char)c;
		assert_int_equal(email_normalise(in, 7, out),
		    (c != 0 && strchr(atext, c) != NULL) || c == '.' ?
		    ERR_OK : ERR_FORMAT);
	}
}

static void
phone_good_table(void **state)
{
	static const struct {
		const char	*in;
		const char	*cc;
		const char	*out;
	} t[] = {
		{ "+919876543210", "91", "+919876543210" },
		{ "+919876543210", "1", "+919876543210" },
		{ "+919876543210", NULL, "+919876543210" },
		{ "9876543210", "91", "+919876543210" },
		{ "09876543210", "91", "+919876543210" },
		{ "00919876543210", "1", "+919876543210" },
		{ "0044 20 7946 0958", "91", "+442079460958" },
		{ "+44 20 7946 0958", "91", "+442079460958" },
		{ "(202) 555-0143", "1", "+12025550143" },
		{ "202.555.0143", "1", "+12025550143" },
		{ "[202]-555-0143", "1", "+12025550143" },
		{ "  98765 43210  ", "91", "+919876543210" },
		{ "\t98765-43210\n", "91", "+919876543210" },
		{ "(+91) 98765 43210", "91", "+919876543210" },
		{ "+ 91 9876543210", "91", "+919876543210" },
		{ "(0)9876543210", "91", "+919876543210" },
		{ "1512345678", "353", "+3531512345678" },
		/* 8 and 15 digits */
		{ "+12345678", "91", "+12345678" },
		{ "+123456789012345", "91", "+123456789012345" },
		{ "1234567890123", "91", "+911234567890123" },
		{ "00123456789012345", "91", "+123456789012345" },
		{ "123456", "91", "+91123456" },
	};
	char	out[PHONE_MAX_LEN + 1], again[PHONE_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if (phone_normalise(t[i].in, strlen(t[i].in), t[i].cc, out) !=
		    ERR_OK)
			fail_msg("'%s' was refused", t[i].in);
		assert_string_equal(out, t[i].out);
		assert_int_equal(phone_normalise(out, strlen(out), "49",
		    again), ERR_OK);
		assert_string_equal(out, again);
	}
}

static void
phone_bad_table(void **state)
{
	static const struct {
		const char	*in;
		enum err	 want;
	} t[] = {
		{ "", ERR_FORMAT },
		{ " ", ERR_FORMAT },
		{ "+", ERR_FORMAT },
		{ "-", ERR_FORMAT },
		{ "()", ERR_FORMAT },
		{ "abc", ERR_FORMAT },
		{ "98765x43210", ERR_FORMAT },
		{ "98765/43210", ERR_FORMAT },
		{ "98765,43210", ERR_FORMAT },
		{ "++919876543210", ERR_FORMAT },
		{ "+91+9876543210", ERR_FORMAT },
		{ "9876543210+", ERR_FORMAT },
		{ "9876543210 ext 5", ERR_FORMAT },
		{ "tel:+919876543210", ERR_FORMAT },
		{ "+91\xc2\xa0" "9876543210", ERR_FORMAT },
		{ "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4", ERR_FORMAT },
		{ "\xef\xbc\x8b" "919876543210", ERR_FORMAT },
		{ "+1234567", ERR_RANGE },
		{ "+1234567890123456", ERR_RANGE },
		{ "12345678901234", ERR_RANGE },
		{ "12345", ERR_RANGE },
		{ "0", ERR_RANGE },
		{ "00", ERR_RANGE },
		{ "000", ERR_RANGE },
		{ "+09876543210", ERR_RANGE },
		{ "+00919876543210", ERR_RANGE },
		{ "0009876543210", ERR_RANGE },
		{ "00123456789012345678", ERR_RANGE },
		{ "11111111111111111111111111111111111111111111", ERR_RANGE },
	};
	char	out[PHONE_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		memset(out, 'x', sizeof(out));
		if (phone_normalise(t[i].in, strlen(t[i].in), "91", out) !=
		    t[i].want)
			fail_msg("'%s'", t[i].in);
		assert_string_equal(out, "");
	}
	assert_int_equal(phone_normalise("9876543210\0", 11, "91", out),
	    ERR_FORMAT);
	assert_int_equal(phone_normalise("98765432109", 10, "91", out),
	    ERR_OK);
	assert_string_equal(out, "+919876543210");
}

static void
phone_bad_cc(void **state)
{
	static const char *const	t[] = {
		NULL, "", "0", "091", "+91", "9a", "1234", " 91",
	};
	char	out[PHONE_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(phone_normalise("9876543210", 10, t[i], out),
		    ERR_FORMAT);
}

static void
contact_table(void **state)
{
	static const struct {
		const char		*in;
		enum err		 want;
		enum contact_kind	 kind;
		const char		*text;
	} t[] = {
		{ " Ada@Example.com ", ERR_OK, CONTACT_EMAIL,
		    "ada@example.com" },
		{ "9876543210", ERR_OK, CONTACT_PHONE, "+919876543210" },
		{ " +44 20 7946 0958 ", ERR_OK, CONTACT_PHONE,
		    "+442079460958" },
		{ "@", ERR_FORMAT, CONTACT_EMAIL, "" },
		{ "9876543210@", ERR_FORMAT, CONTACT_EMAIL, "" },
		{ "ada", ERR_FORMAT, CONTACT_PHONE, "" },
		{ "", ERR_FORMAT, CONTACT_PHONE, "" },
		{ "123", ERR_RANGE, CONTACT_PHONE, "" },
		{ A60 "aaaaa@b.c", ERR_TOO_LONG, CONTACT_EMAIL, "" },
	};
	char		long_text[IDENTIFIER_MAX_LEN + 2];
	struct contact	c;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(contact_parse(t[i].in, strlen(t[i].in), "91",
		    &c), t[i].want);
		assert_int_equal(c.kind, t[i].kind);
		assert_string_equal(c.text, t[i].text);
	}
	memset(long_text, '1', sizeof(long_text));
	assert_int_equal(contact_parse(long_text, sizeof(long_text), "91", &c),
	    ERR_TOO_LONG);
}

static void
contact_masked(void **state)
{
	static const struct {
		const char	*contact, *mask;
	}	v[] = {
		{ "asha@example.org", "a***@example.org" },
		{ "a@b.example", "a***@b.example" },
		{ "\xc3\xa9t\xc3\xa9@example.org", "\xc3\xa9***@example.org" },
		{ "+919876543210", "+91********10" },
		{ "+12345678", "+12****78" }, { "+1234567", "********" },
		{ "", "" },
	};
	char	out[CONTACT_MASK_LEN + 1], longest[EMAIL_MAX_LEN + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(v); i++) {
		contact_mask(v[i].contact, out);
		assert_string_equal(out, v[i].mask);
	}
	memset(longest, 'a', sizeof(longest));
	longest[1] = '@';
	longest[EMAIL_MAX_LEN] = '\0';
	contact_mask(longest, out);
	assert_int_equal(strlen(out), CONTACT_MASK_LEN);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(email_good_table),
		cmocka_unit_test(email_bad_table),
		cmocka_unit_test(email_lengths),
		cmocka_unit_test(email_every_ascii),
		cmocka_unit_test(phone_good_table),
		cmocka_unit_test(phone_bad_table),
		cmocka_unit_test(phone_bad_cc),
		cmocka_unit_test(contact_table),
		cmocka_unit_test(contact_masked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
