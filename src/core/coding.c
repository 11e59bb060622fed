/*
 * coding - see coding.h.
 */
#include "coding.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define CODING_BLANK	" \t"
#define CODING_ANY	0x80

static unsigned int	 coding_of(const char *name, size_t len);
static const char	*coding_weight(const char *p, bool *is_wanted);

unsigned int
coding_accepted(const char *accept_encoding)
{
	unsigned int	 wanted = 0, refused = 0, bit;
	const char	*p = accept_encoding;
	size_t		 len;
	bool		 is_wanted;

	while (p != NULL) {
		p += strspn(p, CODING_BLANK ",");
		if ((len = strcspn(p, CODING_BLANK ",;")) == 0)
			break;
		bit = coding_of(p, len);
		if ((p = coding_weight(p + len, &is_wanted)) == NULL)
			break;
		if (is_wanted)
			wanted |= bit;
		else
			refused |= bit;
	}
	if (wanted & CODING_ANY)
		wanted |= CODING_GZIP | CODING_BR;
	return (wanted & ~refused & (CODING_GZIP | CODING_BR));
}

static unsigned int
coding_of(const char *name, size_t len)
{
	if (len == 2 && strncasecmp(name, "br", len) == 0)
		return (CODING_BR);
	if (len == 4 && strncasecmp(name, "gzip", len) == 0)
		return (CODING_GZIP);
	if (len == 1 && name[0] == '*')
		return (CODING_ANY);
	return (0);
}

/* Behind ";q=0.5" if there is one; NULL when it is malformed. */
static const char *
coding_weight(const char *p, bool *is_wanted)
{
	*is_wanted = true;
	p += strspn(p, CODING_BLANK);
	if (*p == '\0' || *p == ',')
		return (p);
	if (*p != ';')
		return (NULL);
	p++;
	p += strspn(p, CODING_BLANK);
	if ((p[0] != 'q' && p[0] != 'Q') || p[1] != '=' ||
	    (p[2] != '0' && p[2] != '1'))
		return (NULL);
	*is_wanted = p[2] == '1' || p[3 + strspn(p + 3, ".0")] > '0';
	p += 3 + strspn(p + 3, ".0123456789");
	p += strspn(p, CODING_BLANK);
	return (*p == '\0' || *p == ',' ? p : NULL);
}
