/*
 * person_in - what an administrator sends about a person, and which people a
 * list is to show, checked and normalised.  The results are JSON objects that
 * statements take as they are (0010_people).
 */
#ifndef PERSON_IN_H
#define PERSON_IN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "password.h"

#define PERSON_IN_APPS_MAX	256
#define PERSON_IN_Q_MAX		200	/* characters */

/* A body of POST or PATCH /setup/api/users. */
struct person_in {
	json_t		*fields;	/* normalised, without the password */
	json_t		*errors;	/* [{"field","message"}], or NULL */
	bool		 has_admin;	/* is_admin was given */
	bool		 is_admin;
	const char	*password;	/* borrowed from the body, or NULL */
};

/*
 * Reads |body|; |cc| the default country code; |is_new|: a name is needed and
 * a password may be there.  ERR_FORMAT: see |errors|; ERR_NOMEM.  The caller
 * clears |out| in any case.
 */
enum err	person_in_read(const json_t *body, const char *cc, bool is_new,
		    struct person_in *out) MUSTCHECK;
void		person_in_clear(struct person_in *p);

/* Text of the filter |name|, borrowed until the next call, or NULL. */
typedef const char	*(*person_filter_fn)(void *arg, const char *name);

/*
 * The filters of a list into |*filters| (an object, owned by the caller).
 * ERR_FORMAT: |*errors| says what is wrong; ERR_NOMEM.
 */
enum err	person_filter_read(person_filter_fn get, void *arg,
		    json_t **filters, json_t **errors) MUSTCHECK;
/* The same from a JSON object (NULL: none), as bulk actions send it. */
enum err	person_filter_json(const json_t *o, json_t **filters,
		    json_t **errors) MUSTCHECK;
/* One more entry of |*errors|, which is made when NULL. */
void		person_in_error(json_t **errors, const char *field,
		    const char *message);
/* |a| is an array of at most |max| UUIDs. */
bool		person_in_uuids(const json_t *a, size_t max);

#endif
