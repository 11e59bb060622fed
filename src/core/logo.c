/*
 * logo - see logo.h.
 * Ref: RFC 2083 (PNG), ITU-T T.81 annex B (JPEG), RFC 9649 (WebP).
 */
#include "logo.h"

#include <spng.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "mem.h"

#define JPEG_SOI	0xd8
#define JPEG_EOI	0xd9
#define JPEG_SOS	0xda
#define JPEG_APP0	0xe0
#define JPEG_APP14	0xee	/* Adobe: how colours are coded */
#define JPEG_COM	0xfe

static enum err	logo_png(const uint8_t *p, size_t len, struct buf *out);
static enum err	logo_png_pixels(spng_ctx *in, struct spng_ihdr *ihdr,
		    uint8_t **pixels, size_t *n);
static enum err	logo_png_write(const struct spng_ihdr *from,
		    const uint8_t *pixels, size_t n, struct buf *out);
static enum err	logo_jpeg(const uint8_t *p, size_t len, struct buf *out);
static enum err	logo_jpeg_scan(const uint8_t *p, size_t len, size_t *at,
		    struct buf *out);
static bool	logo_jpeg_is_frame(uint8_t marker);
static bool	logo_jpeg_is_kept(uint8_t marker);
static enum err	logo_webp(const uint8_t *p, size_t len, struct buf *out);
static enum err	logo_webp_size(const uint8_t *chunk, uint32_t n);
static bool	logo_webp_is(const uint8_t *chunk, const char *name);
static enum err	logo_size(uint32_t width, uint32_t height);
static uint32_t	logo_le(const uint8_t *p, size_t n);

const char *
logo_type(const void *p, size_t len)
{
	const uint8_t	*b = p;

	if (len >= 8 && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0)
		return ("image/png");
	if (len >= 3 && memcmp(b, "\xff\xd8\xff", 3) == 0)
		return ("image/jpeg");
	if (len >= 12 && memcmp(b, "RIFF", 4) == 0 &&
	    memcmp(b + 8, "WEBP", 4) == 0)
		return ("image/webp");
	return (NULL);
}

enum err
logo_clean(const void *p, size_t len, struct buf *out)
{
	const char	*type;
	enum err	 r;

	if (len > LOGO_BYTES_MAX)
		return (ERR_TOO_LONG);
	if ((type = logo_type(p, len)) == NULL)
		return (ERR_FORMAT);
	if (strcmp(type, "image/png") == 0)
		r = logo_png(p, len, out);
	else if (strcmp(type, "image/jpeg") == 0)
		r = logo_jpeg(p, len, out);
	else
		r = logo_webp(p, len, out);
	if (r == ERR_OK && out->len > LOGO_BYTES_MAX)
		return (ERR_TOO_LONG);
	return (r == ERR_OK ? buf_err(out) : r);
}

/* ---- PNG ---- */

static enum err
logo_png(const uint8_t *p, size_t len, struct buf *out)
{
	static const char	 end[] = "\0\0\0\0IEND\xae\x42\x60\x82";
	struct spng_ihdr	 ihdr;
	spng_ctx		*in;
	uint8_t			*pixels = NULL;
	size_t			 n = 0;
	enum err		 r = ERR_FORMAT;

	/* The library does not miss the end of one that was cut. */
	if (len < sizeof(end) - 1 || memcmp(p + len - (sizeof(end) - 1), end,
	    sizeof(end) - 1) != 0)
		return (ERR_FORMAT);
	if ((in = spng_ctx_new(0)) == NULL)
		return (ERR_NOMEM);
	if (spng_set_image_limits(in, LOGO_SIDE_MAX, LOGO_SIDE_MAX) == 0 &&
	    spng_set_chunk_limits(in, LOGO_BYTES_MAX, LOGO_BYTES_MAX) == 0 &&
	    spng_set_png_buffer(in, p, len) == 0)
		r = logo_png_pixels(in, &ihdr, &pixels, &n);
	spng_ctx_free(in);
	if (r == ERR_OK)
		r = logo_png_write(&ihdr, pixels, n, out);
	mem_free(pixels);
	return (r);
}

