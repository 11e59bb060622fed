/*
 * api - one request, top to bottom: guard, parse, ask, got, reply.
 * Owns the request's context and its life: what is under way when the client
 * leaves is detached, never waited for.  Handlers see the functions below and
 * struct http_request as an opaque handle; Kore's own calls stay in here.
 */
#ifndef API_H
#define API_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apikey.h"
#include "audit.h"
#include "buf.h"
#include "db.h"
#include "decode.h"
#include "err.h"
#include "form.h"
#include "guard.h"
#include "hash_lane.h"
#include "ip.h"
#include "password_rule.h"
#include "problem.h"
#include "refusal.h"

struct http_request;
struct http_state;

#define API_GET		0x01
#define API_POST	0x02
#define API_PUT		0x04
#define API_PATCH	0x08
#define API_DELETE	0x10

/* Bodies over this are 413 (api.md s.1); the console's may be larger, those of
 * providers' receipts are smaller. */
#define API_BODY_MAX		65536
#define API_BODY_MAX_RECEIPT	32768
#define API_BODY_MAX_CONSOLE	1048576

/* What one endpoint is; static and constant. */
struct api_route {
	const char			*name;
	unsigned int			 methods;	/* API_GET | ...; GET has HEAD */
	struct http_state		*states;	/* Kore wants it writable */
	uint8_t				 n_states;
	const struct decode_field	*fields;	/* of the body, may be NULL */
	size_t				 n_fields;
	size_t				 input_size;	/* the endpoint's own struct */
	unsigned int			 limits;	/* LIMIT_SEND | ... */
	/* It is about to be freed: lists must forget it.  May be NULL. */
	void				(*leave)(void *input);
};

/*
 * The guard's three states; the first of every table under /auth and /users.
 * Refuses, or fills api_caller().
 */
#define API_GUARD							\
	KORE_HTTP_STATE(guard_check),					\
	KORE_HTTP_STATE(guard_ask),					\
	KORE_HTTP_STATE(guard_got)

/* The application whose key was presented; set by the guard. */
struct api_caller {
	struct uuid	app;
	char		app_name[201];
	char		key_id[APIKEY_ID_LEN + 1];
	int32_t		per_minute;	/* its budget, 0 = none */
};

/* ---- running ------------------------------------------------------------ */

/* Body of every Kore handler. */
int			 api_run(struct http_request *req,
			    const struct api_route *route);
/* As api_run for a path whose methods are routes of their own. */
int			 api_run_method(struct http_request *req,
			    const struct api_route *const *routes, size_t n);
/* To the next state of the table; |n| further than the next: api_skip(1).  A
 * loop goes back: api_skip(-2) is the state before. */
int			 api_next(struct http_request *req);
int			 api_skip(struct http_request *req, int n);
/* What a state returns to be called again, when somebody calls api_wake(). */
int			 api_sleep(struct http_request *req);
void			 api_wake(struct http_request *req);

/* Reads rows into |target| as soon as they arrive. */
typedef enum err	(*api_rows_fn)(const struct db_result *res,
			    void *target);
/*
 * Sends statement |q| (|p| is taken over) and goes to the next state, which
 * calls api_got().  |rows| NULL: nothing is read.  |target| lives as long as
 * the request (part of its input).  Replies 503 or 500 itself when the
 * statement cannot be sent.
 */
int			 api_ask(struct http_request *req, enum sql_id q,
			    struct db_params *p, api_rows_fn rows,
			    void *target);
/* As api_ask(), but replies nothing and stays in its state. */
enum err		 api_ask_try(struct http_request *req, enum sql_id q,
			    struct db_params *p, api_rows_fn rows,
			    void *target) MUSTCHECK;
/*
 * First call of a _got state: true when the answer is there; otherwise
 * |*ret| is what the state returns (still waiting, or an error was replied).
 */
bool			 api_got(struct http_request *req, int *ret);
/* As api_got, but leaves |*e| to the caller (a constraint that means
 * something); |constraint| is borrowed, "" when none. */
bool			 api_got_err(struct http_request *req, int *ret,
			    enum err *e, const char **constraint);

/* Password work in a hashing lane, then the next state, which calls
 * api_hashed().  |hash| NULL: equal work against nothing. */
int			 api_hash_verify(struct http_request *req,
			    const char *hash, const char *pw);
/* A new password, which the lane also holds against |rule|. */
int			 api_hash_make(struct http_request *req,
			    const struct password_rule *rule, const char *pw);
/*
 * True when the lane is done; |*e| ERR_OK or ERR_SIGNATURE; |*made| the new
 * hash to store, or NULL.  Replies 503 itself when the lane refused.
 */
bool			 api_hashed(struct http_request *req, int *ret,
			    enum err *e, const char **made);
/* After api_hash_make(): what |rule| had against it; then no hash was made. */
enum password_fault	 api_hash_fault(struct http_request *req);

/*
 * Waits for work of the endpoint's own, which calls api_work_done() from the
 * event loop, and goes to the next state, which calls api_worked().  |cancel|
 * is called with |arg| if the client leaves before; then nothing may come.
 */
int			 api_work(struct http_request *req,
			    void (*cancel)(void *arg), void *arg);
void			 api_work_done(struct http_request *req);
bool			 api_worked(struct http_request *req, int *ret);
/* Work that takes too long for the event loop, on a copy of |p|, in a hashing
 * lane; then the next state, which calls api_laned(): true when it is done,
 * with what |work| returned and made. */
