/*
 * fuzz_cookie - the first line of the input is a name, the rest a Cookie
 * header.  A value found lies in it, behind "name=", and a second one of the
 * name is never overlooked.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "mem.h"

int		LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
static int	fuzz_count(const char *s, const char *name);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char	*value = NULL, *s;
	char		*in, *nl, *twice;
	size_t		 n = 0, name_len;
	enum err	 r;

	if ((in = mem_dup(data, len)) == NULL)
		abort();
	if ((nl = strchr(in, '\n')) == NULL || nl == in ||
	    strcspn(in, "=; \t") < (size_t)(nl - in)) {
		mem_free(in);
		return (0);
	}
	*nl = '\0';
	s = nl + 1;
	name_len = strlen(in);
	r = cookie_find(s, in, &value, &n);
	switch (fuzz_count(s, in)) {
	case 0:
		if (r != ERR_NOT_FOUND)
			abort();
		break;
	case 1:
		if (r != ERR_OK || value < s + name_len + 1 ||
		    value + n > s + strlen(s) || value[-1] != '=' ||
		    memcmp(value - 1 - name_len, in, name_len) != 0 ||
		    memchr(value, ';', n) != NULL)
			abort();
		/* Twice the header is twice the cookie. */
		if ((twice = mem_new(2 * strlen(s) + 2)) == NULL)
			abort();
		memcpy(twice, s, strlen(s));
		twice[strlen(s)] = ';';
		memcpy(twice + strlen(s) + 1, s, strlen(s));
		if (cookie_find(twice, in, &value, &n) != ERR_EXISTS)
			abort();
		mem_free(twice);
		break;
	default:
		if (r != ERR_EXISTS)
			abort();
		break;
	}
	mem_free(in);
	return (0);
}

/* Cookies called |name|, counted in another way: by what stands before. */
static int
fuzz_count(const char *s, const char *name)
{
	size_t		 len = strlen(name);
	const char	*at, *p;
	int		 n = 0;

	for (at = s; (at = strchr(at, '=')) != NULL; at++) {
		if ((size_t)(at - s) < len ||
		    memcmp(at - len, name, len) != 0)
			continue;
		for (p = at - len; p > s && (p[-1] == ' ' || p[-1] == '\t');)
			p--;
		n += p == s || p[-1] == ';';
	}
	return (n);
}