static enum err
logo_png_pixels(spng_ctx *in, struct spng_ihdr *ihdr, uint8_t **pixels,
    size_t *n)
{
	int	r;

	r = spng_get_ihdr(in, ihdr);
	if (r == SPNG_EUSER_WIDTH || r == SPNG_EUSER_HEIGHT)
		return (ERR_RANGE);
	if (r != 0)
		return (ERR_FORMAT);
	if (logo_size(ihdr->width, ihdr->height) != ERR_OK)
		return (ERR_RANGE);
	if (spng_decoded_image_size(in, SPNG_FMT_RGBA8, n) != 0)
		return (ERR_FORMAT);
	if ((*pixels = mem_new(*n)) == NULL)
		return (ERR_NOMEM);
	return (spng_decode_image(in, *pixels, *n, SPNG_FMT_RGBA8,
	    SPNG_DECODE_TRNS) == 0 ? ERR_OK : ERR_FORMAT);
}

static enum err
logo_png_write(const struct spng_ihdr *from, const uint8_t *pixels, size_t n,
    struct buf *out)
{
	struct spng_ihdr	 ihdr = {
		.width = from->width, .height = from->height,
		.bit_depth = 8, .color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA,
	};
	spng_ctx		*ctx;
	void			*made;
	size_t			 len;
	int			 r;

	if ((ctx = spng_ctx_new(SPNG_CTX_ENCODER)) == NULL)
		return (ERR_NOMEM);
	if (spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1) != 0 ||
	    spng_set_ihdr(ctx, &ihdr) != 0 || spng_encode_image(ctx, pixels,
	    n, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) != 0 ||
	    (made = spng_get_png_buffer(ctx, &len, &r)) == NULL) {
		spng_ctx_free(ctx);
		return (ERR_NOMEM);
	}
	buf_add(out, made, len);
	mem_free(made);			/* the library's came from malloc */
	spng_ctx_free(ctx);
	return (ERR_OK);
}

/* ---- JPEG ---- */

static enum err
logo_jpeg(const uint8_t *p, size_t len, struct buf *out)
{
	size_t	at = 2, n;
	uint8_t	marker;
	bool	has_frame = false;

	buf_add(out, p, 2);
	while (at + 2 <= len && p[at] == 0xff) {
		marker = p[at + 1];
		if (marker == 0xff) {		/* fill byte */
			at++;
			continue;
		}
		if (marker == JPEG_EOI) {
			buf_add(out, p + at, 2);
			return (has_frame ? ERR_OK : ERR_FORMAT);
		}
		/* Reserved ones, restarts, another beginning. */
		if (marker < 0xc0 || (marker >= 0xd0 && marker <= JPEG_SOI))
			return (ERR_FORMAT);
		if (at + 4 > len || (n = (size_t)p[at + 2] << 8 | p[at + 3]) <
		    2 || at + 2 + n > len)
			return (ERR_FORMAT);
		if (logo_jpeg_is_frame(marker)) {
			if (has_frame || n < 8)
				return (ERR_FORMAT);
			has_frame = true;
			if (logo_size((uint32_t)p[at + 7] << 8 | p[at + 8],
			    (uint32_t)p[at + 5] << 8 | p[at + 6]) != ERR_OK)
				return (ERR_RANGE);
		}
		if (logo_jpeg_is_kept(marker))
			buf_add(out, p + at, n + 2);
		at += n + 2;
		if (marker == JPEG_SOS && (!has_frame ||
		    logo_jpeg_scan(p, len, &at, out) != ERR_OK))
			return (ERR_FORMAT);
	}
	return (ERR_FORMAT);
}

/* Coded data: up to a marker that is neither stuffed nor a restart. */
static enum err
logo_jpeg_scan(const uint8_t *p, size_t len, size_t *at, struct buf *out)
{
	size_t	i;

	for (i = *at; i + 1 < len; i++) {
		if (p[i] != 0xff || p[i + 1] == 0 ||
		    (p[i + 1] >= 0xd0 && p[i + 1] <= 0xd7))
			continue;
		buf_add(out, p + *at, i - *at);
		*at = i;
		return (ERR_OK);
	}
	return (ERR_FORMAT);
}

