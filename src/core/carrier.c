/*
 * carrier - see carrier.h.  The table is carrier.def.
 */
#include "carrier.h"

#include <string.h>

#include "clock.h"
#include "dialling.h"
#include "str.h"

#define CARRIER_DAY_US	(INT64_C(86400) * US_PER_S)

static const struct carrier	carrier_shipped[] = {
#define CARRIER(i, n, c, d, s, u, v, r)	\
	{ i, n, c, d, CARRIER_ ## s, u, v, r },
#include "carrier.def"
#undef CARRIER
};

static const char *const	carrier_statuses[] = {
	[CARRIER_ACTIVE] = "active", [CARRIER_UNVERIFIED] = "unverified",
	[CARRIER_SUNSET] = "sunset", [CARRIER_DEAD] = "dead",
};

static void	carrier_override(struct carrier *c, const json_t *o);
static const char *carrier_text_of(const json_t *o, const char *name,
		    const char *otherwise);
static bool	carrier_has_link(const char *s);

const char *
carrier_status_name(enum carrier_status s)
{
	return (carrier_statuses[s]);
}

enum err
carrier_status_parse(const char *s, enum carrier_status *out)
{
	size_t	i;

	for (i = 0; i < COUNT(carrier_statuses); i++) {
		if (strcmp(s, carrier_statuses[i]) == 0) {
			*out = (enum carrier_status)i;
			return (ERR_OK);
		}
	}
	return (ERR_NOT_FOUND);
}

enum err
carriers_make(const json_t *overrides, struct carriers *out)
{
	static const struct carrier	 added = {
		"", "", "1", "", CARRIER_UNVERIFIED, "", "",
		"this installation"
	};
	const json_t			*o;
	const char			*id;
	size_t				 i, k;

	memcpy(out->v, carrier_shipped, sizeof(carrier_shipped));
	out->n = COUNT(carrier_shipped);
	for (i = 0; i < json_array_size(overrides); i++) {
		o = json_array_get(overrides, i);
		id = carrier_text_of(o, "id", "");
		for (k = 0; k < out->n && strcmp(out->v[k].id, id) != 0; k++)
			;
		if (k == CARRIERS_MAX)
			return (ERR_SPACE);
		if (k == out->n) {
			out->v[k] = added;
			out->v[k].id = out->v[k].name = id;
			out->n++;
		}
		carrier_override(&out->v[k], o);
	}
	return (ERR_OK);
}

const struct carrier *
carriers_find(const struct carriers *c, const char *id)
{
	size_t	i;

	for (i = 0; i < c->n; i++) {
		if (strcmp(c->v[i].id, id) == 0)
			return (&c->v[i]);
	}
	return (NULL);
}

bool
carrier_is_shipped(const char *id)
{
	size_t	i;

	for (i = 0; i < COUNT(carrier_shipped); i++) {
		if (strcmp(carrier_shipped[i].id, id) == 0)
			return (true);
	}
	return (false);
}

bool
carrier_date_us(const char *s, int64_t *out)
{
	static const int	days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	int64_t			y, m, d, n, leaps;

	if (strlen(s) != 10 || s[4] != '-' || s[7] != '-' ||
	    str_int(s, 4, 1970, 9999, &y) != ERR_OK ||
	    str_int(s + 5, 2, 1, 12, &m) != ERR_OK ||
	    str_int(s + 8, 2, 1, 31, &d) != ERR_OK)
		return (false);
	n = days[m - 1];
	if (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0))
		n++;
	if (d > n)
		return (false);
	/* Days from civil, with March as the first month of the year. */
	if (m <= 2) {
		y--;
		m += 12;
	}
	leaps = y / 4 - y / 100 + y / 400;
	n = y * 365 + leaps + (153 * (m - 3) + 2) / 5 + d - 1 - 719468;
	*out = (n + 1) * CARRIER_DAY_US;
	return (true);
}

enum carrier_status
carrier_status_at(const struct carrier *c, int64_t now_us)
{
	int64_t	end_us;

	if (c->status == CARRIER_SUNSET &&
	    carrier_date_us(c->sunset, &end_us) && now_us >= end_us)
		return (CARRIER_DEAD);
	return (c->status);
}

enum err
carrier_address(const struct carrier *c, const char *e164, int64_t now_us,
    char out[EMAIL_MAX_LEN + 1])
{
	char		code[4], text[EMAIL_MAX_LEN + 1];
	const char	*national = dialling_national(e164);

	out[0] = '\0';
	if (carrier_status_at(c, now_us) == CARRIER_DEAD)
		return (ERR_EXPIRED);
	dialling_code(e164, code);
	if (strcmp(code, c->country_code) != 0)
		return (ERR_RANGE);
	if (national[0] == '\0' ||
	    national[strspn(national, "0123456789")] != '\0')
		return (ERR_FORMAT);
	if (str_printf(text, sizeof(text), "%s@%s", national, c->domain) !=
	    ERR_OK)
		return (ERR_FORMAT);
	return (email_normalise(text, strlen(text), out));
}

const char *
carrier_warning(const struct carrier *c, int64_t now_us)
{
	switch (carrier_status_at(c, now_us)) {
	case CARRIER_ACTIVE:
		break;
	case CARRIER_UNVERIFIED:
		return ("nobody has said lately whether this gateway works");
	case CARRIER_SUNSET:
		return ("the carrier has announced the end of this gateway");
	case CARRIER_DEAD:
		return ("this gateway is switched off: nothing is sent to it");
	}
	return (NULL);
}

enum err
carrier_text(const char *text, char *out, size_t cap)
{
	const char	*last = strrchr(text, '\n');
	size_t		 len = strlen(text), n = 0, i;

	/* "@host #code" is for the phone's own messages. */
	if (last != NULL && last[1] == '@')
		len = (size_t)(last - text);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	if (len >= cap)
		return (ERR_SPACE);
	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			out[n++] = text[i];
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	out[n] = '\0';
	if (carrier_has_link(out))
		return (ERR_FORMAT);
	return (str_utf8_count(out, n) > CARRIER_TEXT_MAX ? ERR_TOO_LONG :
	    ERR_OK);
}

static void
carrier_override(struct carrier *c, const json_t *o)
{
	const char	*status = carrier_text_of(o, "status", NULL);

	c->domain = carrier_text_of(o, "domain", c->domain);
	c->sunset = carrier_text_of(o, "sunset", c->sunset);
	c->name = carrier_text_of(o, "name", c->name);
	c->country_code = carrier_text_of(o, "country_code",
	    c->country_code);
	if (status != NULL && carrier_status_parse(status, &c->status) !=
	    ERR_OK)
		c->status = CARRIER_UNVERIFIED;
	c->source = "this installation";
	c->verified = "";
}

static const char *
carrier_text_of(const json_t *o, const char *name, const char *otherwise)
{
	const char	*s = json_string_value(json_object_get(o, name));

	return (s == NULL ? otherwise : s);
}

/* Gateways and their filters drop texts with links. */
static bool
carrier_has_link(const char *s)
{
	return (strstr(s, "://") != NULL || strstr(s, "www.") != NULL);
}
