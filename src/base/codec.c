/*
 * codec - hex, base64, base64url, base62 and CRC-32.
 * Decoders are strict: one spelling for each value, nothing ignored.  Their
 * look-ups are arithmetic, not tables, so that secrets leave no cache trace.
 */
#include "codec.h"

#include <stdbool.h>

#include "mem.h"
#include "rnd.h"

static char	codec_hex_char(unsigned int v);
static int	codec_hex_digit(unsigned char c);
static char	codec_b64url_char(unsigned int v);
static uint32_t	codec_b64_digit(char ch, bool is_url);
static uint32_t	codec_within(uint32_t c, uint32_t lo, uint32_t hi);
static char	codec_base62_char(unsigned int v);
static enum err	codec_b64_groups(const char *s, size_t len, bool is_url,
		    uint8_t *out);

/* Remainder of each byte for the reflected polynomial 0xedb88320. */
static const uint32_t	codec_crc_table[256] = {
	0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f,
	0xe963a535, 0x9e6495a3, 0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988,
	0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91, 0x1db71064, 0x6ab020f2,
	0xf3b97148, 0x84be41de, 0x1adad47d, 0x6ddde4eb, 0xf4d4b551, 0x83d385c7,
	0x136c9856, 0x646ba8c0, 0xfd62f97a, 0x8a65c9ec, 0x14015c4f, 0x63066cd9,
	0xfa0f3d63, 0x8d080df5, 0x3b6e20c8, 0x4c69105e, 0xd56041e4, 0xa2677172,
	0x3c03e4d1, 0x4b04d447, 0xd20d85fd, 0xa50ab56b, 0x35b5a8fa, 0x42b2986c,
	0xdbbbc9d6, 0xacbcf940, 0x32d86ce3, 0x45df5c75, 0xdcd60dcf, 0xabd13d59,
	0x26d930ac, 0x51de003a, 0xc8d75180, 0xbfd06116, 0x21b4f4b5, 0x56b3c423,
	0xcfba9599, 0xb8bda50f, 0x2802b89e, 0x5f058808, 0xc60cd9b2, 0xb10be924,
	0x2f6f7c87, 0x58684c11, 0xc1611dab, 0xb6662d3d, 0x76dc4190, 0x01db7106,
	0x98d220bc, 0xefd5102a, 0x71b18589, 0x06b6b51f, 0x9fbfe4a5, 0xe8b8d433,
	0x7807c9a2, 0x0f00f934, 0x9609a88e, 0xe10e9818, 0x7f6a0dbb, 0x086d3d2d,
	0x91646c97, 0xe6635c01, 0x6b6b51f4, 0x1c6c6162, 0x856530d8, 0xf262004e,
	0x6c0695ed, 0x1b01a57b, 0x8208f4c1, 0xf50fc457, 0x65b0d9c6, 0x12b7e950,
	0x8bbeb8ea, 0xfcb9887c, 0x62dd1ddf, 0x15da2d49, 0x8cd37cf3, 0xfbd44c65,
	0x4db26158, 0x3ab551ce, 0xa3bc0074, 0xd4bb30e2, 0x4adfa541, 0x3dd895d7,
	0xa4d1c46d, 0xd3d6f4fb, 0x4369e96a, 0x346ed9fc, 0xad678846, 0xda60b8d0,
	0x44042d73, 0x33031de5, 0xaa0a4c5f, 0xdd0d7cc9, 0x5005713c, 0x270241aa,
	0xbe0b1010, 0xc90c2086, 0x5768b525, 0x206f85b3, 0xb966d409, 0xce61e49f,
	0x5edef90e, 0x29d9c998, 0xb0d09822, 0xc7d7a8b4, 0x59b33d17, 0x2eb40d81,
	0xb7bd5c3b, 0xc0ba6cad, 0xedb88320, 0x9abfb3b6, 0x03b6e20c, 0x74b1d29a,
	0xead54739, 0x9dd277af, 0x04db2615, 0x73dc1683, 0xe3630b12, 0x94643b84,
	0x0d6d6a3e, 0x7a6a5aa8, 0xe40ecf0b, 0x9309ff9d, 0x0a00ae27, 0x7d079eb1,
	0xf00f9344, 0x8708a3d2, 0x1e01f268, 0x6906c2fe, 0xf762575d, 0x806567cb,
	0x196c3671, 0x6e6b06e7, 0xfed41b76, 0x89d32be0, 0x10da7a5a, 0x67dd4acc,
	0xf9b9df6f, 0x8ebeeff9, 0x17b7be43, 0x60b08ed5, 0xd6d6a3e8, 0xa1d1937e,
	0x38d8c2c4, 0x4fdff252, 0xd1bb67f1, 0xa6bc5767, 0x3fb506dd, 0x48b2364b,
	0xd80d2bda, 0xaf0a1b4c, 0x36034af6, 0x41047a60, 0xdf60efc3, 0xa867df55,
	0x316e8eef, 0x4669be79, 0xcb61b38c, 0xbc66831a, 0x256fd2a0, 0x5268e236,
	0xcc0c7795, 0xbb0b4703, 0x220216b9, 0x5505262f, 0xc5ba3bbe, 0xb2bd0b28,
	0x2bb45a92, 0x5cb36a04, 0xc2d7ffa7, 0xb5d0cf31, 0x2cd99e8b, 0x5bdeae1d,
	0x9b64c2b0, 0xec63f226, 0x756aa39c, 0x026d930a, 0x9c0906a9, 0xeb0e363f,
	0x72076785, 0x05005713, 0x95bf4a82, 0xe2b87a14, 0x7bb12bae, 0x0cb61b38,
	0x92d28e9b, 0xe5d5be0d, 0x7cdcefb7, 0x0bdbdf21, 0x86d3d2d4, 0xf1d4e242,
	0x68ddb3f8, 0x1fda836e, 0x81be16cd, 0xf6b9265b, 0x6fb077e1, 0x18b74777,
	0x88085ae6, 0xff0f6a70, 0x66063bca, 0x11010b5c, 0x8f659eff, 0xf862ae69,
	0x616bffd3, 0x166ccf45, 0xa00ae278, 0xd70dd2ee, 0x4e048354, 0x3903b3c2,
	0xa7672661, 0xd06016f7, 0x4969474d, 0x3e6e77db, 0xaed16a4a, 0xd9d65adc,
	0x40df0b66, 0x37d83bf0, 0xa9bcae53, 0xdebb9ec5, 0x47b2cf7f, 0x30b5ffe9,
	0xbdbdf21c, 0xcabac28a, 0x53b39330, 0x24b4a3a6, 0xbad03605, 0xcdd70693,
	0x54de5729, 0x23d967bf, 0xb3667a2e, 0xc4614ab8, 0x5d681b02, 0x2a6f2b94,
	0xb40bbe37, 0xc30c8ea1, 0x5a05df1b, 0x2d02ef8d,
};

