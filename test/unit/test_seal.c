/*
 * test_seal - sealed values open only with their key and in their place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "codec.h"
#include "seal.h"

#define AAD	"token_key/secret/AbCdEfGhIjKl_-90"

/* Made with Node's crypto: master 0, 1, .. 31, nonce of 12 times 0x55. */
#define SEALED	\
	"0197dcec1a5555555555555555555555555c233d9c5d975db55b865840585a3404"	\
	"7942c3bb8be9ca68c9d61b054947825c4f3bfdd1e1570fa0"
#define PLAIN	"a secret of 24 bytes ..."

static void	seal_round(void **state);
static void	seal_of_others(void **state);
static void	seal_every_bit(void **state);
static void	seal_other_place(void **state);
static void	seal_other_key(void **state);
static void	seal_old_key(void **state);
static void	seal_bad_table(void **state);
static void	seal_nonces_differ(void **state);

static struct sealer *
sealer_of(int first)
{
	struct sealer	*s;
	uint8_t		 master[32];
	int		 i;

	for (i = 0; i < 32; i++)
		master[i] = (uint8_t)(first + i);
	assert_int_equal(sealer_new(master, &s), ERR_OK);
	return (s);
}

static void
seal_round(void **state)
{
	static const size_t	sizes[] = { 0, 1, 15, 16, 17, 32, 100, 4096 };
	struct sealer		*s = sealer_of(0);
	uint8_t			 in[4096], out[4096];
	uint8_t			 box[4096 + SEAL_OVERHEAD];
	size_t			 i;

	(void)state;
	memset(in, 0x5a, sizeof(in));
	for (i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(seal(s, AAD, in, sizes[i], box), ERR_OK);
		assert_int_equal(box[0], 1);
		memset(out, 0, sizeof(out));
		assert_int_equal(seal_open(s, AAD, box,
		    sizes[i] + SEAL_OVERHEAD, out), ERR_OK);
		assert_memory_equal(in, out, sizes[i]);
		assert_int_equal(seal(s, "", in, sizes[i], box), ERR_OK);
		assert_int_equal(seal_open(s, "", box,
		    sizes[i] + SEAL_OVERHEAD, out), ERR_OK);
	}
	sealer_free(s);
	sealer_free(NULL);
}

/* The form on the disk: version, key id, nonce, ciphertext, tag. */
static void
seal_of_others(void **state)
{
	struct sealer	*s = sealer_of(0);
	uint8_t		 box[SEAL_OVERHEAD + sizeof(PLAIN) - 1];
	char		 out[sizeof(PLAIN)] = "";

	(void)state;
	assert_int_equal(hex_decode(SEALED, strlen(SEALED), box, sizeof(box)),
	    ERR_OK);
	assert_int_equal(seal_open(s, AAD, box, sizeof(box), (uint8_t *)out),
	    ERR_OK);
	assert_string_equal(out, PLAIN);
	sealer_free(s);
}