/* SOF0..SOF15 less DHT, JPG and DAC. */
static bool
logo_jpeg_is_frame(uint8_t marker)
{
	return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
	    marker != 0xc8 && marker != 0xcc);
}

static bool
logo_jpeg_is_kept(uint8_t marker)
{
	if (marker >= JPEG_APP0 && marker <= 0xef)
		return (marker == JPEG_APP0 || marker == JPEG_APP14);
	return (marker != JPEG_COM);
}

/* ---- WebP ---- */

static enum err
logo_webp(const uint8_t *p, size_t len, struct buf *out)
{
	uint32_t	 n, riff = logo_le(p + 4, 4), total = 4;
	uint8_t		 head[12];
	size_t		 at, end, start = out->len, padded;
	bool		 has_picture = false;

	if (riff < 4 || riff > len - 8)
		return (ERR_FORMAT);
	end = (size_t)riff + 8;
	memcpy(head, p, sizeof(head));
	buf_add(out, head, sizeof(head));
	for (at = 12; at + 8 <= end; at += padded) {
		n = logo_le(p + at + 4, 4);
		if (n > end - at - 8)
			return (ERR_FORMAT);
		padded = 8 + (size_t)n + (n & 1);
		if (padded > end - at)
			return (ERR_FORMAT);
		if (logo_webp_is(p + at, "ANIM") ||
		    logo_webp_is(p + at, "ANMF"))
			return (ERR_FORMAT);
		if (logo_webp_is(p + at, "VP8 ") ||
		    logo_webp_is(p + at, "VP8L")) {
			if (has_picture)
				return (ERR_FORMAT);
			has_picture = true;
			if (logo_webp_size(p + at, n) != ERR_OK)
				return (ERR_RANGE);
		} else if (!logo_webp_is(p + at, "ALPH") &&
		    !logo_webp_is(p + at, "VP8X"))
			continue;		/* EXIF, XMP, ICCP, unknown */
		buf_add(out, p + at, padded);
		if (buf_err(out) != ERR_OK)
			return (buf_err(out));
		if (logo_webp_is(p + at, "VP8X")) {
			if (n != 10 || logo_size(logo_le(p + at + 12, 3) + 1,
			    logo_le(p + at + 15, 3) + 1) != ERR_OK)
				return (ERR_RANGE);
			/* Alpha is the one flag that holds still. */
			out->data[out->len - 10] &= 0x10;
		}
		total += (uint32_t)padded;
	}
	if (!has_picture || buf_err(out) != ERR_OK)
		return (ERR_FORMAT);
	for (n = 0; n < 4; n++)
		out->data[start + 4 + n] = (char)(total >> (8 * n) & 0xff);
	return (ERR_OK);
}

static enum err
logo_webp_size(const uint8_t *chunk, uint32_t n)
{
	const uint8_t	*d = chunk + 8;
	uint32_t	 bits;

	if (logo_webp_is(chunk, "VP8L")) {
		if (n < 5 || d[0] != 0x2f)
			return (ERR_FORMAT);
		bits = logo_le(d + 1, 4);
		return (logo_size((bits & 0x3fff) + 1,
		    (bits >> 14 & 0x3fff) + 1));
	}
	if (n < 10 || memcmp(d + 3, "\x9d\x01\x2a", 3) != 0)
		return (ERR_FORMAT);
	return (logo_size(logo_le(d + 6, 2) & 0x3fff,
	    logo_le(d + 8, 2) & 0x3fff));
}

static bool
logo_webp_is(const uint8_t *chunk, const char *name)
{
	return (memcmp(chunk, name, 4) == 0);
}

static enum err
logo_size(uint32_t width, uint32_t height)
{
	return (width >= 1 && width <= LOGO_SIDE_MAX && height >= 1 &&
	    height <= LOGO_SIDE_MAX ? ERR_OK : ERR_RANGE);
}

/* Least significant byte first. */
static uint32_t
logo_le(const uint8_t *p, size_t n)
{
	uint32_t	v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return (v);
}
