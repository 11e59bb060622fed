/*
 * outbound - see outbound.h.  Owns the exchanges of this worker from the name
 * to the answer; what curl is told is exchange.c's.
 *
 * An object is in one of three places: RESOLVING (a name is being asked for),
 * RUNNING (curl has it), or OVER (the callback is due in the next pass of the
 * loop, since nobody is called back from inside his own call).
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/curl.h>

#include <string.h>

#include "clock.h"
#include "exchange.h"
#include "lookup.h"
#include "mem.h"
#include "str.h"

#define OUTBOUND_SOON_MS	1

enum outbound_state { OUTBOUND_RESOLVING, OUTBOUND_RUNNING, OUTBOUND_OVER };

struct outbound {
	TAILQ_ENTRY(outbound)	 next;
	enum outbound_state	 state;
	struct exchange		 x;
	struct kore_curl	 curl;
	bool			 has_curl;
	int64_t			 begun_us;
	enum verdict_fault	 fault;		/* when OVER */
	char			 detail[OUTBOUND_DETAIL_MAX + 1];
	outbound_done_fn	 done;
	void			*arg;
};

static void	outbound_told(void);
static void	outbound_try(struct outbound *o);
static void	outbound_run_curl(struct outbound *o);
static void	outbound_ended(struct kore_curl *client, void *arg);
static void	outbound_over(struct outbound *o, enum verdict_fault f,
		    const char *detail);
static void	outbound_soon(void *arg, u_int64_t now);
static void	outbound_finish(struct outbound *o,
		    struct outbound_result *r);
static void	outbound_free(struct outbound *o);
static long	outbound_left_ms(const struct outbound *o);
static bool	outbound_wait(struct exchange *x,
		    char why[RESOLVE_WHY_LEN + 1]);

/* All of this worker. */
static TAILQ_HEAD(, outbound)	outbound_all =
    TAILQ_HEAD_INITIALIZER(outbound_all);
static int			outbound_n;
/* A pass for those that are over is due. */
static bool			outbound_is_soon;
static const struct settings	*outbound_settings;

void
outbound_init(const struct settings *s)
{
	outbound_settings = s;
	lookup_init(outbound_told);
}

enum err
outbound_start(const struct outbound_call *c, outbound_done_fn done, void *arg,
    struct outbound **out)
{
	struct outbound	*o;

	*out = NULL;
	if ((o = mem_new(sizeof(*o))) == NULL)
		return (ERR_NOMEM);
	exchange_init(&o->x, c, outbound_settings);
	o->begun_us = clock_mono_us();
	o->done = done;
	o->arg = arg;
	TAILQ_INSERT_TAIL(&outbound_all, o, next);
	outbound_n++;
	*out = o;
	if (o->x.why != EGRESS_OK)
		outbound_over(o, FAULT_BLOCKED, egress_text(o->x.why));
	else
		outbound_try(o);
	return (ERR_OK);
}

void
outbound_cancel(struct outbound *o)
{
	if (o != NULL)
		outbound_free(o);
}

int
outbound_busy(void)
{
	return (outbound_n);
}

void
outbound_tick(int64_t mono_us)
{
	struct outbound	*o;

	TAILQ_FOREACH(o, &outbound_all, next) {
		if (o->state == OUTBOUND_RESOLVING && mono_us - o->begun_us >=
		    o->x.call.timeout_ms * US_PER_MS)
			outbound_over(o, FAULT_RESOLVE,
			    "name resolution takes too long");
	}
	outbound_told();
}

/* A name was resolved: whoever waits looks again. */
static void
outbound_told(void)
{
	struct outbound	*o;

	TAILQ_FOREACH(o, &outbound_all, next) {
		if (o->state == OUTBOUND_RESOLVING)
			outbound_try(o);
	}
}

static void
outbound_try(struct outbound *o)
{
	const struct resolve_addrs	*a = NULL;
	enum err			 e = ERR_OK;

	if (!o->x.target.is_literal)
		e = lookup_get(o->x.target.host, &a);
	if (e == ERR_BUSY)
		o->state = OUTBOUND_RESOLVING;
	else if (e != ERR_OK)
		outbound_over(o, FAULT_RESOLVE, a != NULL ? a->why : "");
	else if (!exchange_address(&o->x, a))
		outbound_over(o, FAULT_BLOCKED, egress_text(o->x.why));
	else
		outbound_run_curl(o);
}

static void
outbound_run_curl(struct outbound *o)
{
	char	url[HTTP_CALL_URL_MAX + 1];
	long	left = outbound_left_ms(o);

	if (exchange_url(&o->x, url, sizeof(url)) != ERR_OK) {
		outbound_over(o, FAULT_OTHER, "the URL is too long");
		return;
	}
	o->has_curl = kore_curl_init(&o->curl, url, KORE_CURL_ASYNC) ==
	    KORE_RESULT_OK;
	mem_wipe(url, sizeof(url));	/* a key may be in it */
	/* The status is read for this type alone. */
	o->curl.type = KORE_CURL_TYPE_HTTP_CLIENT;
	if (!o->has_curl || exchange_setup(&o->x, o->curl.handle, left) !=
	    ERR_OK) {
		outbound_over(o, FAULT_OTHER, "out of memory");
		return;
	}
	o->state = OUTBOUND_RUNNING;
	kore_curl_bind_callback(&o->curl, outbound_ended, o);
	kore_curl_run(&o->curl);
}

