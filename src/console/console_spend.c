/*
 * console_spend - what text messages may cost and did cost, and what was sent.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "console_doc.h"
#include "console_guard.h"
#include "json_out.h"
#include "routes.h"
#include "str.h"

#define SPEND_PAGE	50
#define SPEND_PAGE_MAX	200

static int	spend_ask(struct http_request *req);
static int	price_ask(struct http_request *req);
static int	outbox_ask(struct http_request *req);

#define SPEND_ROUTE(ask, allowed)					\
	CONSOLE_ROUTE(ask, allowed, 0, NULL, KORE_HTTP_STATE(ask),	\
	    KORE_HTTP_STATE(console_doc_got))

SPEND_ROUTE(spend_ask, API_GET);
SPEND_ROUTE(price_ask, API_GET | API_PUT);
SPEND_ROUTE(outbox_ask, API_GET);

/* GET /setup/api/spend */
int
console_spend(struct http_request *req)
{
	return (api_run(req, &spend_ask_route));
}

/* GET, PUT /setup/api/prices */
int
console_prices(struct http_request *req)
{
	return (api_run(req, &price_ask_route));
}

/* GET /setup/api/outbox */
int
console_outbox(struct http_request *req)
{
	return (api_run(req, &outbox_ask_route));
}

static int
spend_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;

	return (console_doc_ask(req, SQL_SPEND_VIEW, &p));
}

static int
price_ask(struct http_request *req)
{
	struct db_params	 p = DB_PARAMS_INIT;
	const json_t		*doc, *data;
	struct buf		 text;
	int			 ret;

	if (api_method(req) == API_GET)
		return (console_doc_ask(req, SQL_PRICE_LIST, &p));
	if ((doc = api_json(req, &ret)) == NULL)
		return (ret);
	data = json_object_get(doc, "data");
	if (!json_is_array(data))
		return (api_fail_field(req, "data", "Send a list of prices."));
	buf_init(&text, API_BODY_MAX_CONSOLE);
	json_out(data, &text);
	db_text(&p, text.data);
	ret = buf_err(&text);
	buf_clear(&text);
	if (ret != ERR_OK) {
		db_params_clear(&p);
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	}
	db_uuid(&p, &console_admin(req)->person);
	audit_store_origin(&p, api_origin(req));
	return (console_doc_ask(req, SQL_PRICE_SAVE, &p));
}

static int
outbox_ask(struct http_request *req)
{
	static const char	*const states[] = {
		"queued", "sending", "sent", "failed", "expired", "refused",
	};
	struct db_params	 p = DB_PARAMS_INIT;
	const char		*state = api_query(req, "state");
	const char		*cursor = api_query(req, "cursor");
	const char		*limit = api_query(req, "limit");
	struct uuid		 from;
	int64_t			 n = SPEND_PAGE;
	size_t			 i;

	for (i = 0; state != NULL && state[0] != '\0' && i < COUNT(states) &&
	    strcmp(state, states[i]) != 0; i++)
		;
	if (i == COUNT(states))
		return (api_fail_field(req, "state",
		    "There is no such state."));
	if (cursor != NULL && cursor[0] != '\0' &&
	    uuid_parse(cursor, strlen(cursor), &from) != ERR_OK)
		return (api_fail_field(req, "cursor",
		    "Send next_cursor as it was given."));
	if (limit != NULL && str_int(limit, strlen(limit), 1, SPEND_PAGE_MAX,
	    &n) != ERR_OK)
		return (api_fail_field(req, "limit",
		    "Send a number from 1 to 200."));
	db_text_opt(&p, state != NULL ? state : "");
	db_uuid(&p, cursor != NULL && cursor[0] != '\0' ? &from : NULL);
	db_i32(&p, (int32_t)n);
	return (console_doc_ask(req, SQL_OUTBOX_LIST, &p));
}
