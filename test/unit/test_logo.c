/*
 * test_logo - pictures: what is kept, what is left out, what is refused.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* memmem */
#endif

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "logo.h"

/* Two by two pixels and a text. */
static const char	a_png[] =
	    "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44"
	    "\x52\x00\x00\x00\x02\x00\x00\x00\x02\x08\x02\x00\x00\x00\xfd"
	    "\xd4\x9a\x73\x00\x00\x00\x03\x74\x45\x58\x74\x61\x00\x62\xdc"
	    "\x49\xa2\x3b\x00\x00\x00\x11\x49\x44\x41\x54\x78\x9c\x63\x48"
	    "\x4c\x4a\x4e\x49\x4d\x63\x80\x50\x00\x20\x91\x04\xab\x58\x13"
	    "\x93\x13\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";
/* With EXIF, and a byte behind its end. */
static const char	a_jpeg[] =
	    "\xff\xd8\xff\xe1\x00\x06\x45\x58\x49\x46\xff\xc0\x00\x0b\x08"
	    "\x00\x02\x00\x02\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00"
	    "\x00\x3f\x00\x01\x02\xff\x00\x03\xff\xd9\x78";
/* With EXIF. */
static const char	a_webp[] =
	    "\x52\x49\x46\x46\x1c\x00\x00\x00\x57\x45\x42\x50\x56\x50\x38"
	    "\x4c\x05\x00\x00\x00\x2f\x07\xc0\x01\x00\x00\x45\x58\x49\x46"
	    "\x02\x00\x00\x00\x61\x62";
/* Extended: flags of profile, alpha and EXIF. */
static const char	a_webpx[] =
	    "\x52\x49\x46\x46\x2e\x00\x00\x00\x57\x45\x42\x50\x56\x50\x38"
	    "\x58\x0a\x00\x00\x00\x1c\x00\x00\x00\x07\x00\x00\x07\x00\x00"
	    "\x56\x50\x38\x4c\x05\x00\x00\x00\x2f\x07\xc0\x01\x00\x00\x45"
	    "\x58\x49\x46\x02\x00\x00\x00\x61\x62";

static const struct {
	const char	*data;
	size_t		 len;
	const char	*type;
}	pictures[] = {
	{ a_png, sizeof(a_png) - 1, "image/png" },
	{ a_jpeg, sizeof(a_jpeg) - 1, "image/jpeg" },
	{ a_webp, sizeof(a_webp) - 1, "image/webp" },
	{ a_webpx, sizeof(a_webpx) - 1, "image/webp" },
};

static void	test_logo_clean(void **state);
static void	test_logo_cut(void **state);
static void	test_logo_refused(void **state);

static void
test_logo_clean(void **state)
{
	struct buf	out;
	size_t		i;

	(void)state;
	for (i = 0; i < COUNT(pictures); i++) {
		buf_init(&out, LOGO_BYTES_MAX);
		assert_string_equal(logo_type(pictures[i].data,
		    pictures[i].len), pictures[i].type);
		assert_int_equal(logo_clean(pictures[i].data, pictures[i].len,
		    &out), ERR_OK);
		assert_string_equal(logo_type(out.data, out.len),
		    pictures[i].type);
		assert_null(memmem(out.data, out.len, "EXIF", 4));
		assert_null(memmem(out.data, out.len, "tEXt", 4));
		buf_clear(&out);
	}
}

/* No beginning of a picture is one; the JPEG's last byte is not its own. */
static void
test_logo_cut(void **state)
{
	struct buf	out;
	size_t		i, n;

	(void)state;
	for (i = 0; i < COUNT(pictures); i++) {
		for (n = 0; n < pictures[i].len - 1; n++) {
			buf_init(&out, LOGO_BYTES_MAX);
			if (logo_clean(pictures[i].data, n, &out) == ERR_OK)
				fail_msg("%s: %zu bytes of it",
				    pictures[i].type, n);
			buf_clear(&out);
		}
	}
}

static void
test_logo_refused(void **state)
{
	char		large[sizeof(a_jpeg)], *p;
	struct buf	out;

	(void)state;
	buf_init(&out, LOGO_BYTES_MAX);
	assert_null(logo_type("<svg/>", 6));
	assert_null(logo_type("", 0));
	assert_int_equal(logo_clean("<svg/>", 6, &out), ERR_FORMAT);
	assert_int_equal(logo_clean("", LOGO_BYTES_MAX + 1, &out),
	    ERR_TOO_LONG);
	memcpy(large, a_jpeg, sizeof(large));
	p = memmem(large, sizeof(large), "\xff\xc0", 2);
	assert_non_null(p);
	p[5] = 0x10;			/* 4098 lines */
	assert_int_equal(logo_clean(large, sizeof(a_jpeg) - 1, &out),
	    ERR_RANGE);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_logo_clean),
		cmocka_unit_test(test_logo_cut),
		cmocka_unit_test(test_logo_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
