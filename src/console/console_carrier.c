/*
 * console_carrier - GET /setup/api/carriers: the carriers that take e-mail for
 * text messages, as the document of the first such provider has them, and what
 * the DNS said of their gateways.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "carrier.h"
#include "clock.h"
#include "console_guard.h"
#include "deliver_set.h"
#include "routes.h"
#include "str.h"

#define CARRIER_LIST_MAX	(256 * 1024)

struct carrier_input {
	struct {
		char	domain[CARRIER_DOMAIN_MAX + 1];
		bool	is_known, is_ok;
		char	at[32], why[801];	/* 200 characters */
	}	v[2 * CARRIERS_MAX];
	size_t	n;
};

static int	carrier_ask(struct http_request *req);
static int	carrier_got(struct http_request *req);
static enum err	carrier_rows(const struct db_result *res, void *target);
static const json_t	*carrier_changes(void);
static void	carrier_json(const struct carrier_input *in,
		    const struct carrier *k, struct buf *out);
static void	carrier_member(struct buf *out, const char *name,
		    const char *value);

static struct http_state carrier_states[] = {
	CONSOLE_GUARD,
	KORE_HTTP_STATE(carrier_ask),
	KORE_HTTP_STATE(carrier_got),
};

static const struct api_route carrier_route = {
	.name = "carriers", .methods = API_GET,
	.states = carrier_states, .n_states = COUNT(carrier_states),
	.input_size = sizeof(struct carrier_input),
};

/* GET /setup/api/carriers */
int
console_carriers(struct http_request *req)
{
	return (api_run(req, &carrier_route));
}

static int
carrier_ask(struct http_request *req)
{
	struct db_params	p = DB_PARAMS_INIT;

	return (api_ask(req, SQL_CARRIER_DOMAIN_LIST, &p, carrier_rows,
	    api_input(req)));
}

static int
carrier_got(struct http_request *req)
{
	struct carriers	all;
	struct buf	body;
	size_t		i;
	int		ret;

	if (!api_got(req, &ret))
		return (ret);
	if (carriers_make(carrier_changes(), &all) != ERR_OK)
		return (api_fail(req, PROBLEM_INTERNAL));
	buf_init(&body, CARRIER_LIST_MAX);
	buf_str(&body, "{\"data\":[");
	for (i = 0; i < all.n; i++) {
		if (i > 0)
			buf_char(&body, ',');
		carrier_json(api_input(req), &all.v[i], &body);
	}
	buf_str(&body, "]}");
	return (api_reply(req, 200, &body));
}

/* What the first document that sends to gateways changes, or NULL. */
static const json_t *
carrier_changes(void)
{
	const struct deliver_set	*set = deliver_set_last();
	size_t				 i;

	for (i = 0; set != NULL && i < set->n; i++) {
		if (set->p[i].p->type == PROVIDER_CARRIER_EMAIL)
			return (set->p[i].p->u.carrier_email.carriers);
	}
	return (NULL);
}

static void
carrier_json(const struct carrier_input *in, const struct carrier *k,
    struct buf *out)
{
	const char	*warning;
	int64_t		 now = clock_us();
	size_t		 i;

	for (i = 0; i < in->n && !str_caseeq(in->v[i].domain, k->domain); i++)
		;
	warning = carrier_warning(k, now);
	/* Worse than any of these: nothing can arrive. */
	if (i < in->n && in->v[i].is_known && !in->v[i].is_ok &&
	    carrier_status_at(k, now) != CARRIER_DEAD)
		warning = in->v[i].why;
	buf_printf(out, "{\"status\":\"%s\",\"warning\":",
	    carrier_status_name(carrier_status_at(k, now)));
	if (warning != NULL)
		buf_json(out, warning, strlen(warning));
	else
		buf_str(out, "null");
	carrier_member(out, "id", k->id);
	carrier_member(out, "name", k->name);
	carrier_member(out, "country_code", k->country_code);
	carrier_member(out, "domain", k->domain);
	carrier_member(out, "sunset", k->sunset);
	carrier_member(out, "verified", k->verified);
	carrier_member(out, "source", k->source);
	if (i < in->n && in->v[i].is_known) {
		buf_printf(out, ",\"mx_ok\":%s", in->v[i].is_ok ? "true" :
		    "false");
		carrier_member(out, "mx_checked_at", in->v[i].at);
	} else
		buf_str(out, ",\"mx_ok\":null,\"mx_checked_at\":null");
	buf_char(out, '}');
}

static void
carrier_member(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, value, strlen(value));
}

static enum err
carrier_rows(const struct db_result *res, void *target)
{
	struct carrier_input	*in = target;
	struct db_row		 r;
	int			 i;

	for (i = 0; i < db_result_rows(res) && in->n < COUNT(in->v); i++) {
		r = db_row_at(res, i);
		db_row_text(&r, "domain", in->v[in->n].domain,
		    sizeof(in->v[0].domain));
		in->v[in->n].is_known = !db_row_is_null(&r, "mx_ok");
		if (in->v[in->n].is_known)
			in->v[in->n].is_ok = db_row_bool(&r, "mx_ok");
		db_row_text(&r, "mx_checked_at", in->v[in->n].at,
		    sizeof(in->v[0].at));
		db_row_text(&r, "mx_reason", in->v[in->n].why,
		    sizeof(in->v[0].why));
		in->n++;
		if (r.err != ERR_OK)
			return (r.err);
	}
	return (ERR_OK);
}
