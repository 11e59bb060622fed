/*
 * delivery - see delivery.h.  Knows no database: who is paused and what was
 * tried is told.
 */
#include "delivery.h"

#include "clock.h"
#include "rnd.h"

#define DELIVERY_WAIT_MIN_MS	200
#define DELIVERY_WAIT_MAX_MS	30000

/* Rounds of delivery_route(), best first. */
enum delivery_round {
	ROUND_SMS, ROUND_SMS_PAUSED, ROUND_CARRIER, ROUND_MAIL,
	ROUND_MAIL_PAUSED, ROUND_MAX
};

static bool	delivery_is_in(const struct delivery_provider *d,
		    enum delivery_round round, const struct delivery_ask *ask);
static void	delivery_add(const struct delivery_provider *all, size_t n,
		    const struct delivery_ask *ask, enum delivery_round round,
		    struct delivery_route *out);
static enum delivery_none delivery_why(const struct delivery_provider *all,
		    size_t n, const struct delivery_ask *ask);
static int64_t	delivery_wait_us(const struct delivery_state *s);
static void	delivery_step(const struct delivery_state *s,
		    struct delivery_next *out);

void
delivery_route(const struct delivery_provider *all, size_t n,
    const struct delivery_ask *ask, struct delivery_route *out)
{
	bool		 is_mail = !ask->is_sms || ask->email_fallback;
	size_t		 sms, carriers;

	out->n = 0;
	out->why = DELIVERY_FOUND;
	if (ask->is_sms && ask->mobile[0] != '\0') {
		delivery_add(all, n, ask, ROUND_SMS, out);
		delivery_add(all, n, ask, ROUND_SMS_PAUSED, out);
	}
	sms = out->n;
	if (ask->is_sms && ask->mobile[0] != '\0' && ask->carrier[0] != '\0')
		delivery_add(all, n, ask, ROUND_CARRIER, out);
	carriers = out->n - sms;
	if (is_mail && ask->email[0] != '\0') {
		delivery_add(all, n, ask, ROUND_MAIL, out);
		delivery_add(all, n, ask, ROUND_MAIL_PAUSED, out);
	}
	/* Nobody ever hears whether a gateway delivered. */
	if (carriers > 0 && out->n == carriers) {
		out->n = 0;
		out->why = DELIVERY_CARRIER_ALONE;
	} else if (out->n == 0)
		out->why = delivery_why(all, n, ask);
}

const char *
delivery_none_text(enum delivery_none w)
{
	switch (w) {
	case DELIVERY_FOUND:
		break;
	case DELIVERY_NO_PROVIDER:
		return ("no provider is enabled for this channel");
	case DELIVERY_NO_COUNTRY:
		return ("no provider serves this country");
	case DELIVERY_NO_ADDRESS:
		return ("the person has no address on this channel");
	case DELIVERY_CARRIER_ALONE:
		return ("a carrier's e-mail gateway must not be the only way");
	}
	return ("");
}

void
delivery_decide(const struct delivery_state *s, struct delivery_next *out)
{
	out->step = DELIVERY_FAIL;
	out->at_us = s->now_us;
	out->pause_s = 0;
	out->is_alert = false;
	if (s->kind == VERDICT_OK) {
		out->step = DELIVERY_DONE;
		return;
	}
	if (s->kind == VERDICT_CONFIG || s->kind == VERDICT_BALANCE) {
		out->pause_s = DELIVERY_PAUSE_S;
		out->is_alert = true;
	}
	if (s->kind == VERDICT_THROTTLED)
		return;
	/* Wrong for this provider; another, or e-mail, may reach the person. */
	if (s->kind == VERDICT_USER && (!s->has_next || s->is_wrap))
		return;
	delivery_step(s, out);
}

/* Appends the providers of a round by priority; equals in the order given. */
static void
delivery_add(const struct delivery_provider *all, size_t n,
    const struct delivery_ask *ask, enum delivery_round round,
    struct delivery_route *out)
{
	size_t	start = out->n, i, k;

