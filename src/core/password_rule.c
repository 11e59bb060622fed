/*
 * password_rule - see password_rule.h.
 * Strength is what zxcvbn estimates: the guesses, in bits, that somebody needs
 * who knows common passwords, words, names, dates, rows of keys and what is
 * told of this person.  Its dictionary is part of the library; it keeps no
 * state, so several lanes may use it at once.
 */
#include "password_rule.h"

#include <string.h>

#include <zxcvbn.h>

#include "mem.h"
#include "nfkc.h"
#include "password.h"
#include "str.h"

/* 10^9 guesses; each costs an attacker who has the hash one argon2id. */
#define PASSWORD_RULE_BITS	30.0
/*
 * zxcvbn's time grows with the cube of the length: 3 ms for 64 equal bytes,
 * 9 ms for 128.  Of a longer password both ends are looked at; one good end
 * is enough.
 */
#define PASSWORD_RULE_SEEN	64
#define PASSWORD_RULE_WORDS	40
#define PASSWORD_RULE_WORD_MIN	3	/* shorter parts are in many words */

/* The person's own words in lower case, as zxcvbn wants them. */
struct password_words {
	char		 text[2048];
	size_t		 len;
	const char	*v[PASSWORD_RULE_WORDS + 1];	/* NULL-terminated */
	size_t		 n;
};

/* What zxcvbn found in one piece. */
struct password_guess {
	double	bits;
	bool	is_listed, is_personal;
};

static enum password_fault	password_rule_counts(
				    const struct password_rule *r,
				    const struct nfkc *t);
static enum password_fault	password_rule_strength(
				    const struct password_rule *r,
				    const struct nfkc *t);
static void	password_rule_guess(const char *s, size_t len,
		    struct password_words *w, struct password_guess *out);
static void	password_rule_words(const struct password_rule *r,
		    struct password_words *w);
static void	password_rule_parts(struct password_words *w, const char *s);
static void	password_rule_word(struct password_words *w, const char *s,
		    size_t len);
static bool	password_rule_is_part(char c);

enum err
password_rule_length(const struct password_rule *r, const char *pw,
    size_t len, enum password_fault *out)
{
	struct nfkc	t = { NULL, 0, 0 };
	enum err	e = ERR_OK;

	*out = PASSWORD_LONG;
	if (len > PASSWORD_MAX_LEN)
		return (ERR_OK);
	*out = PASSWORD_NOT_TEXT;
	if ((e = nfkc_make(pw, len, &t)) == ERR_OK)
		*out = password_rule_counts(r, &t);
	else if (e == ERR_FORMAT)
		e = ERR_OK;
	nfkc_clear(&t);
	return (e);
}

enum err
password_rule_check(const struct password_rule *r, const char *pw,
    size_t len, enum password_fault *out)
{
	struct nfkc	t = { NULL, 0, 0 };
	enum err	e;

	if ((e = password_rule_length(r, pw, len, out)) != ERR_OK ||
	    *out != PASSWORD_GOOD)
		return (e);
	if ((e = nfkc_make(pw, len, &t)) == ERR_OK)
		*out = password_rule_strength(r, &t);
	nfkc_clear(&t);
	return (e);
}

void
password_rule_text(const struct password_rule *r, enum password_fault f,
    char out[PASSWORD_RULE_TEXT_LEN + 1])
{
	static const char *const	texts[] = {
		[PASSWORD_GOOD] = "",
		[PASSWORD_LONG] = "The password is too long: "
		    "use at most 1024 bytes.",
		[PASSWORD_NOT_TEXT] = "The password is not UTF-8.",
		[PASSWORD_LISTED] = "This password is one of those that "
		    "attackers try first. Choose another one.",
		[PASSWORD_PERSONAL] = "This password is easy to guess for "
		    "somebody who knows your name, address or number.",
		[PASSWORD_WEAK] = "This password is easy to guess. Use more "
		    "words that do not belong together, without repeating "
		    "them.",
	};
	int				 min = r->min_len;
	enum err			 e;

	if (min < PASSWORD_RULE_MIN)
		min = PASSWORD_RULE_MIN;
	if (f == PASSWORD_SHORT)
		e = str_printf(out, PASSWORD_RULE_TEXT_LEN + 1, "The password "
		    "is too short: use at least %d characters. Several words "
		    "are easy to remember and hard to guess.", min);
	else
		e = str_copy(out, PASSWORD_RULE_TEXT_LEN + 1, texts[f],
		    strlen(texts[f]));
	if (e != ERR_OK)
		out[0] = '\0';		/* not reached: they fit */
}

