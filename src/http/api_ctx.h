/*
 * api_ctx - the context of one request; for src/http/api*.c alone.
 */
#ifndef API_CTX_H
#define API_CTX_H

#include <jansson.h>

#include "api.h"
#include "form.h"
#include "hash_lane.h"

struct api_chunks;
struct api_stream_run;

enum api_wait {
	API_IDLE,
	API_WAIT_DB,		/* .query is under way */
	API_WAIT_HASH,		/* .job is under way */
	API_WAIT_WORK,		/* the endpoint's own, .cancel ends it */
	API_DONE		/* the answer lies in .err and the input */
};

struct api_ctx {
	struct http_request		*req;
	const struct api_route		*route;
	char				 request_id[REQUEST_ID_MAX_LEN + 1];
	int64_t				 start_us;	/* monotonic */
	struct ip			 peer, ip;
	bool				 is_tls;
	bool				 is_replied;
	int				 max_age_s;	/* 0: no-store */
	bool				 has_origin;
	struct audit_origin		 origin;
	struct guard_state		 guard;
	struct api_caller		 caller;
	void				*input;		/* route->input_size */

	enum api_wait			 wait;
	enum err			 err;
	struct db_query			*query;
	api_rows_fn			 rows;
	void				*target;
	char				 constraint[64];
	struct hash_job			*job;
	enum password_fault		 fault;
	char				 made[PASSWORD_HASH_MAX_LEN + 1];
	struct buf			 work;		/* api_lane() */

	void				(*cancel)(void *);
	void				*cancel_arg;

	struct api_stream_run		*stream;	/* NULL: none */
	struct api_chunks		*chunks;	/* NULL: none */
	char				*query_text;	/* decoded in place */
	struct form			*query_form;
	json_t				*json;		/* of the body */

	void				*shared;	/* api_share() */
	size_t				 shared_size;
	void				(*shared_clear)(void *);
};

/* The context of |req|; never NULL in a state. */
struct api_ctx	*api_ctx(struct http_request *req);
/* Fills request id, peer and effective address. */
void		 api_ctx_origin_init(struct api_ctx *c);

#endif
