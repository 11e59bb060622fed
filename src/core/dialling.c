/*
 * dialling - see dialling.h.  Owns the list of assigned codes.
 * Ref: ITU-T E.164, list of assigned country codes (15 December 2016 and
 * amendments): one digit in zones 1 and 7, else two or three.
 */
#include "dialling.h"

#include <string.h>

#define DIALLING_MAX	3

/* The codes of two digits. */
static const char	dialling_two[] =
    " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55"
    " 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";

/* Those of three: the first two digits, and which third ones are in use. */
static const struct {
	char	zone[3];
	char	thirds[11];
} dialling_three[] = {
	{ "21", "12368" }, { "22", "0123456789" }, { "23", "0123456789" },
	{ "24", "0123456789" }, { "25", "012345678" },
	{ "26", "0123456789" }, { "29", "01789" }, { "35", "0123456789" },
	{ "37", "0123456789" }, { "38", "01235679" }, { "42", "013" },
	{ "50", "0123456789" }, { "59", "0123456789" }, { "67", "023456789" },
	{ "68", "012356789" }, { "69", "012" }, { "80", "08" },
	{ "85", "02356" }, { "87", "08" }, { "88", "012368" },
	{ "96", "012345678" }, { "97", "012345679" }, { "99", "234568" },
};

static const char	*dialling_digits(const char *e164);

size_t
dialling_len(const char *e164)
{
	const char	*d = dialling_digits(e164);
	char		 two[5] = { ' ', d[0], '\0', ' ', '\0' };
	size_t		 i;

	if (d[0] == '1' || d[0] == '7')
		return (1);
	if (d[0] < '2' || d[0] > '9' || d[1] < '0' || d[1] > '9')
		return (0);
	two[2] = d[1];
	if (strstr(dialling_two, two) != NULL)
		return (2);
	for (i = 0; i < sizeof(dialling_three) / sizeof(dialling_three[0]);
	    i++) {
		if (memcmp(dialling_three[i].zone, d, 2) == 0)
			return (d[2] != '\0' &&
			    strchr(dialling_three[i].thirds, d[2]) != NULL ?
			    3 : 0);
	}
	return (0);
}

void
dialling_code(const char *e164, char out[DIALLING_MAX + 1])
{
	size_t	n = dialling_len(e164);

	memcpy(out, dialling_digits(e164), n);
	out[n] = '\0';
}

const char *
dialling_national(const char *e164)
{
	return (dialling_digits(e164) + dialling_len(e164));
}

bool
dialling_is_code(const char *code)
{
	size_t	n = strlen(code);

	return (n >= 1 && n <= DIALLING_MAX && code[0] != '+' &&
	    dialling_len(code) == n);
}

static const char *
dialling_digits(const char *e164)
{
	return (e164[0] == '+' ? e164 + 1 : e164);
}