static enum password_fault
password_rule_counts(const struct password_rule *r, const struct nfkc *t)
{
	size_t	min = PASSWORD_RULE_MIN;

	if (r->min_len > PASSWORD_RULE_MIN)
		min = (size_t)r->min_len;
	return (str_utf8_count((const char *)t->b, t->len) < min ?
	    PASSWORD_SHORT : PASSWORD_GOOD);
}

static enum password_fault
password_rule_strength(const struct password_rule *r, const struct nfkc *t)
{
	struct password_words	w;
	struct password_guess	head, tail;
	const char		*s = (const char *)t->b;

	password_rule_words(r, &w);
	if (t->len <= PASSWORD_RULE_SEEN)
		password_rule_guess(s, t->len, &w, &head);
	else {
		password_rule_guess(s, PASSWORD_RULE_SEEN, &w, &head);
		password_rule_guess(s + t->len - PASSWORD_RULE_SEEN,
		    PASSWORD_RULE_SEEN, &w, &tail);
		if (tail.bits > head.bits)
			head = tail;
	}
	if (head.bits >= PASSWORD_RULE_BITS)
		return (PASSWORD_GOOD);
	if (head.is_listed)
		return (PASSWORD_LISTED);
	return (head.is_personal ? PASSWORD_PERSONAL : PASSWORD_WEAK);
}

static void
password_rule_guess(const char *s, size_t len, struct password_words *w,
    struct password_guess *out)
{
	char		 piece[PASSWORD_RULE_SEEN + 1];
	ZxcMatch_t	*matches = NULL, *m;

	memcpy(piece, s, len);
	piece[len] = '\0';
	memset(out, 0, sizeof(*out));
	out->bits = ZxcvbnMatch(piece, w->v, &matches);
	for (m = matches; m != NULL; m = m->Next) {
		if (m->Type == DICTIONARY_MATCH || m->Type == DICT_LEET_MATCH)
			out->is_listed = (size_t)m->Length == len;
		/* Repeated, it is of another type and still the person's. */
		if (((int)m->Type & ~MULTIPLE_MATCH) == USER_MATCH ||
		    ((int)m->Type & ~MULTIPLE_MATCH) == USER_LEET_MATCH)
			out->is_personal = true;
	}
	ZxcvbnFreeInfo(matches);
	mem_wipe(piece, sizeof(piece));
}

static void
password_rule_words(const struct password_rule *r, struct password_words *w)
{
	const char	*mobile = r->user.mobile_number;

	memset(w, 0, sizeof(*w));
	password_rule_parts(w, r->user.name);
	password_rule_parts(w, r->user.email);
	password_rule_parts(w, r->user.emp_id);
	password_rule_parts(w, r->service);
	/* Whole, too: what joins the parts costs no guess. */
	password_rule_word(w, r->user.email, strlen(r->user.email));
	if (mobile[0] == '+')
		mobile++;
	password_rule_word(w, mobile, strlen(mobile));
	/* National: without one to three digits of the country's code. */
	if (strlen(mobile) > 10)
		password_rule_word(w, mobile + strlen(mobile) - 10, 10);
}

/* Each run of letters and digits; bytes above ASCII are letters. */
static void
password_rule_parts(struct password_words *w, const char *s)
{
	size_t	len;

	while (*s != '\0') {
		len = 0;
		while (password_rule_is_part(s[len]))
			len++;
		if (len >= PASSWORD_RULE_WORD_MIN)
			password_rule_word(w, s, len);
		s += len > 0 ? len : 1;
	}
}

/* Beyond what there is room for, words are left out. */
static void
password_rule_word(struct password_words *w, const char *s, size_t len)
{
	size_t	i;

	if (len == 0 || w->n == PASSWORD_RULE_WORDS ||
	    w->len + len + 1 > sizeof(w->text))
		return;
	w->v[w->n++] = w->text + w->len;
	for (i = 0; i < len; i++)
		w->text[w->len++] = s[i] >= 'A' && s[i] <= 'Z' ?
		    (char)(s[i] + ('a' - 'A')) : s[i];
	w->text[w->len++] = '\0';
}

static bool
password_rule_is_part(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c & 0x80) != 0);
}
