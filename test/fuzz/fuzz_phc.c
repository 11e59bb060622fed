/*
 * fuzz_phc - the text of a stored password hash.  What is read stays within
 * the limits of work; whatever stands there, nobody gets in by it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "password.h"

#define TEXT_MAX	300	/* some more than a hash may have */

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct password_policy	p = {
		.m_kib = 8, .t = 1, .p = 1
	};
	struct password_params	params, zero;
	char			hash[TEXT_MAX + 1];
	bool			rehash = true;

	if (len > TEXT_MAX)
		return (0);
	memcpy(hash, data, len);
	hash[len] = '\0';
	memset(&zero, 0, sizeof(zero));
	if (password_params_parse(hash, &params) == ERR_OK) {
		if (params.m_kib < 8 * params.p || params.m_kib > 1048576 ||
		    params.t < 1 || params.t > 64 || params.p < 1 ||
		    params.p > 16 || strlen(hash) > PASSWORD_HASH_MAX_LEN ||
		    (params.pepper_id[0] != '\0' &&
		    strlen(params.pepper_id) != 8))
			abort();
		/* To hash with all that is allowed would take minutes. */
		if (params.m_kib > 128 || params.t > 2)
			return (0);
	} else if (memcmp(&params, &zero, sizeof(zero)) != 0) {
		abort();
	}
	if (password_verify(&p, hash, "no hash is of this", 18, &rehash) !=
	    ERR_SIGNATURE || rehash)
		abort();
	return (0);
}
