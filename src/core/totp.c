/*
 * totp - see totp.h.
 */
#include "totp.h"

#include <liboath/oath.h>
#include <string.h>

#include "mem.h"

static void	totp_escape(const char *s, struct buf *out);

enum err
totp_code(const uint8_t secret[TOTP_SECRET_LEN], int64_t step,
    char out[TOTP_DIGITS + 1])
{
	char	key[TOTP_SECRET_LEN];
	int	r;

	memcpy(key, secret, sizeof(key));
	r = oath_hotp_generate(key, sizeof(key), (uint64_t)step, TOTP_DIGITS,
	    false, OATH_HOTP_DYNAMIC_TRUNCATION, out);
	mem_wipe(key, sizeof(key));
	return (r == OATH_OK ? ERR_OK : ERR_CRYPTO);
}

/* All steps are compared, whichever one matches. */
enum err
totp_check(const uint8_t secret[TOTP_SECRET_LEN], const char *code,
    int64_t now_s, int64_t last_step, int64_t *step)
{
	char		want[TOTP_DIGITS + 1];
	int64_t		at, now = now_s / TOTP_PERIOD_S;
	enum err	e, r = ERR_SIGNATURE;

	if (strlen(code) != TOTP_DIGITS)
		return (ERR_SIGNATURE);
	for (at = now + TOTP_WINDOW; at >= now - TOTP_WINDOW; at--) {
		if (at < 0)
			continue;
		if ((e = totp_code(secret, at, want)) != ERR_OK)
			return (e);
		if (mem_eq_ct(want, code, TOTP_DIGITS) && at > last_step) {
			*step = at;
			r = ERR_OK;
		}
	}
	mem_wipe(want, sizeof(want));
	return (r);
}

void
totp_base32(const uint8_t secret[TOTP_SECRET_LEN],
    char out[TOTP_BASE32_LEN + 1])
{
	static const char	digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t		bits = 0;
	int			n_bits = 0;
	size_t			i, n = 0;

	for (i = 0; i < TOTP_SECRET_LEN; i++) {
		bits = bits << 8 | secret[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			out[n++] = digits[bits >> (n_bits - 5) & 31];
	}
	out[n] = '\0';
}

void
totp_uri(const uint8_t secret[TOTP_SECRET_LEN], const char *issuer,
    const char *account, struct buf *out)
{
	char	text[TOTP_BASE32_LEN + 1];

	totp_base32(secret, text);
	buf_str(out, "otpauth://totp/");
	totp_escape(issuer, out);
	buf_char(out, ':');
	totp_escape(account, out);
	buf_printf(out, "?secret=%s&issuer=", text);
	totp_escape(issuer, out);
	buf_printf(out, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS,
	    TOTP_PERIOD_S);
	mem_wipe(text, sizeof(text));
}

/* RFC 3986 s.2.3: everything but the unreserved characters. */
static void
totp_escape(const char *s, struct buf *out)
{
	for (; *s != '\0'; s++) {
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
		    "yz0123456789-._~", *s) != NULL)
			buf_char(out, *s);
		else
			buf_printf(out, "%%%02X", (unsigned char)*s);
	}
}
