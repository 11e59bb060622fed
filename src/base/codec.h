/*
 * codec - hex, base64url, base62 and CRC-32.
 * Decoders are strict: one spelling for each value, nothing ignored.
 */
#ifndef CODEC_H
#define CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Characters without the NUL that |n| bytes become. */
#define CODEC_HEX_LEN(n)	((n) * 2)
#define CODEC_B64URL_LEN(n)	(((n) * 4 + 2) / 3)

/* Lower-case hex of |n| bytes and a NUL into |out| (2n + 1 bytes). */
void		hex_encode(const void *p, size_t n, char *out);
/* Exactly 2|n| hex digits of either case.  ERR_FORMAT. */
enum err	hex_decode(const char *s, size_t len, void *out, size_t n)
		    MUSTCHECK;
/* RFC 4648 s.5 without padding, and a NUL, into CODEC_B64URL_LEN(n) + 1. */
void		b64url_encode(const void *p, size_t n, char *out);
/* |*n|: capacity, then bytes.  ERR_FORMAT (also stray low bits), ERR_SPACE. */
enum err	b64url_decode(const char *s, size_t len, void *out, size_t *n)
		    MUSTCHECK;
/* Standard base64 (RFC 4648 s.4) and a NUL, CODEC_B64_LEN(n) + 1. */
#define CODEC_B64_LEN(n)	(((n) + 2) / 3 * 4)
void		b64_encode(const void *p, size_t n, char *out);
/* The same without padding, as PHC strings have it; CODEC_B64URL_LEN(n) + 1. */
void		b64_encode_bare(const void *p, size_t n, char *out);
/* The same decoded, for settings. */
enum err	b64_decode(const char *s, size_t len, void *out, size_t *n)
		    MUSTCHECK;
/* |v| as exactly |n| base62 digits 0-9A-Za-z, most significant first, NUL. */
void		base62_u32(uint32_t v, char *out, size_t n);
/* |n| uniformly random base62 characters and a NUL (rejection sampling). */
void		base62_random(char *out, size_t n);
/* CRC-32 (IEEE 802.3, reflected, as zlib's crc32) of |len| bytes. */
uint32_t	crc32_of(const void *p, size_t len);

#endif
