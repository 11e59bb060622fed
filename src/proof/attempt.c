/*
 * attempt - see attempt.h.
 */
#include <sys/param.h>

#include <kore/kore.h>
#include <kore/http.h>

#include <string.h>

#include "api.h"
#include "attempt.h"
#include "clock.h"
#include "codec.h"
#include "platform.h"
#include "str.h"

static void	attempt_subjects(struct http_request *req,
		    enum attempt_kind kind, const char *client_ip,
		    struct attempt *a);

void
attempt_begin(struct http_request *req, enum attempt_kind kind,
    const char *client_ip, struct attempt *a)
{
	int	i, n;

	attempt_subjects(req, kind, client_ip, a);
	n = a->n;
	for (i = 0; i < n; i++) {
		a->wait_s = throttle_take(platform_throttle(), &a->v[i],
		    clock_mono_us());
		if (a->wait_s == 0)
			continue;
		a->n = i;		/* those before it were counted */
		attempt_undo(a);
		return;
	}
}

void
attempt_undo(struct attempt *a)
{
	while (a->n > 0)
		throttle_give(platform_throttle(), &a->v[--a->n]);
}

int
attempt_left(struct attempt *a, int ret)
{
	if (ret == HTTP_STATE_COMPLETE)
		attempt_undo(a);
	return (ret);
}

int
attempt_refuse(struct http_request *req, int wait_s, const struct uuid *user)
{
	api_refused(req, AUDIT_TOO_MANY_ATTEMPTS, "too_many_attempts", user);
	return (api_fail_retry(req, PROBLEM_TOO_MANY_ATTEMPTS, wait_s));
}

enum err
attempt_nobody(const struct contact *c, char out[ATTEMPT_NOBODY_LEN + 1])
{
	char		text[EMAIL_MAX_LEN + 8];
	char		hex[CODEC_HEX_LEN(3) + 1];
	uint8_t		mac[SHA256_LEN];
	enum err	r;

	if ((r = str_printf(text, sizeof(text), "%c:%s",
	    c->kind == CONTACT_EMAIL ? 'e' : 'p', c->text)) != ERR_OK ||
	    (r = hmac_sha256(platform_throttle_key(), text, strlen(text),
	    mac)) != ERR_OK)
		return (r);
	hex_encode(mac, 3, hex);
	memcpy(out, hex, ATTEMPT_NOBODY_LEN);
	out[ATTEMPT_NOBODY_LEN] = '\0';
	return (ERR_OK);
}

static void
attempt_subjects(struct http_request *req, enum attempt_kind kind,
    const char *client_ip, struct attempt *a)
{
	const struct platform_values	*v = platform_values();
	struct throttle_subject		*s;
	struct ip			 ip;

	memset(a, 0, sizeof(*a));
	if (ip_parse(client_ip, strlen(client_ip), &ip) == ERR_OK) {
		s = &a->v[a->n++];
		s->kind = kind == ATTEMPT_SIGN_IN ?
		    THROTTLE_SIGN_IN_ADDRESS : THROTTLE_RECOVERY_ADDRESS;
		s->id = a->address;
		s->len = throttle_address(&ip, a->address);
		s->max = v->login_address_max;
	}
	a->app = api_caller(req)->app;
	s = &a->v[a->n++];
	s->kind = kind == ATTEMPT_SIGN_IN ?
	    THROTTLE_SIGN_IN_APP : THROTTLE_RECOVERY_APP;
	s->id = a->app.b;
	s->len = sizeof(a->app.b);
	s->max = v->login_app_max;
}
