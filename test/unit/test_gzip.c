/*
 * test_gzip - what is packed in pieces unpacks to the whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <zlib.h>

#include "gzip.h"

#define TEXT_LEN	300000

static void
fill(char *text)
{
	uint32_t	x = 1;
	size_t		i;

	/* Packs, but not to nothing. */
	for (i = 0; i < TEXT_LEN; i++) {
		x = x * 1664525u + 1013904223u;
		text[i] = (char)('a' + (x >> 28));
	}
}

/* Bytes of |in| that can be read by now. */
static size_t
unpack(const struct buf *in, char *out, size_t cap, int *end)
{
	z_stream	z;
	size_t		n;

	memset(&z, 0, sizeof(z));
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (Bytef *)in->data;
	z.avail_in = (uInt)in->len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)cap;
	*end = inflate(&z, Z_SYNC_FLUSH);
	n = cap - z.avail_out;
	assert_int_equal(inflateEnd(&z), Z_OK);
	return (n);
}

static void
test_pieces(void **state)
{
	static const size_t	 sizes[] = { 1, 17, 4096, 100000, TEXT_LEN };
	static char		 text[TEXT_LEN], back[TEXT_LEN + 1];
	struct gzip		*z;
	struct buf		 out;
	size_t			 i, at, n;
	int			 end;

	(void)state;
	fill(text);
	for (i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(gzip_new(&z), ERR_OK);
		buf_init(&out, 2 * TEXT_LEN);
		for (at = 0; at < TEXT_LEN; at += n) {
			n = TEXT_LEN - at < sizes[i] ? TEXT_LEN - at :
			    sizes[i];
			assert_int_equal(gzip_add(z, text + at, n, GZIP_MORE,
			    &out), ERR_OK);
		}
		assert_int_equal(gzip_add(z, "", 0, GZIP_LAST, &out), ERR_OK);
		assert_in_range(out.len, 1, TEXT_LEN * 3 / 4);
		assert_int_equal(unpack(&out, back, sizeof(back), &end),
		    TEXT_LEN);
		assert_int_equal(end, Z_STREAM_END);
		assert_memory_equal(text, back, TEXT_LEN);
		buf_clear(&out);
		gzip_free(z);
	}
}

/* What was flushed can be read before the end. */
static void
test_flush(void **state)
{
	struct gzip	*z;
	struct buf	 out;
	char		 back[64];
	int		 end;

	(void)state;
	assert_int_equal(gzip_new(&z), ERR_OK);
	buf_init(&out, 4096);
	assert_int_equal(gzip_add(z, "one ", 4, GZIP_MORE, &out), ERR_OK);
	assert_int_equal(gzip_add(z, "two", 3, GZIP_FLUSH, &out), ERR_OK);
	assert_int_equal(unpack(&out, back, sizeof(back), &end), 7);
	assert_memory_equal(back, "one two", 7);
	buf_clear(&out);
	gzip_free(z);
}

/* No room: the caller is told. */
static void
test_space(void **state)
{
	struct gzip	*z;
	struct buf	 out;

	(void)state;
	assert_int_equal(gzip_new(&z), ERR_OK);
	buf_init(&out, 4);
	assert_int_equal(gzip_add(z, "text", 4, GZIP_LAST, &out), ERR_SPACE);
	buf_clear(&out);
	gzip_free(z);
	gzip_free(NULL);
}

/* The whole, of exactly the length that is asked for, or nothing. */
static void
test_unpack(void **state)
{
	static char	 text[TEXT_LEN], back[TEXT_LEN + 1];
	struct gzip	*z;
	struct buf	 out;
	size_t		 n;

	(void)state;
	fill(text);
	assert_int_equal(gzip_new(&z), ERR_OK);
	buf_init(&out, 2 * TEXT_LEN);
	assert_int_equal(gzip_add(z, text, TEXT_LEN, GZIP_LAST, &out), ERR_OK);
	gzip_free(z);
	assert_int_equal(gzip_unpack(out.data, out.len, back, TEXT_LEN),
	    ERR_OK);
	assert_memory_equal(text, back, TEXT_LEN);

	assert_int_equal(gzip_unpack(out.data, out.len, back, TEXT_LEN - 1),
	    ERR_FORMAT);
	assert_int_equal(gzip_unpack(out.data, out.len, back, TEXT_LEN + 1),
	    ERR_FORMAT);
	for (n = 0; n < out.len; n += out.len / 7)
		assert_int_equal(gzip_unpack(out.data, n, back, TEXT_LEN),
		    ERR_FORMAT);
	((unsigned char *)out.data)[out.len - 5] ^= 1;	/* its CRC */
	assert_int_equal(gzip_unpack(out.data, out.len, back, TEXT_LEN),
	    ERR_FORMAT);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_space),
		cmocka_unit_test(test_unpack),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
