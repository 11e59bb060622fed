/*
 * decode - a JSON object or a form into a C struct, by a table of fields and
 * the validators that kore.conf names.  Unknown fields are ignored; every bad
 * field gets one entry in the problem's "errors".
 */
#ifndef DECODE_H
#define DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "problem.h"

enum decode_kind {
	DECODE_TEXT,		/* char[size] in the struct; absent or null: "" */
	DECODE_BOOL		/* bool; absent or null: false */
};

struct decode_field {
	const char		*name;
	enum decode_kind	 kind;
	const char		*validator;	/* of kore.conf; NULL for DECODE_BOOL */
	size_t			 offset;
	size_t			 size;		/* of the array, NUL included */
	bool			 is_required;
	const char		*message;	/* what is wrong, for a person */
};

#define DECODE_F(s, f, v, r, m)						\
	{ #f, DECODE_TEXT, (v), offsetof(struct s, f),			\
	    sizeof(((struct s *)NULL)->f), (r), (m) }
#define DECODE_B(s, f, m)						\
	{ #f, DECODE_BOOL, NULL, offsetof(struct s, f), sizeof(bool),	\
	    false, (m) }

enum decode_media { DECODE_NONE, DECODE_JSON, DECODE_FORM, DECODE_OTHER };

struct http_request;

/* What a Content-Type header (may be NULL) announces; parameters ignored. */
enum decode_media	decode_media_of(const char *content_type);
#define DECODE_ERRORS_MAX	32

/* Bad fields, in the order of the table; all texts are static. */
struct decode_errors {
	const char	*detail;	/* of a body that could not be read */
	size_t		 n;
	struct {
		const char	*field;
		const char	*message;
	}	v[DECODE_ERRORS_MAX];
};

/* What is read, by which fields, into what. */
struct decode_job {
	enum decode_media		 media;
	char				*body;	/* a form is changed in place */
	size_t				 len;
	const struct decode_field	*fields;
	size_t				 n_fields;
	void				*input;
};

/*
 * Returns PROBLEM_NONE, PROBLEM_MALFORMED, PROBLEM_OVERLOADED or
 * PROBLEM_INVALID_PARAMETER; for the last, |errors| says why.  |req| is handed
 * to the validators.
 */
enum problem		decode_body(struct http_request *req,
			    const struct decode_job *job,
			    struct decode_errors *errors);

#endif
