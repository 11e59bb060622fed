/*
 * receipt_api - GET and POST /delivery/receipts/{provider id}: what a provider
 * reports about messages that it took, as its gateway can send it.  The secret
 * of the provider's document comes first; whoever has none is told nothing, not
 * even whether there is such a provider.  Ref: core/receipt.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "audit_store.h"
#include "clock.h"
#include "deliver_set.h"
#include "json_in.h"
#include "log.h"
#include "mem.h"
#include "platform.h"
#include "receipt.h"
#include "routes.h"
#include "throttle.h"

#define RECEIPT_WRONG_MAX	30	/* of an address in 5 minutes */

/* The body, parsed. */
struct receipt_body {
	char		*text;		/* what .form points into */
	size_t		 len;
	struct form	*form;
	json_t		*json;
};

struct receipt_input {
	int64_t	n_delivered, n_failed, n_same, n_unknown;
};

static int	receipt_take(struct http_request *req);
static int	receipt_got(struct http_request *req);
static const struct provider	*receipt_provider(struct http_request *req,
		    struct uuid *id);
static int	receipt_refuse(struct http_request *req);
static bool	receipt_parse(struct http_request *req,
		    struct receipt_body *b, int *ret);
static bool	receipt_is_odd(const char *type);
static bool	receipt_is_json(struct http_request *req,
		    const struct receipt_body *b);
static void	receipt_body_clear(struct receipt_body *b);
static bool	receipt_understand(struct http_request *req,
		    const struct provider *p, struct receipt_facts *f,
		    int *ret);
static void	receipt_count(const struct provider *p,
		    const struct receipt_facts *f);
static int	receipt_ask(struct http_request *req, const struct uuid *id,
		    const struct receipt_facts *f);
static int	receipt_reply(struct http_request *req);
static enum err	receipt_rows(const struct db_result *res, void *target);

static struct http_state receipt_states[] = {
	KORE_HTTP_STATE(receipt_take),
	KORE_HTTP_STATE(receipt_got),
};

static const struct api_route receipt_route = {
	.name = "receipt", .methods = API_GET | API_POST,
	.states = receipt_states, .n_states = COUNT(receipt_states),
	.input_size = sizeof(struct receipt_input),
};

/* GET, POST /delivery/receipts/{id}.  200 | 400 | 401 | 413 | 415 | 422 |
 * 429. */
int
api_receipt(struct http_request *req)
{
	return (api_run(req, &receipt_route));
}

static int
receipt_take(struct http_request *req)
{
	struct throttle_subject	 s = {
		.kind = THROTTLE_RECEIPT_ADDRESS, .max = RECEIPT_WRONG_MAX,
	};
	struct receipt_facts	 f;
	const struct provider	*p;
	struct uuid		 id;
	uint8_t			 address[16];
	int			 ret;

	s.id = address;
	s.len = throttle_address(api_ip(req), address);
	ret = throttle_take(platform_throttle(), &s, clock_mono_us());
	if (ret > 0)
		return (api_fail_retry(req, PROBLEM_RATE_LIMITED, ret));
	if (deliver_set_last() == NULL) {
		throttle_give(platform_throttle(), &s);
		return (api_fail_retry(req, PROBLEM_OVERLOADED, 1));
	}
	if ((p = receipt_provider(req, &id)) == NULL)
		return (receipt_refuse(req));
	throttle_give(platform_throttle(), &s);
	receipt_facts_init(&f);
	if (receipt_understand(req, p, &f, &ret)) {
		receipt_count(p, &f);
		ret = f.n_rows > 0 ? receipt_ask(req, &id, &f) :
		    receipt_reply(req);
	}
	receipt_facts_clear(&f);
	return (ret);
}

static int
receipt_got(struct http_request *req)
{
	const struct receipt_input	*in = api_input(req);
	struct metrics			*m = platform_metrics();
	int				 r;

	if (!api_got(req, &r))
		return (r);
	metrics_receipts(m, METRICS_RECEIPT_DELIVERED, in->n_delivered);
	metrics_receipts(m, METRICS_RECEIPT_FAILED, in->n_failed);
	metrics_receipts(m, METRICS_RECEIPT_SAME, in->n_same);
	metrics_receipts(m, METRICS_RECEIPT_UNKNOWN, in->n_unknown);
	return (receipt_reply(req));
}

/* The one of the path whose secret was sent, or NULL. */
static const struct provider *
receipt_provider(struct http_request *req, struct uuid *id)
{
	const struct provider	*p = NULL;
	const char		*at = strrchr(api_path(req), '/') + 1;
	const char		*secret = api_header(req, "x-receipt-secret");

	if (secret == NULL)
		secret = api_query(req, "secret");
	if (uuid_parse(at, strlen(at), id) == ERR_OK)
		p = deliver_set_by_id(deliver_set_last(), id);
	return (receipt_is_secret(p != NULL ? &p->receipt : NULL, secret) ?
	    p : NULL);
}

