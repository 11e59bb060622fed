/*
 * pattern - see pattern.h.
 * glibc matches without backtracking as long as there is no back-reference,
 * but '+' and counts copy what they stand behind when they are compiled: so
 * repetitions of repetitions are what has to be bounded.
 */
#include "pattern.h"

#include <regex.h>
#include <string.h>

#include "str.h"

#define PATTERN_DEPTH_MAX	4	/* each '+' behind a group doubles it */
#define PATTERN_COUNT_MAX	64

/* What stands before the place that is looked at. */
enum pattern_before {
	PATTERN_START, PATTERN_SINGLE, PATTERN_GROUP, PATTERN_REPEAT
};

static const char	*pattern_wrong(const char *re);
static size_t		 pattern_bracket(const char *re);
static size_t		 pattern_count(const char *re, const char **wrong);
static void		 pattern_why(char *why, const char *text);

enum err
pattern_check(const char *re, char why[PATTERN_WHY_MAX])
{
	const char	*wrong = pattern_wrong(re);
	regex_t		 r;

	if (wrong != NULL) {
		pattern_why(why, wrong);
		return (ERR_FORMAT);
	}
	if (regcomp(&r, re, REG_EXTENDED | REG_NOSUB) != 0) {
		pattern_why(why, "is no regular expression (POSIX extended)");
		return (ERR_FORMAT);
	}
	regfree(&r);
	return (ERR_OK);
}

bool
pattern_matches(const char *re, const char *s, size_t len)
{
	char	subject[PATTERN_SUBJECT_MAX + 1];
	regex_t	r;
	bool	is_match;

	if (pattern_wrong(re) != NULL ||
	    regcomp(&r, re, REG_EXTENDED | REG_NOSUB) != 0)
		return (false);
	if (len > PATTERN_SUBJECT_MAX)
		len = PATTERN_SUBJECT_MAX;
	if (len > 0)
		memcpy(subject, s, len);
	subject[len] = '\0';
	is_match = regexec(&r, subject, 0, NULL, 0) == 0;
	regfree(&r);
	return (is_match);
}

/* Which rule of ours |re| breaks, or NULL; the syntax is regcomp()'s. */
static const char *
pattern_wrong(const char *re)
{
	enum pattern_before	 before = PATTERN_START;
	const char		*wrong = NULL;
	size_t			 depth = 0, i, n, len = strlen(re);

	if (len == 0 || len > PATTERN_MAX)
		return ("must be 1 to 200 bytes long");
	for (i = 0; i < len && wrong == NULL; i += n) {
		n = 1;
		switch (re[i]) {
		case '\\':
			if (re[i + 1] >= '1' && re[i + 1] <= '9')
				return ("must not use back-references");
			n = 2;
			before = PATTERN_SINGLE;
			break;
		case '[':
			if ((n = pattern_bracket(re + i)) == 0)
				return ("has a bracket that is not closed");
			before = PATTERN_SINGLE;
			break;
		case '(':
			if (++depth > PATTERN_DEPTH_MAX)
				return ("has groups nested deeper than 4");
			before = PATTERN_START;
			break;
		case ')':
			depth -= depth > 0 ? 1 : 0;
			before = PATTERN_GROUP;
			break;
		case '*': case '+': case '?':
			if (before == PATTERN_REPEAT)
				return ("must not repeat a repetition");
			before = PATTERN_REPEAT;
			break;
		case '{':
			if (before != PATTERN_SINGLE)
				return ("may have a count behind a character "
				    "or a bracket only");
			n = pattern_count(re + i, &wrong);
			before = PATTERN_REPEAT;
			break;
		case '|': case '^':
			before = PATTERN_START;
			break;
		default:
			before = PATTERN_SINGLE;
		}
	}
	return (wrong);
}

/* Length of the bracket expression at |re|, 0: not closed. */
static size_t
pattern_bracket(const char *re)
{
	size_t	i = 1;
	char	kind;

	if (re[i] == '^')
		i++;
	if (re[i] == ']')	/* the first one stands for itself */
		i++;
	for (; re[i] != '\0'; i++) {
		if (re[i] == ']')
			return (i + 1);
		if (re[i] != '[' || (re[i + 1] != ':' && re[i + 1] != '.' &&
		    re[i + 1] != '='))
			continue;
		/* A class: [:alpha:] ends at ":]". */
		kind = re[i + 1];
		for (i += 2; re[i] != '\0'; i++) {
			if (re[i] == kind && re[i + 1] == ']')
				break;
		}
		if (re[i] == '\0')
			return (0);
		i++;
	}
	return (0);
}

/* Length of the count {m}, {m,} or {m,n} at |re|. */
static size_t
pattern_count(const char *re, const char **wrong)
{
	int	v = 0;
	size_t	i;

	for (i = 1; re[i] != '}'; i++) {
		if (re[i] == ',')
			v = 0;
		else if (re[i] < '0' || re[i] > '9') {
			*wrong = "has a count that is none";
			return (1);
		} else if ((v = v * 10 + (re[i] - '0')) > PATTERN_COUNT_MAX) {
			*wrong = "has a count over 64";
			return (1);
		}
	}
	return (i + 1);
}

static void
pattern_why(char *why, const char *text)
{
	if (why != NULL && str_copy(why, PATTERN_WHY_MAX, text,
	    strlen(text)) != ERR_OK)
		why[0] = '\0';
}
