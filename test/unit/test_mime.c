/*
 * test_mime - messages that no mail server has to touch, and into which
 * nobody can write a header.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "clock.h"
#include "mime.h"

static void	mime_plain_text(void **state);
static void	mime_alternative(void **state);
static void	mime_injection(void **state);
static void	mime_mailboxes(void **state);
static void	mime_encoded_words(void **state);
static void	mime_quoted_lines(void **state);
static void	mime_dates(void **state);

static struct mime_mail
mime_of(const char *subject, const char *text, const char *html)
{
	struct mime_mail	m = {
		.from = "Acme <codes@example.com>", .to = "asha@example.org",
		.subject = subject, .text = text, .html = html,
		.now_us = INT64_C(1795726373) * US_PER_S,
	};

	assert_int_equal(uuid_parse("0190b1c2-0000-7000-8000-000000000001",
	    UUID_TEXT_LEN, &m.id), ERR_OK);
	return (m);
}

/* Lines end in CRLF, are short, and begin with nothing dangerous. */
static void
mime_check_lines(const char *s)
{
	const char	*end;

	for (; *s != '\0'; s = end + 2) {
		end = strpbrk(s, "\r\n");
		assert_non_null(end);
		assert_memory_equal(end, "\r\n", 2);
		assert_true(end - s <= 78 || *s == ' ');
		assert_true(s[0] != '.');
		assert_true(strncmp(s, "From ", 5) != 0);
	}
}

static void
mime_plain_text(void **state)
{
	struct mime_mail	m = mime_of("Your code",
				    "Code 123456\nBye", NULL);
	struct buf		b;

	(void)state;
	m.reply_to = "help@example.com";
	buf_init(&b, MIME_MAX);
	assert_int_equal(mime_build(&m, &b), ERR_OK);
	assert_string_equal(b.data,
	    "Date: Thu, 26 Nov 2026 20:52:53 +0000\r\n"
	    "From: \"Acme\"\r\n <codes@example.com>\r\n"
	    "To: <asha@example.org>\r\n"
	    "Reply-To: <help@example.com>\r\n"
	    "Message-ID:\r\n"
	    " <0190b1c2-0000-7000-8000-000000000001@example.com>\r\n"
	    "Subject: Your code\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "X-Auto-Response-Suppress: All\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n\r\n"
	    "Code 123456\r\nBye\r\n");
	buf_clear(&b);
	buf_init(&b, 100);
	assert_int_equal(mime_build(&m, &b), ERR_SPACE);
	buf_clear(&b);
}

static void
mime_alternative(void **state)
{
	struct mime_mail	m = mime_of("", "é", "<p>é</p>");
	struct buf		b;

	(void)state;
	buf_init(&b, MIME_MAX);
	assert_int_equal(mime_build(&m, &b), ERR_OK);
	assert_null(strstr(b.data, "Subject"));
	assert_non_null(strstr(b.data,
	    "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"=_0190b1c2-0000-7000-8000-000000000001\"\r\n\r\n"
	    "--=_0190b1c2-0000-7000-8000-000000000001\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "=C3=A9\r\n"
	    "--=_0190b1c2-0000-7000-8000-000000000001\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	    "<p>=C3=A9</p>\r\n"
	    "--=_0190b1c2-0000-7000-8000-000000000001--\r\n"));
	mime_check_lines(b.data);
	buf_clear(&b);
}

static void
mime_injection(void **state)
{
	static const char *const	evil[] = {
		"x\r\nBcc: all@evil.com", "x\nBcc: all@evil.com",
		"x\rBcc: all@evil.com", "x\r\n\r\nBcc: body", "\nBcc: a",
		"é\r\nBcc: all@evil.com",
	};
	struct mime_mail		m;
	struct buf			b;
	size_t				i;

	(void)state;
	for (i = 0; i < COUNT(evil); i++) {
		m = mime_of(evil[i], "t", NULL);
		buf_init(&b, MIME_MAX);
		assert_int_equal(mime_build(&m, &b), ERR_OK);
		assert_null(strstr(b.data, "\nBcc"));
		assert_null(strstr(b.data, "\rBcc"));
		mime_check_lines(b.data);
		buf_reset(&b);
		m = mime_of("s", "t", NULL);
		m.to = evil[i];
		assert_int_equal(mime_build(&m, &b), ERR_FORMAT);
		m.to = "a@b.c";
		m.from = evil[i];
		assert_int_equal(mime_build(&m, &b), ERR_FORMAT);
		m.from = "a@b.c";
		m.reply_to = evil[i];
		assert_int_equal(mime_build(&m, &b), ERR_FORMAT);
		buf_clear(&b);
	}
}

