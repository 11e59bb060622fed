/*
 * problem - see problem.h.  The table is problem.def.
 */
#include "problem.h"

#include <string.h>

#include "headers.h"
#include "uuid.h"

struct problem_row {
	int		 status;
	const char	*code;
	const char	*title;
	const char	*text;
};

static const struct problem_row	*problem_row(enum problem p);

/* Indexed by enum problem; row 0 is what a programming error shows. */
static const struct problem_row problem_rows[PROBLEM_MAX] = {
	[PROBLEM_NONE] = { 500, "internal", "Internal error",
	    "Something went wrong here." },
#define PROBLEM(sym, status, code, title, text) \
	[PROBLEM_##sym] = { status, code, title, text },
#include "problem.def"
#undef PROBLEM
};

int
problem_status(enum problem p)
{
	return (problem_row(p)->status);
}

const char *
problem_code(enum problem p)
{
	return (problem_row(p)->code);
}

enum problem
problem_of_err(enum err e)
{
	switch (e) {
	case ERR_BUSY:
	case ERR_TIMEOUT:
		return (PROBLEM_OVERLOADED);
	case ERR_DB_DOWN:
		return (PROBLEM_UNAVAILABLE);
	default:
		return (PROBLEM_INTERNAL);
	}
}

enum problem
problem_of_code(const char *code)
{
	int	i;

	for (i = 1; i < PROBLEM_MAX; i++) {
		if (strcmp(problem_rows[i].code, code) == 0)
			return ((enum problem)i);
	}
	return (PROBLEM_NONE);
}

enum problem
problem_of_status(int status)
{
	int	i;

	for (i = 1; i < PROBLEM_MAX; i++) {
		if (problem_rows[i].status == status)
			return ((enum problem)i);
	}
	return (PROBLEM_MALFORMED);
}

void
problem_json(struct buf *out, enum problem p, const char *detail,
    const char *request_id, const char *extra)
{
	const struct problem_row	*row = problem_row(p);

	if (detail == NULL)
		detail = row->text;
	buf_printf(out, "{\"type\":\"urn:identity:problem:%s\",\"title\":",
	    row->code);
	buf_json(out, row->title, strlen(row->title));
	buf_printf(out, ",\"status\":%d,\"code\":\"%s\",\"detail\":",
	    row->status, row->code);
	buf_json(out, detail, strlen(detail));
	buf_str(out, ",\"request_id\":");
	buf_json(out, request_id, strlen(request_id));
	if (extra != NULL)
		buf_str(out, extra);
	buf_char(out, '}');
}

void
problem_deny(struct buf *out, int status, const char *why,
    const char *request_id, int is_tls)
{
	struct buf	body;
	struct uuid	u;
	char		made[UUID_TEXT_LEN + 1];

	if (request_id[0] == '\0') {
		uuid_make(&u);
		uuid_format(&u, made);
		request_id = made;
	}

	buf_init(&body, 2048);
	problem_json(&body, problem_of_status(status), why, request_id, NULL);
	buf_printf(out, "HTTP/1.1 %d %s\r\n", status,
	    problem_row(problem_of_status(status))->title);
	buf_printf(out, "server: %s\r\nconnection: close\r\n"
	    "content-type: application/problem+json\r\n"
	    "cache-control: no-store\r\nx-request-id: %s\r\n",
	    HEADERS_SERVER, request_id);
	if (is_tls)
		buf_printf(out, "strict-transport-security: %s\r\n",
		    HEADERS_HSTS);
	buf_printf(out, "content-length: %zu\r\n\r\n", body.len);
	buf_add(out, body.data, body.len);
	buf_clear(&body);
}

static const struct problem_row *
problem_row(enum problem p)
{
	if (p <= PROBLEM_NONE || p >= PROBLEM_MAX)
		p = PROBLEM_NONE;
	return (&problem_rows[p]);
}
