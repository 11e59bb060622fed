/*
 * test_mem - allocation, erasure, comparison in constant time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "err.h"
#include "mem.h"

static void	mem_new_is_zero(void **state);
static void	mem_resize_keeps(void **state);
static void	mem_dup_terminates(void **state);
static void	mem_wipe_erases(void **state);
static void	mem_free_null(void **state);
static void	mem_eq_table(void **state);
static void	mem_large_is_zero(void **state);

static void
mem_new_is_zero(void **state)
{
	unsigned char	*p = mem_new(1000);
	size_t		 i;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
}

/* Sizes around those of a page of 2 MiB; freed blocks are really gone. */
static void
mem_large_is_zero(void **state)
{
	const size_t	 sizes[] = { 1, 4096, (2u << 20) - 1, 2u << 20,
			    (2u << 20) + 1, 19456u * 1024 };
	unsigned char	*p;
	size_t		 i, round;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++)
		for (round = 0; round < 3; round++) {
			p = mem_new_large(sizes[i]);
			assert_non_null(p);
			assert_int_equal((uintptr_t)p % (2u << 20), 0);
			assert_int_equal(p[0], 0);
			assert_int_equal(p[sizes[i] - 1], 0);
			memset(p, 0xff, sizes[i]);
			mem_free_large(p, sizes[i]);
		}
	assert_null(mem_new_large(0));
	assert_null(mem_new_large(SIZE_MAX));
	mem_free_large(NULL, 1);
}

static void
mem_resize_keeps(void **state)
{
	char	*p, *q;

	(void)state;
	p = mem_resize(NULL, 4);
	assert_non_null(p);
	memcpy(p, "abc", 4);
	q = mem_resize(p, 10000);
	assert_non_null(q);
	assert_string_equal(q, "abc");
	q[9999] = 'x';
	mem_free(q);
}

static void
mem_dup_terminates(void **state)
{
	char	*p;

	(void)state;
	p = mem_dup("abcdef", 3);
	assert_non_null(p);
	assert_string_equal(p, "abc");
	mem_free(p);
	p = mem_dup(NULL, 0);
	assert_non_null(p);
	assert_string_equal(p, "");
	mem_free(p);
	assert_null(mem_dup("", SIZE_MAX));
}

static void
mem_wipe_erases(void **state)
{
	char	buf[8];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	mem_wipe(buf + 2, 4);
	assert_memory_equal(buf, "xx\0\0\0\0xx", 8);
	mem_wipe(NULL, 0);
	assert_memory_equal(buf, "xx\0\0\0\0xx", 8);
}

static void
mem_free_null(void **state)
{
	char	*p;

	(void)state;
	mem_free(NULL);
	mem_free_secret(NULL, 100);
	p = mem_dup("secret", 6);
	assert_non_null(p);
	mem_free_secret(p, 6);		/* ASan: neither leaked nor overrun */
}

static void
mem_eq_table(void **state)
{
	static const struct {
		const char	*a, *b;
		size_t		 len;
		bool		 is_eq;
	} t[] = {
		{ "", "", 0, true },
		{ "a", "b", 0, true },
		{ "a", "a", 1, true },
		{ "a", "b", 1, false },
		{ "abc", "abd", 2, true },
		{ "abc", "abd", 3, false },
		{ "xbc", "abc", 3, false },
		{ "a\0b", "a\0c", 3, false },
		{ "a\0b", "a\0b", 3, true },
		{ "\x80", "\x00", 1, false },
	};
	size_t	i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(mem_eq_ct(t[i].a, t[i].b, t[i].len),
		    t[i].is_eq);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(mem_new_is_zero),
		cmocka_unit_test(mem_resize_keeps),
		cmocka_unit_test(mem_dup_terminates),
		cmocka_unit_test(mem_wipe_erases),
		cmocka_unit_test(mem_free_null),
		cmocka_unit_test(mem_eq_table),
		cmocka_unit_test(mem_large_is_zero),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