	for (i = 0; i < n; i++) {
		if (!delivery_is_in(&all[i], round, ask))
			continue;
		if (out->n == DELIVERY_ROUTE_MAX) {
			/* The last one makes room for a better one. */
			if (out->n == start ||
			    all[out->hop[out->n - 1].i].p->priority <=
			    all[i].p->priority)
				continue;
			out->n--;
		}
		for (k = out->n; k > start && all[out->hop[k - 1].i].p->priority
		    > all[i].p->priority; k--)
			out->hop[k] = out->hop[k - 1];
		out->hop[k].i = i;
		out->hop[k].is_email = round >= ROUND_MAIL;
		out->n++;
	}
}

static bool
delivery_is_in(const struct delivery_provider *d, enum delivery_round round,
    const struct delivery_ask *ask)
{
	const struct provider	*p = d->p;
	bool			 is_paused = d->paused_until_us > ask->now_us;

	if (!p->is_enabled)
		return (false);
	if (p->type == PROVIDER_SMTP)
		return (round == (is_paused ? ROUND_MAIL_PAUSED : ROUND_MAIL));
	if (!provider_serves(p, ask->mobile) ||
	    (!ask->is_code && !provider_has_free_text(p)))
		return (false);
	if (p->type == PROVIDER_CARRIER_EMAIL)
		return (round == ROUND_CARRIER);
	return (round == (is_paused ? ROUND_SMS_PAUSED : ROUND_SMS));
}

/* Why there is no way. */
static enum delivery_none
delivery_why(const struct delivery_provider *all, size_t n,
    const struct delivery_ask *ask)
{
	bool	is_elsewhere = false;
	size_t	i;

	if ((ask->is_sms ? ask->mobile : ask->email)[0] == '\0')
		return (DELIVERY_NO_ADDRESS);
	for (i = 0; ask->is_sms && i < n; i++) {
		if (all[i].p->is_enabled && provider_is_sms(all[i].p) &&
		    all[i].p->type != PROVIDER_CARRIER_EMAIL &&
		    !provider_serves(all[i].p, ask->mobile))
			is_elsewhere = true;
	}
	return (is_elsewhere ? DELIVERY_NO_COUNTRY : DELIVERY_NO_PROVIDER);
}

static void
delivery_step(const struct delivery_state *s, struct delivery_next *out)
{
	bool	is_here = s->kind == VERDICT_RETRY &&
		    s->tries <= s->retries;

	if (s->attempts >= DELIVERY_ATTEMPTS_MAX)
		return;
	if (is_here || !s->has_next || s->is_wrap)
		out->at_us = s->now_us + delivery_wait_us(s);
	out->step = is_here || !s->has_next ? DELIVERY_SAME : DELIVERY_NEXT;
	if (out->at_us >= s->expires_us)
		out->step = DELIVERY_EXPIRE;
}

/* Full jitter: servers that come back are not met by everybody at once. */
static int64_t
delivery_wait_us(const struct delivery_state *s)
{
	int64_t	most_ms = s->backoff_ms, ms;
	int	n;

	for (n = 1; n < s->attempts && most_ms < DELIVERY_WAIT_MAX_MS; n++)
		most_ms *= 2;
	if (most_ms > DELIVERY_WAIT_MAX_MS)
		most_ms = DELIVERY_WAIT_MAX_MS;
	ms = rnd_below((uint32_t)most_ms + 1);
	if (ms < DELIVERY_WAIT_MIN_MS)
		ms = DELIVERY_WAIT_MIN_MS;
	if (s->kind != VERDICT_RETRY && ms < DELIVERY_WRONG_S * 1000)
		ms = DELIVERY_WRONG_S * 1000;	/* somebody has to mend it */
	if (ms < (int64_t)s->retry_after_s * 1000)
		ms = (int64_t)s->retry_after_s * 1000;
	return (ms * US_PER_MS);
}