void
hex_encode(const void *p, size_t n, char *out)
{
	const uint8_t	*b = p;
	size_t		 i;

	for (i = 0; i < n; i++) {
		out[2 * i] = codec_hex_char(b[i] >> 4);
		out[2 * i + 1] = codec_hex_char(b[i] & 0x0f);
	}
	out[2 * n] = '\0';
}

enum err
hex_decode(const char *s, size_t len, void *out, size_t n)
{
	uint8_t	*b = out;
	size_t	 i;
	int	 hi, lo;

	if (len % 2 != 0 || len / 2 != n)
		return (ERR_FORMAT);
	for (i = 0; i < n; i++) {
		hi = codec_hex_digit((unsigned char)s[2 * i]);
		lo = codec_hex_digit((unsigned char)s[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return (ERR_FORMAT);
		b[i] = (uint8_t)(hi << 4 | lo);
	}
	return (ERR_OK);
}

void
b64url_encode(const void *p, size_t n, char *out)
{
	const uint8_t	*b = p;
	uint32_t	 acc = 0;
	unsigned int	 bits = 0;
	size_t		 i;

	for (i = 0; i < n; i++) {
		acc = acc << 8 | b[i];
		bits += 8;
		while (bits >= 6) {
			bits -= 6;
			*out++ = codec_b64url_char(acc >> bits & 0x3f);
		}
	}
	if (bits > 0)
		*out++ = codec_b64url_char(acc << (6 - bits) & 0x3f);
	*out = '\0';
}

void
b64_encode(const void *p, size_t n, char *out)
{
	size_t	i;

	b64_encode_bare(p, n, out);
	for (i = CODEC_B64URL_LEN(n); i % 4 != 0; i++)
		out[i] = '=';
	out[i] = '\0';
}

void
b64_encode_bare(const void *p, size_t n, char *out)
{
	size_t	i;

	b64url_encode(p, n, out);
	for (i = 0; out[i] != '\0'; i++) {
		if (out[i] == '-')
			out[i] = '+';
		else if (out[i] == '_')
			out[i] = '/';
	}
}

enum err
b64url_decode(const char *s, size_t len, void *out, size_t *n)
{
	size_t	need;

	if (len % 4 == 1)
		return (ERR_FORMAT);
	need = len / 4 * 3 + len % 4 * 3 / 4;
	if (need > *n)
		return (ERR_SPACE);
	if (codec_b64_groups(s, len, true, out) != ERR_OK)
		return (ERR_FORMAT);
	*n = need;
	return (ERR_OK);
}

enum err
b64_decode(const char *s, size_t len, void *out, size_t *n)
{
	size_t	need;

	if (len % 4 != 0)
		return (ERR_FORMAT);
	/* A third '=' is no digit and is found as such below. */
	if (len > 0 && s[len - 1] == '=')
		len -= s[len - 2] == '=' ? 2 : 1;
	need = len / 4 * 3 + len % 4 * 3 / 4;
	if (need > *n)
		return (ERR_SPACE);
	if (codec_b64_groups(s, len, false, out) != ERR_OK)
		return (ERR_FORMAT);
	*n = need;
	return (ERR_OK);
}

void
base62_u32(uint32_t v, char *out, size_t n)
{
	size_t	i;

	for (i = n; i > 0; i--) {
		out[i - 1] = codec_base62_char(v % 62);
		v /= 62;
	}
	out[n] = '\0';
}

void
base62_random(char *out, size_t n)
{
	uint8_t	pool[64];
	size_t	i = 0, j;

	while (i < n) {
		rnd_bytes(pool, sizeof(pool));
		for (j = 0; j < sizeof(pool) && i < n; j++) {
			/* 248 = 4 * 62: the rest would favour 0..7. */
			if (pool[j] < 248)
				out[i++] = codec_base62_char(pool[j] % 62);
		}
	}
	out[n] = '\0';
	mem_wipe(pool, sizeof(pool));
}

uint32_t
crc32_of(const void *p, size_t len)
{
	const uint8_t	*b = p;
	uint32_t	 c = UINT32_MAX;
	size_t		 i;

	for (i = 0; i < len; i++)
		c = codec_crc_table[(c ^ b[i]) & 0xff] ^ c >> 8;
	return (~c);
}

/*
 * Digits without padding, |len| % 4 != 1; |out| is known to be big enough.
 * Four at a time, and the verdict at the end: a token's letters are random, so
 * each branch on one would be guessed wrongly half of the time.
 */
static enum err
codec_b64_groups(const char *s, size_t len, bool is_url, uint8_t *out)
{
	uint32_t	acc, bad = 0;
	unsigned int	bits = 0;
	size_t		i, j;

	for (i = 0; len - i >= 4; i += 4) {
		for (acc = 0, j = 0; j < 4; j++) {
			uint32_t	d = codec_b64_digit(s[i + j], is_url);

			bad |= d;
			acc = acc << 6 | (d & 63);
		}
		*out++ = (uint8_t)(acc >> 16);
		*out++ = (uint8_t)(acc >> 8);
		*out++ = (uint8_t)acc;
	}
	for (acc = 0; i < len; i++) {
		uint32_t	d = codec_b64_digit(s[i], is_url);

		bad |= d;
		acc = acc << 6 | (d & 63);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (uint8_t)(acc >> bits);
		}
	}
	/* Stray low bits would give one value several spellings. */
	if (bad > 63 || (acc & ((1U << bits) - 1)) != 0)
		return (ERR_FORMAT);
	return (ERR_OK);
}

static char
codec_hex_char(unsigned int v)
{
	return ((char)(v < 10 ? '0' + v : 'a' + (v - 10)));
}

static int
codec_hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	if (c >= 'A' && c <= 'F')
		return (c - 'A' + 10);
	return (-1);
}