static void
mime_mailboxes(void **state)
{
	static const struct {
		const char	*s, *addr, *name;	/* NULL: refused */
	} t[] = {
		{ "a@b.c", "a@b.c", "" }, { "<a@b.c>", "a@b.c", "" },
		{ "  Acme Inc  <A@B.C> ", "a@b.c", "Acme Inc" },
		{ "\"Acme, Inc\" <a@b.c>", "a@b.c", "Acme, Inc" },
		{ "\"A \\\"b\\\"\" <a@b.c>", "a@b.c", "A \"b\"" },
		{ "\"<x@y.z>\" <a@b.c>", "a@b.c", "<x@y.z>" },
		{ "Ünï <a@b.c>", "a@b.c", "Ünï" },
		{ "", NULL, NULL }, { "Acme", NULL, NULL },
		{ "Acme <a@b.c", NULL, NULL }, { "Acme a@b.c>", NULL, NULL },
		{ "Acme <a@b.c> x", NULL, NULL },
		{ "<x@y.z> <a@b.c>", NULL, NULL },
		{ "A\"b <a@b.c>", NULL, NULL },
		{ "A\tb <a@b.c>", NULL, NULL }, { "A <ü@b.c>", NULL, NULL },
		{ "a@b.c, d@e.f", NULL, NULL }, { "\xff <a@b.c>", NULL, NULL },
		{ "<", NULL, NULL }, { ">", NULL, NULL }, { "<>", NULL, NULL },
	};
	char	addr[EMAIL_MAX_LEN + 1], name[MIME_NAME_MAX + 1];
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		if ((mime_mailbox(t[i].s, addr, name) == ERR_OK) !=
		    (t[i].addr != NULL))
			fail_msg("%s", t[i].s);
		assert_string_equal(addr, t[i].addr == NULL ? "" : t[i].addr);
		assert_string_equal(name, t[i].name == NULL ? "" : t[i].name);
	}
}

static void
mime_encoded_words(void **state)
{
	static const struct {
		const char	*subject, *line;
	} t[] = {
		{ "é", "Subject: =?UTF-8?B?w6k=?=\r\n" },
		{ "=?UTF-8?B?w6k=?=",
		    "Subject: =?UTF-8?B?PT9VVEYtOD9CP3c2az0/PQ==?=\r\n" },
		/* 14 of three bytes fit the first word, whole */
		{ "ककककककककककककककक",
		    "Subject: =?UTF-8?B?4KSV4KSV4KSV4KSV4KSV4KSV4KSV4KSV4KSV"
		    "4KSV"
		    "4KSV4KSV4KSV?=\r\n =?UTF-8?B?4KSV4KSV?=\r\n" },
	};
	struct mime_mail	m;
	struct buf		b;
	char			s[600];
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		m = mime_of(t[i].subject, "t", NULL);
		buf_init(&b, MIME_MAX);
		assert_int_equal(mime_build(&m, &b), ERR_OK);
		if (strstr(b.data, t[i].line) == NULL)
			fail_msg("%s", b.data);
		mime_check_lines(b.data);
		buf_clear(&b);
	}
	/* Long ASCII is folded in the same way; no line is over 76. */
	memset(s, 'a', sizeof(s));
	s[sizeof(s) - 1] = '\0';
	m = mime_of(s, "t", NULL);
	buf_init(&b, MIME_MAX);
	assert_int_equal(mime_build(&m, &b), ERR_OK);
	mime_check_lines(b.data);
	buf_clear(&b);
}

static void
mime_quoted_lines(void **state)
{
	static const struct {
		const char	*text, *body;
	} t[] = {
		{ ".\n..x", "=2E\r\n=2E.x\r\n" },
		{ "From me", "=46rom me\r\n" },
		{ "-- \nx", "=2D-=20\r\nx\r\n" },
		{ "a \nb\t", "a=20\r\nb=09\r\n" },
		{ "é=1", "=C3=A9=3D1\r\n" },
		{ "é\r\nb\rc", "=C3=A9\r\nbc\r\n" },
		{ "\x01é", "=01=C3=A9\r\n" },
	};
	struct mime_mail	m;
	struct buf		b;
	char			s[1000];
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		m = mime_of("s", t[i].text, NULL);
		buf_init(&b, MIME_MAX);
		assert_int_equal(mime_build(&m, &b), ERR_OK);
		assert_string_equal(strstr(b.data, "\r\n\r\n") + 4,
		    t[i].body);
		buf_clear(&b);
	}
	/* A soft line break puts each character in front once. */
	for (i = 0; i < sizeof(s) - 1; i++)
		s[i] = "..F-x"[i % 5];
	s[sizeof(s) - 1] = '\0';
	m = mime_of("s", s, NULL);
	buf_init(&b, MIME_MAX);
	assert_int_equal(mime_build(&m, &b), ERR_OK);
	mime_check_lines(b.data);
	buf_clear(&b);
}

static void
mime_dates(void **state)
{
	static const struct {
		int64_t		 s;
		const char	*date;
	} t[] = {
		{ 0, "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n" },
		{ 951782400, "Date: Tue, 29 Feb 2000 00:00:00 +0000\r\n" },
		{ 4102444799, "Date: Thu, 31 Dec 2099 23:59:59 +0000\r\n" },
	};
	struct mime_mail	m = mime_of("s", "t", NULL);
	struct buf		b;
	size_t			i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		m.now_us = t[i].s * US_PER_S;
		buf_init(&b, MIME_MAX);
		assert_int_equal(mime_build(&m, &b), ERR_OK);
		assert_memory_equal(b.data, t[i].date, strlen(t[i].date));
		buf_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(mime_plain_text),
		cmocka_unit_test(mime_alternative),
		cmocka_unit_test(mime_injection),
		cmocka_unit_test(mime_mailboxes),
		cmocka_unit_test(mime_encoded_words),
		cmocka_unit_test(mime_quoted_lines),
		cmocka_unit_test(mime_dates),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
