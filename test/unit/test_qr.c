/*
 * test_qr - the picture has the modules that every QR code has, inside its
 * quiet zone, and nothing but them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "qr.h"

#define QR_SIDE_MAX	200

static void	qr_finder(void **state);
static void	qr_bounds(void **state);
static int	qr_read(const char *svg, char grid[QR_SIDE_MAX][QR_SIDE_MAX]);
static long	qr_number(const char **p, char before);

/* Draws the rectangles of the second path; the side of the picture. */
static int
qr_read(const char *svg, char grid[QR_SIDE_MAX][QR_SIDE_MAX])
{
	const char	*p = strstr(svg, "viewBox=\"0 0 ");
	long		 side, x, y, w;

	assert_non_null(p);
	p += strlen("viewBox=\"0 0");
	side = qr_number(&p, ' ');
	assert_in_range(side, 1, QR_SIDE_MAX);
	memset(grid, 0, QR_SIDE_MAX * QR_SIDE_MAX);
	p = strstr(svg, "<path d=\"");
	assert_non_null(p);
	for (p += strlen("<path d=\""); *p != '"';) {
		x = qr_number(&p, 'M');
		y = qr_number(&p, ' ');
		w = qr_number(&p, 'h');
		assert_int_equal(strncmp(p, "v1h-", 4), 0);
		p += 3;
		assert_int_equal(qr_number(&p, '-'), w);
		assert_int_equal(*p++, 'z');
		assert_true(x >= 4 && y >= 4 && w >= 1 && x + w <= side - 4 &&
		    y < side - 4);
		memset(&grid[y][x], 1, (size_t)w);
	}
	assert_string_equal(p, "\"/></svg>");
	return ((int)side);
}

static long
qr_number(const char **p, char before)
{
	long	n = 0;

	assert_int_equal(**p, before);
	for ((*p)++; **p >= '0' && **p <= '9'; (*p)++)
		n = n * 10 + (**p - '0');
	return (n);
}

static void
qr_finder(void **state)
{
	static const char	*finder[7] = {
		"1111111", "1000001", "1011101", "1011101", "1011101",
		"1000001", "1111111",
	};
	static char		 grid[QR_SIDE_MAX][QR_SIDE_MAX];
	struct buf		 b;
	int			 side, x, y;

	(void)state;
	buf_init(&b, 65536);
	assert_int_equal(qr_svg("otpauth://totp/a:b?secret=AAAA", &b), ERR_OK);
	side = qr_read(b.data, grid);
	assert_int_equal((side - 8 - 17) % 4, 0);	/* 17 + 4 * version */
	for (y = 0; y < 7; y++) {
		for (x = 0; x < 7; x++) {
			assert_int_equal(grid[4 + y][4 + x],
			    finder[y][x] - '0');
			assert_int_equal(grid[4 + y][side - 11 + x],
			    finder[y][x] - '0');
			assert_int_equal(grid[side - 11 + y][4 + x],
			    finder[y][x] - '0');
		}
	}
	/* Timing pattern between the finders. */
	for (x = 12; x < side - 12; x++)
		assert_int_equal(grid[10][x], x % 2 == 0);
	buf_clear(&b);
}

static void
qr_bounds(void **state)
{
	struct buf	b;
	char		text[QR_TEXT_MAX + 2];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[QR_TEXT_MAX + 1] = '\0';
	buf_init(&b, 262144);
	assert_int_equal(qr_svg(text, &b), ERR_TOO_LONG);
	text[QR_TEXT_MAX] = '\0';
	assert_int_equal(qr_svg(text, &b), ERR_OK);
	buf_clear(&b);
	buf_init(&b, 100);
	assert_int_equal(qr_svg("a", &b), ERR_SPACE);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(qr_finder),
		cmocka_unit_test(qr_bounds),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