static char
codec_b64url_char(unsigned int v)
{
	if (v < 26)
		return ((char)('A' + v));
	if (v < 52)
		return ((char)('a' + (v - 26)));
	if (v < 62)
		return ((char)('0' + (v - 52)));
	return (v == 62 ? '-' : '_');
}

/* Value of a digit; UINT32_MAX: none. */
static uint32_t
codec_b64_digit(char ch, bool is_url)
{
	const uint32_t	c = (unsigned char)ch;
	const uint32_t	c62 = is_url ? '-' : '+', c63 = is_url ? '_' : '/';

	return (UINT32_MAX + (codec_within(c, 'A', 'Z') & (c - 'A' + 1)) +
	    (codec_within(c, 'a', 'z') & (c - 'a' + 27)) +
	    (codec_within(c, '0', '9') & (c - '0' + 53)) +
	    (codec_within(c, c62, c62) & 63) +
	    (codec_within(c, c63, c63) & 64));
}

/* All ones if |lo| <= |c| <= |hi|, else 0; without a branch. */
static uint32_t
codec_within(uint32_t c, uint32_t lo, uint32_t hi)
{
	return (0 - (((lo - 1 - c) & (c - hi - 1)) >> 31));
}

static char
codec_base62_char(unsigned int v)
{
	if (v < 10)
		return ((char)('0' + v));
	if (v < 36)
		return ((char)('A' + (v - 10)));
	return ((char)('a' + (v - 36)));
}