static void
seal_every_bit(void **state)
{
	struct sealer	*s = sealer_of(0);
	uint8_t		 box[SEAL_OVERHEAD + sizeof(PLAIN) - 1];
	uint8_t		 out[sizeof(PLAIN)], zero[sizeof(PLAIN)] = { 0 };
	size_t		 bit;
	enum err	 r;

	(void)state;
	assert_int_equal(seal(s, AAD, PLAIN, sizeof(PLAIN) - 1, box), ERR_OK);
	for (bit = 0; bit < 8 * sizeof(box); bit++) {
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(out, 0, sizeof(out));
		r = seal_open(s, AAD, box, sizeof(box), out);
		assert_int_equal(r, bit < 8 ? ERR_FORMAT : ERR_SIGNATURE);
		/* What could not be authenticated is not handed out. */
		assert_memory_equal(out, zero, sizeof(out));
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(seal_open(s, AAD, box, sizeof(box), out), ERR_OK);
	sealer_free(s);
}

/* A row's secret copied into another row is no secret there. */
static void
seal_other_place(void **state)
{
	static const char *const	t[] = {
		"", "token_key/secret/AbCdEfGhIjKl_-91",
		"token_key/secret/AbCdEfGhIjKl_-9", (AAD "0"), ("x" AAD),
	};
	struct sealer	*s = sealer_of(0);
	uint8_t		 box[SEAL_OVERHEAD + 4], out[4];
	size_t		 i;

	(void)state;
	assert_int_equal(seal(s, AAD, "abcd", 4, box), ERR_OK);
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(seal_open(s, t[i], box, sizeof(box), out),
		    ERR_SIGNATURE);
	sealer_free(s);
}

static void
seal_other_key(void **state)
{
	struct sealer	*a = sealer_of(0), *b = sealer_of(1);
	uint8_t		 box[SEAL_OVERHEAD + 4], other[SEAL_OVERHEAD + 4];
	uint8_t		 out[4];

	(void)state;
	assert_int_equal(seal(a, AAD, "abcd", 4, box), ERR_OK);
	assert_int_equal(seal(b, AAD, "abcd", 4, other), ERR_OK);
	/* The id tells the keys apart ... */
	assert_memory_not_equal(box + 1, other + 1, 4);
	assert_int_equal(seal_open(b, AAD, box, sizeof(box), out),
	    ERR_SIGNATURE);
	/* ... and a changed id does not help. */
	memcpy(box + 1, other + 1, 4);
	assert_int_equal(seal_open(b, AAD, box, sizeof(box), out),
	    ERR_SIGNATURE);
	sealer_free(a);
	sealer_free(b);
}

static void
seal_bad_table(void **state)
{
	struct sealer	*s = sealer_of(0);
	uint8_t		 box[SEAL_OVERHEAD + 4], out[4];
	size_t		 len;

	(void)state;
	assert_int_equal(seal(s, AAD, "abcd", 4, box), ERR_OK);
	for (len = 0; len < sizeof(box); len++)
		assert_int_equal(seal_open(s, AAD, box, len, out),
		    len < SEAL_OVERHEAD ? ERR_FORMAT : ERR_SIGNATURE);
	assert_int_equal(seal(s, AAD, box, (size_t)INT32_MAX, box),
	    ERR_TOO_LONG);
	sealer_free(s);
}

static void
seal_nonces_differ(void **state)
{
	struct sealer	*s = sealer_of(0);
	uint8_t		 a[SEAL_OVERHEAD + 4], b[SEAL_OVERHEAD + 4];

	(void)state;
	assert_int_equal(seal(s, AAD, "abcd", 4, a), ERR_OK);
	assert_int_equal(seal(s, AAD, "abcd", 4, b), ERR_OK);
	assert_memory_equal(a, b, 5);
	assert_memory_not_equal(a + 5, b + 5, 12);
	assert_memory_not_equal(a + 17, b + 17, 4);
	sealer_free(s);
}

/* With the key before, its values can be opened; new ones are not its own. */
static void
seal_old_key(void **state)
{
	uint8_t		 old[32], p[3 + SEAL_OVERHEAD], out[3];
	struct sealer	*before = sealer_of(0), *now = sealer_of(1);
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(old); i++)
		old[i] = (uint8_t)i;
	assert_int_equal(seal(before, "t/c/1", "abc", 3, p), ERR_OK);
	assert_int_equal(seal_open(now, "t/c/1", p, sizeof(p), out),
	    ERR_SIGNATURE);
	assert_int_equal(sealer_add_old(now, old), ERR_OK);
	assert_int_equal(seal_open(now, "t/c/1", p, sizeof(p), out), ERR_OK);
	assert_memory_equal(out, "abc", 3);
	assert_memory_equal(p, seal_head(before), SEAL_HEAD_LEN);
	assert_int_equal(seal_open(now, "t/c/2", p, sizeof(p), out),
	    ERR_SIGNATURE);
	assert_int_equal(seal(now, "t/c/1", "abc", 3, p), ERR_OK);
	assert_memory_equal(p, seal_head(now), SEAL_HEAD_LEN);
	assert_int_equal(seal_open(before, "t/c/1", p, sizeof(p), out),
	    ERR_SIGNATURE);
	sealer_free(before);
	sealer_free(now);
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(seal_round),
		cmocka_unit_test(seal_of_others),
		cmocka_unit_test(seal_every_bit),
		cmocka_unit_test(seal_other_place),
		cmocka_unit_test(seal_other_key),
		cmocka_unit_test(seal_old_key),
		cmocka_unit_test(seal_bad_table),
		cmocka_unit_test(seal_nonces_differ),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
