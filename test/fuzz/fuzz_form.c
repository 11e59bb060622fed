/*
 * fuzz_form - pairs lie within the body, are UTF-8 without NUL, have distinct
 * names, and read back as themselves when encoded.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "form.h"
#include "mem.h"
#include "str.h"

#define FUZZ_LEN_MAX	4096

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static void	fuzz_text(const char *s, size_t len, const char *in,
		    size_t in_len);
static void	fuzz_encode(struct buf *b, const char *s, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct form	 f, g;
	struct buf	 b;
	char		*s;
	size_t		 i;

	if (len > FUZZ_LEN_MAX)
		return (0);
	if ((s = mem_dup(data, len)) == NULL)
		abort();
	buf_init(&b, 4 * FUZZ_LEN_MAX);
	if (form_parse(s, len, &f) != ERR_OK)
		goto done;
	if (f.n > FORM_PAIRS_MAX)
		abort();
	for (i = 0; i < f.n; i++) {
		fuzz_text(f.v[i].name, f.v[i].name_len, s, len);
		fuzz_text(f.v[i].value, f.v[i].value_len, s, len);
		/* The first of a name is itself: there is no second. */
		if (form_find(&f, f.v[i].name) != &f.v[i])
			abort();
		fuzz_encode(&b, f.v[i].name, f.v[i].name_len);
		buf_char(&b, '=');
		fuzz_encode(&b, f.v[i].value, f.v[i].value_len);
		buf_char(&b, '&');
	}
	buf_char(&b, '&');
	if (buf_err(&b) != ERR_OK)
		abort();
	if (form_parse(b.data, b.len, &g) != ERR_OK || g.n != f.n)
		abort();
	for (i = 0; i < f.n; i++) {
		if (strcmp(f.v[i].name, g.v[i].name) != 0 ||
		    strcmp(f.v[i].value, g.v[i].value) != 0)
			abort();
	}
done:
	buf_clear(&b);
	mem_free(s);
	return (0);
}

static void
fuzz_text(const char *s, size_t len, const char *in, size_t in_len)
{
	if (s < in || s + len > in + in_len || s[len] != '\0' ||
	    !str_is_utf8(s, len))
		abort();
}

static void
fuzz_encode(struct buf *b, const char *s, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++)
		buf_printf(b, "%%%02X", (unsigned char)s[i]);
}
