/*
 * person_input - what the endpoints about people read from a request, and the
 * 422 that says what is wrong with it.
 */
#ifndef PERSON_INPUT_H
#define PERSON_INPUT_H

#include <stdbool.h>

#include "db_param.h"
#include "person_in.h"
#include "user.h"

struct http_request;

/* JSON of all fields, 256 applications included; of all filters. */
#define PERSON_INPUT_FIELDS_LEN		16384
#define PERSON_INPUT_FILTERS_LEN	4096

/* The body, normalised; the caller clears |out|.  False: replied. */
bool	person_input_read(struct http_request *req, bool is_new,
	    struct person_in *out, int *ret);
/* The filters of the query string as JSON.  False: replied. */
bool	person_input_filters(struct http_request *req,
	    char out[PERSON_INPUT_FILTERS_LEN], int *ret);
/* 422 with these errors, which are taken over. */
int	person_input_fail(struct http_request *req, json_t *errors);
/* Appends an array of strings without blanks, commas or quotes (ids, names of
 * fields), checked before; NULL is an empty one. */
void	person_input_array(const json_t *a, struct db_params *p);
/* |o| as JSON text of one form.  False: it does not fit. */
bool	person_input_text(const json_t *o, char *dst, size_t cap);
/* Name and contacts, for the rule of passwords. */
void	person_input_user(const json_t *fields, struct user *out);
/* Appends who acts, and the origin: what every statement that writes ends
 * with. */
void	person_input_actor(struct http_request *req, struct db_params *p);

#endif