int			 api_lane(struct http_request *req, hash_work_fn work,
			    const void *p, size_t len);
bool			 api_laned(struct http_request *req, int *ret,
			    enum err *e, const struct buf **made);

/* ---- what the request says --------------------------------------------- */

void			*api_input(struct http_request *req);
/* What it was run with. */
const struct api_route	*api_route_of(struct http_request *req);
const struct api_caller	*api_caller(struct http_request *req);
/* Its id; NULL: the request is none of an application, but the console's. */
const struct uuid	*api_app(struct http_request *req);
/* For the guard alone: the caller to be filled, and its own state. */
struct api_caller	*api_caller_set(struct http_request *req);
struct guard_state	*api_guard_state(struct http_request *req);
/*
 * Memory of |size| bytes beside the input, zeroed at first use, for what
 * several endpoints have in common; wiped with the request after |clear| (may
 * be NULL).  One kind of it a request.  NULL: no memory.
 */
void			*api_share(struct http_request *req, size_t size,
			    void (*clear)(void *));
/* Effective address. */
const struct ip		*api_ip(struct http_request *req);
/* Does the person's side speak TLS?  By the listener, or as a trusted proxy
 * says. */
bool			 api_is_https(struct http_request *req);
/* How the request came in, for an administrator who wonders. */
struct api_view {
	struct ip	peer;
	struct ip_walk	walk;
	enum ip_why	why;
	char		forwarded[XFF_KEPT_LEN + 1];
	int		n_headers;
	bool		is_http10;
};
void			 api_look(struct http_request *req,
			    struct api_view *out);
/* Host header, borrowed; never NULL. */
const char		*api_host(struct http_request *req);
/* Where the request came from, for audit rows; made on first use. */
const struct audit_origin	*api_origin(struct http_request *req);
/* The person's own address and agent, as told in the body. */
void			 api_origin_client(struct http_request *req,
			    const char *ip, const char *user_agent);
/* The path as Kore matched it, not decoded; borrowed. */
const char		*api_path(struct http_request *req);
/* Value of a header, borrowed, or NULL. */
const char		*api_header(struct http_request *req,
			    const char *name);
/* Method bit; HEAD counts as GET. */
unsigned int		 api_method(struct http_request *req);
/* The token of "Authorization: Bearer", or NULL; |*len| its length. */
const char		*api_bearer(struct http_request *req, size_t *len);
/* A field of the query string of exactly |name|, or NULL.  Decoded. */
const char		*api_query(struct http_request *req,
			    const char *name);
/* All of them, borrowed; NULL: there is no query, or it cannot be read. */
const struct form	*api_query_form(struct http_request *req);
/*
 * Reads the body into the input struct by the route's fields.  True: go on;
 * else |*ret| (400, 413, 415, 422 was replied).
 */
bool			 api_decode(struct http_request *req, int *ret);
/*
 * The body as one strict JSON object, owned by the request.  NULL: |*ret|
 * (400, 413 or 415 was replied).
 */
const json_t		*api_json(struct http_request *req, int *ret);
/* Is there one, of any length? */
bool			 api_has_body(struct http_request *req);
/* The body as it came; |*ret| as above for one that is too large. */
const void		*api_body(struct http_request *req, size_t *len,
			    int *ret);
/* As api_decode, but replies nothing: for pages that show the errors. */
enum problem		 api_decode_into(struct http_request *req,
			    struct decode_errors *errors);

/* ---- replying: each ends the request ------------------------------------ */

/* |body| is sent as JSON and cleared. */
int			 api_reply(struct http_request *req, int status,
			    struct buf *body);
/* Bytes of another type, e.g. a page. */
int			 api_reply_bytes(struct http_request *req, int status,
			    const char *type, const void *p, size_t len);
/* 200, or 304 when the client says that it has |etag| (in quotes). */
int			 api_reply_tagged(struct http_request *req,
			    const char *etag, const char *type, const void *p,
			    size_t len);
/* 304; headers that were set stand. */
int			 api_reply_unchanged(struct http_request *req);
int			 api_fail(struct http_request *req, enum problem p);
/* With Retry-After |retry_s| (> 0). */
int			 api_fail_retry(struct http_request *req,
			    enum problem p, int retry_s);
/* 422 for the fields of |e|, or for one. */
int			 api_fail_fields(struct http_request *req,
			    const struct decode_errors *e);
int			 api_fail_field(struct http_request *req,
			    const char *field, const char *message);
/* As api_fail with another sentence and more JSON members (",\"x\":1"). */
int			 api_fail_with(struct http_request *req,
			    enum problem p, const char *detail,
			    const char *extra);
/* Adds a response header; name and value must be clean (checked). */
void			 api_set_header(struct http_request *req,
			    const char *name, const char *value);
/* What never changes under its address: a year, and no asking again. */
#define API_IMMUTABLE_S	31536000
/* A good answer to this request may be kept by anybody for |max_age_s| seconds;
 * without this no answer may be kept. */
void			 api_cacheable(struct http_request *req,
			    int max_age_s);
/* Counts a refusal for the audit log (coalesced, refusal.h). */
void			 api_refused(struct http_request *req,
			    enum audit_event e, const char *reason,
			    const struct uuid *user);
/* Requests that have a context now. */
int			 api_busy(void);
/* Answers close their connections from now on. */
void			 api_drain(void);
bool			 api_is_stopping(void);

#endif
