/*
 * password_rule - what a new password has to be: long enough first, then not
 * easy to guess.  No composition rule (NIST SP 800-63B-4 s.3.1.1.2).
 * password_rule_check() takes a few milliseconds: call it from a hashing lane
 * or the command line.
 */
#ifndef PASSWORD_RULE_H
#define PASSWORD_RULE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "user.h"

#define PASSWORD_RULE_MIN	8	/* whatever a setting says */
#define PASSWORD_RULE_TEXT_LEN	200
#define PASSWORD_RULE_SERVICE_LEN 200

/* What is wrong with a password; PASSWORD_GOOD: nothing. */
enum password_fault {
	PASSWORD_GOOD,
	PASSWORD_SHORT,
	PASSWORD_LONG,
	PASSWORD_NOT_TEXT,	/* not UTF-8 */
	PASSWORD_LISTED,	/* a common password */
	PASSWORD_PERSONAL,	/* made of the person's name, address, number */
	PASSWORD_WEAK		/* easy to guess otherwise */
};

/* Zeroed, then filled: what is not known stays empty. */
struct password_rule {
	int32_t		min_len;	/* code points after NFKC */
	struct user	user;		/* whose it will be */
	char		service[PASSWORD_RULE_SERVICE_LEN + 1];
};

/* The quick part: length and encoding.  ERR_NOMEM. */
enum err	password_rule_length(const struct password_rule *r,
		    const char *pw, size_t len, enum password_fault *out)
		    MUSTCHECK;
/* All of it.  ERR_NOMEM. */
enum err	password_rule_check(const struct password_rule *r,
		    const char *pw, size_t len, enum password_fault *out)
		    MUSTCHECK;
/* The sentence for a person. */
void		password_rule_text(const struct password_rule *r,
		    enum password_fault f,
		    char out[PASSWORD_RULE_TEXT_LEN + 1]);

#endif
