/*
 * message_text - what a message says: texts for each name (message.h), channel
 * and language.  English is shipped; an operator's text (table of the console)
 * goes before it.  {{name}} stands for a variable, escaped in HTML.
 *
 * The last line "@host #code" lets a phone fill in the code at that host only
 * (the WICG's format of codes in text messages).  It is part of the shipped
 * texts and goes away when host is empty, as does any line of a plain text
 * that has variables of which none has a value.
 */
#ifndef MESSAGE_TEXT_H
#define MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "message.h"
#include "sms_count.h"

#define TEXT_SUBJECT_MAX	200	/* bytes of a template, and rendered */
#define TEXT_BODY_MAX		4000
#define TEXT_HTML_MAX		60000
#define TEXT_LANGUAGE_MAX	35	/* BCP 47, "en", "hi", "en-IN" */
#define TEXT_WARNINGS_MAX	6
#define TEXT_WARNING_LEN	160
#define TEXT_WHY_MAX		160

enum text_channel { TEXT_SMS, TEXT_EMAIL, TEXT_CHANNEL_MAX };

/* A template; subject and html are NULL or "" in text messages. */
struct text {
	const char	*subject, *text, *html;
};

/* Rendered; the caller clears. */
struct text_out {
	struct buf	subject, text, html;
};

struct text_errors {
	struct {
		const char	*field;		/* "subject", "text", "html" */
		char		 message[TEXT_WHY_MAX];
	}	v[3];
	size_t	n;
};

struct text_preview {
	struct text_out		out;
	struct sms_count	count;		/* of the text; SMS only */
	char			warnings[TEXT_WARNINGS_MAX][TEXT_WARNING_LEN];
	size_t			n_warnings;
};

/* The names there are; NULL beyond the last. */
const char	*text_name(size_t i);
/* "sms", "email"; the other way: ERR_NOT_FOUND. */
const char	*text_channel_name(enum text_channel c);
enum err	 text_channel_parse(const char *s, enum text_channel *out)
		    MUSTCHECK;
/* The shipped English text; NULL for an unknown name. */
const struct text *text_default(const char *name, enum text_channel c);
/* The variables that have a value in |name|, those of every message too:
 * "code, app_name", for a person to read.  Nothing for an unknown name. */
void		 text_variables(const char *name, struct buf *out);
/* Is |s| a language tag: letters, digits, '-' as in BCP 47? */
bool		 text_language_check(const char *s);
/*
 * Takes an operator's |t| for |name| and |c|: known variables only, the code
 * or token must be in it where there is one, lengths, no control characters
 * (line feeds are fine), a subject for e-mail alone.  ERR_FORMAT: |errs|;
 * ERR_NOT_FOUND: no such name.
 */
enum err	 text_check(const char *name, enum text_channel c,
		    const struct text *t, struct text_errors *errs) MUSTCHECK;
/*
 * Variables: those of the message (message_open()), plus |more|: app_name,
 * brand, host, name.  ttl_minutes comes from ttl_s.  A variable that neither
 * has is empty.
 */
struct text_vars {
	const struct message_opened	*message;	/* may be NULL */
	const struct message_var	*more;
	size_t				 n_more;
};
/* Fills |out|, text_out_init() done.  Values are one line, those that people
 * chose at most 80 characters.  ERR_SPACE, ERR_NOMEM, ERR_FORMAT. */
enum err	 text_render(const struct text *t, const struct text_vars *v,
		    struct text_out *out) MUSTCHECK;
void		 text_out_init(struct text_out *out);
void		 text_out_clear(struct text_out *out);
/*
 * |t| rendered with example values over which |v| (its |more|; may be NULL)
 * goes, counted, with warnings: several segments, UCS-2 because of a
 * character, last line not domain-bound, a link in a text message ..
 * The caller clears |out->out|.  Errors of text_render().
 */
enum err	 text_preview(const char *name, enum text_channel c,
		    const struct text *t, const struct text_vars *v,
		    struct text_preview *out) MUSTCHECK;

#endif