/* curl's handle is gone already; kore_curl.c asked for the status before. */
static void
outbound_ended(struct kore_curl *client, void *arg)
{
	struct outbound		*o = arg;
	struct outbound_result	 r;

	exchange_end(&o->x, client->result, client->http.status,
	    kore_curl_strerror(client), &r);
	outbound_finish(o, &r);
}

static void
outbound_over(struct outbound *o, enum verdict_fault f, const char *detail)
{
	o->state = OUTBOUND_OVER;
	o->fault = f;
	if (str_copy(o->detail, sizeof(o->detail), detail, strlen(detail)) !=
	    ERR_OK)
		o->detail[0] = '\0';
	if (outbound_is_soon)
		return;
	outbound_is_soon = true;
	(void)kore_timer_add(outbound_soon, OUTBOUND_SOON_MS, NULL,
	    KORE_TIMER_ONESHOT);
}

/* A callback may start or cancel others: the list is read anew each time. */
static void
outbound_soon(void *arg, u_int64_t now)
{
	struct outbound		*o;
	struct outbound_result	 r;

	(void)arg;
	(void)now;
	outbound_is_soon = false;
	do {
		TAILQ_FOREACH(o, &outbound_all, next) {
			if (o->state == OUTBOUND_OVER)
				break;
		}
		if (o != NULL) {
			exchange_fault(&o->x, o->fault, o->detail, &r);
			outbound_finish(o, &r);
		}
	} while (o != NULL);
}

static void
outbound_finish(struct outbound *o, struct outbound_result *r)
{
	r->ms = (int)((clock_mono_us() - o->begun_us) / US_PER_MS);
	o->done(o->arg, r);
	outbound_free(o);
}

static void
outbound_free(struct outbound *o)
{
	TAILQ_REMOVE(&outbound_all, o, next);
	outbound_n--;
	if (o->has_curl)
		kore_curl_cleanup(&o->curl);
	exchange_clear(&o->x);
	mem_free(o);
}

static long
outbound_left_ms(const struct outbound *o)
{
	int64_t	ms;

	ms = o->x.call.timeout_ms - (clock_mono_us() - o->begun_us) /
	    US_PER_MS;
	return (ms < 1 ? 1 : (long)ms);
}

/* ---- waiting for it ------------------------------------------------------ */

enum err
outbound_run(const struct outbound_call *c, outbound_done_fn done, void *arg)
{
	struct exchange		 x;
	struct outbound_result	 r;
	char			 url[HTTP_CALL_URL_MAX + 1];
	char			 text[CURL_ERROR_SIZE] = "";
	char			 why[RESOLVE_WHY_LEN + 1] = "";
	CURL			*h;
	CURLcode		 code;
	int64_t			 begun = clock_mono_us();
	long			 status = 0;
	enum err		 e = ERR_OK;

	exchange_init(&x, c, outbound_settings);
	if (!outbound_wait(&x, why)) {
		exchange_fault(&x, x.why != EGRESS_OK ? FAULT_BLOCKED :
		    FAULT_RESOLVE, x.why != EGRESS_OK ? egress_text(x.why) :
		    why, &r);
		goto done;
	}
	if ((h = curl_easy_init()) == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	if ((e = exchange_url(&x, url, sizeof(url))) == ERR_OK &&
	    (e = exchange_setup(&x, h, c->timeout_ms)) == ERR_OK) {
		(void)curl_easy_setopt(h, CURLOPT_URL, url);
		(void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, text);
		code = curl_easy_perform(h);
		(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
		exchange_end(&x, code, status, text[0] != '\0' ? text :
		    curl_easy_strerror(code), &r);
	}
	curl_easy_cleanup(h);
	mem_wipe(url, sizeof(url));
	if (e != ERR_OK)
		goto out;
done:
	r.ms = (int)((clock_mono_us() - begun) / US_PER_MS);
	done(arg, &r);
out:
	exchange_clear(&x);
	return (e);
}

/* The name, asked for here and now. */
static bool
outbound_wait(struct exchange *x, char why[RESOLVE_WHY_LEN + 1])
{
	struct resolve_addrs	a;

	if (x->why != EGRESS_OK)
		return (false);
	if (x->target.is_literal)
		return (exchange_address(x, NULL));
	if (resolve_host(x->target.host, &a) != ERR_OK) {
		memcpy(why, a.why, sizeof(a.why));
		return (false);
	}
	return (exchange_address(x, &a));
}
