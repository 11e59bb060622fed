/*
 * gzip - see gzip.h.  Owns the use of zlib.
 */
#include "gzip.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "mem.h"

#define GZIP_LEVEL	4		/* half of the time of 6 for 5 % more */
#define GZIP_WINDOW	(15 + 16)	/* 16: a gzip header */
#define GZIP_MEMORY	8
#define GZIP_STEP	16384

struct gzip {
	z_stream	z;
};

static void	*gzip_alloc(void *arg, unsigned int n, unsigned int size);
static void	 gzip_release(void *arg, void *p);

enum err
gzip_new(struct gzip **out)
{
	struct gzip	*z;

	if ((z = mem_new(sizeof(*z))) == NULL)
		return (ERR_NOMEM);
	z->z.zalloc = gzip_alloc;
	z->z.zfree = gzip_release;
	if (deflateInit2(&z->z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW,
	    GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		mem_free(z);
		return (ERR_NOMEM);
	}
	*out = z;
	return (ERR_OK);
}

void
gzip_free(struct gzip *z)
{
	if (z == NULL)
		return;
	(void)deflateEnd(&z->z);
	mem_free(z);
}

enum err
gzip_add(struct gzip *z, const void *p, size_t len, enum gzip_end end,
    struct buf *out)
{
	static const int	 flush[] = {
		[GZIP_MORE] = Z_NO_FLUSH, [GZIP_FLUSH] = Z_SYNC_FLUSH,
		[GZIP_LAST] = Z_FINISH
	};
	uint8_t			 step[GZIP_STEP];
	int			 r;

	if (len > UINT_MAX)
		return (ERR_SPACE);
	/* zlib reads through it; its type lacks the const. */
	z->z.next_in = (Bytef *)(uintptr_t)p;
	z->z.avail_in = (uInt)len;
	do {
		z->z.next_out = step;
		z->z.avail_out = sizeof(step);
		r = deflate(&z->z, flush[end]);
		if (r == Z_STREAM_ERROR)
			return (ERR_CRYPTO);
		buf_add(out, step, sizeof(step) - z->z.avail_out);
	} while (z->z.avail_out == 0);
	return (buf_err(out));
}

enum err
gzip_unpack(const void *p, size_t len, void *out, size_t out_len)
{
	z_stream	z = { .zalloc = gzip_alloc, .zfree = gzip_release };
	int		r;
	bool		is_whole;

	if (len > UINT_MAX || out_len > UINT_MAX)
		return (ERR_FORMAT);
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return (ERR_NOMEM);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)out_len;
	r = inflate(&z, Z_FINISH);
	is_whole = r == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0;
	(void)inflateEnd(&z);
	if (r == Z_MEM_ERROR)
		return (ERR_NOMEM);
	return (is_whole ? ERR_OK : ERR_FORMAT);
}

static void *
gzip_alloc(void *arg, unsigned int n, unsigned int size)
{
	(void)arg;
	/* zlib asks for a few fixed sizes only. */
	return (mem_new((size_t)n * size));
}

static void
gzip_release(void *arg, void *p)
{
	(void)arg;
	mem_free(p);
}