static int
receipt_refuse(struct http_request *req)
{
	metrics_receipts(platform_metrics(), METRICS_RECEIPT_REFUSED, 1);
	api_refused(req, AUDIT_RECEIPT_REFUSED,
	    problem_code(PROBLEM_RECEIPT_SECRET), NULL);
	return (api_fail(req, PROBLEM_RECEIPT_SECRET));
}

/* JSON or a form, whatever the method; there may be none. */
static bool
receipt_parse(struct http_request *req, struct receipt_body *b, int *ret)
{
	const void	*p;

	if (!api_has_body(req))
		return (true);
	if ((p = api_body(req, &b->len, ret)) == NULL)
		return (false);
	if ((b->text = mem_dup(p, b->len)) == NULL ||
	    (b->form = mem_new(sizeof(*b->form))) == NULL) {
		*ret = api_fail(req, PROBLEM_OVERLOADED);
		return (false);
	}
	if (receipt_is_odd(api_header(req, "content-type"))) {
		*ret = api_fail_with(req, PROBLEM_MEDIA_TYPE,
		    "Send JSON, a form, or a query.", NULL);
		return (false);
	}
	if (receipt_is_json(req, b) ?
	    json_in_any(b->text, b->len, &b->json) == ERR_OK :
	    form_parse(b->text, b->len, b->form) == ERR_OK)
		return (true);
	*ret = api_fail(req, PROBLEM_MALFORMED);
	return (false);
}

/* Neither JSON nor a form, nor left unsaid. */
static bool
receipt_is_odd(const char *type)
{
	return (decode_media_of(type) == DECODE_OTHER && type != NULL &&
	    strncasecmp(type, "text/plain", 10) != 0);
}

/* Not every gateway says what it sends. */
static bool
receipt_is_json(struct http_request *req, const struct receipt_body *b)
{
	switch (decode_media_of(api_header(req, "content-type"))) {
	case DECODE_JSON:
		return (true);
	case DECODE_FORM:
		return (false);
	default:
		return (b->text[0] == '{' || b->text[0] == '[');
	}
}

static void
receipt_body_clear(struct receipt_body *b)
{
	json_decref(b->json);
	mem_free(b->form);
	mem_free(b->text);
}

static bool
receipt_understand(struct http_request *req, const struct provider *p,
    struct receipt_facts *f, int *ret)
{
	struct receipt_body	b = { NULL, 0, NULL, NULL };
	struct receipt_said	said;
	bool			is_read;

	if ((is_read = receipt_parse(req, &b, ret))) {
		said.query = api_query_form(req);
		said.form = b.form;
		said.json = b.json;
		switch (receipt_read(&p->receipt, &said, f)) {
		case ERR_OK:
			break;
		case ERR_NOT_FOUND:
			is_read = false;
			*ret = api_fail_field(req, f->missing, "is not where "
			    "the provider's document says (receipt).");
			break;
		case ERR_FORMAT:
			is_read = false;
			*ret = api_fail_field(req, "list", "is no array where "
			    "the provider's document says (receipt).");
			break;
		case ERR_SPACE:
			is_read = false;
			*ret = api_fail_field(req, "list",
			    "has more than 100 receipts.");
			break;
		default:
			is_read = false;
			*ret = api_fail(req, PROBLEM_OVERLOADED);
		}
	}
	receipt_body_clear(&b);
	return (is_read);
}

/* What changes nothing is counted; words that nobody mapped are told. */
static void
receipt_count(const struct provider *p, const struct receipt_facts *f)
{
	struct metrics	*m = platform_metrics();

	metrics_receipts(m, METRICS_RECEIPT_IGNORED, (int64_t)f->n_ignored);
	metrics_receipts(m, METRICS_RECEIPT_UNMAPPED,
	    (int64_t)f->n_unmapped);
	if (f->n_unmapped > 0)
		log_msg(LOG_LEVEL_WARN, "provider %s: receipt.map has no "
		    "status \"%s\"", p->name, f->unmapped);
}

static int
receipt_ask(struct http_request *req, const struct uuid *id,
    const struct receipt_facts *f)
{
	struct db_params	p = DB_PARAMS_INIT;

	db_uuid(&p, id);
	db_text_len(&p, f->rows.data, f->rows.len);
	audit_store_origin(&p, api_origin(req));
	return (api_ask(req, SQL_RECEIPTS_TAKE, &p, receipt_rows,
	    api_input(req)));
}

/* The same whatever was in it: nobody learns which messages there are. */
static int
receipt_reply(struct http_request *req)
{
	struct buf	b;

	buf_init(&b, 64);
	buf_str(&b, "{\"status\":\"received\"}");
	return (api_reply(req, 200, &b));
}

static enum err
receipt_rows(const struct db_result *res, void *target)
{
	struct receipt_input	*in = target;
	struct db_row		 r = db_row_at(res, 0);

	in->n_delivered = db_row_i64(&r, "n_delivered");
	in->n_failed = db_row_i64(&r, "n_failed");
	in->n_same = db_row_i64(&r, "n_same");
	in->n_unknown = db_row_i64(&r, "n_unknown");
	return (r.err);
}
