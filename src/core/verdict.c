/*
 * verdict - see verdict.h.  Owns the words for what the network does.
 */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "str.h"

static const char *const	verdict_names[] = {
	[VERDICT_OK] = "ok", [VERDICT_RETRY] = "retry",
	[VERDICT_USER] = "user", [VERDICT_CONFIG] = "config",
	[VERDICT_BALANCE] = "balance", [VERDICT_THROTTLED] = "throttled",
};

static const struct {
	enum verdict_kind	 kind;
	const char		*text;
} verdict_faults[] = {
	[FAULT_NONE] = { VERDICT_RETRY, "no answer" },
	[FAULT_RESOLVE] = { VERDICT_RETRY, "the host's name has no address" },
	[FAULT_BLOCKED] = { VERDICT_CONFIG, "the address may not be reached" },
	[FAULT_CONNECT] = { VERDICT_RETRY, "no connection" },
	[FAULT_TLS] = { VERDICT_CONFIG, "no secure connection" },
	[FAULT_HANDSHAKE] = { VERDICT_RETRY, "no secure connection" },
	[FAULT_TIMEOUT] = { VERDICT_RETRY, "no answer in time" },
	[FAULT_CUT] = { VERDICT_RETRY, "the connection broke off" },
	[FAULT_TOO_LARGE] = { VERDICT_RETRY, "the answer is too long" },
	[FAULT_REDIRECT] = { VERDICT_CONFIG, "redirects are not followed" },
	[FAULT_LOGIN] = { VERDICT_CONFIG, "user name or password refused" },
	[FAULT_OTHER] = { VERDICT_RETRY, "the transfer failed" },
};

static void	verdict_clean(char *s);
static bool	verdict_smtp_is(const char *line, const char *status);

const char *
verdict_name(enum verdict_kind k)
{
	return (verdict_names[k]);
}

enum err
verdict_parse(const char *s, enum verdict_kind *out)
{
	size_t	i;

	for (i = VERDICT_RETRY; i < COUNT(verdict_names); i++) {
		if (strcmp(s, verdict_names[i]) == 0) {
			*out = (enum verdict_kind)i;
			return (ERR_OK);
		}
	}
	return (ERR_NOT_FOUND);
}

void
verdict_set(struct verdict *v, enum verdict_kind kind, const char *fmt, ...)
{
	va_list	ap;

	memset(v, 0, sizeof(*v));
	v->kind = kind;
	va_start(ap, fmt);
	if (vsnprintf(v->reason, sizeof(v->reason), fmt, ap) < 0)
		v->reason[0] = '\0';
	va_end(ap);
	verdict_clean(v->reason);
}

void
verdict_fault(struct verdict *v, enum verdict_fault f, const char *detail)
{
	if (detail == NULL || detail[0] == '\0')
		verdict_set(v, verdict_faults[f].kind, "%s",
		    verdict_faults[f].text);
	else
		verdict_set(v, verdict_faults[f].kind, "%s: %s",
		    verdict_faults[f].text, detail);
}

void
verdict_smtp(struct verdict *v, int code, const char *line, bool is_rcpt)
{
	enum verdict_kind	kind = VERDICT_CONFIG;

	if (line == NULL)
		line = "";
	if (code >= 200 && code < 300) {
		verdict_set(v, VERDICT_OK, "%s", "");
		return;
	}
	if (code == 0 || (code >= 400 && code < 500))
		kind = VERDICT_RETRY;
	else if (verdict_smtp_is(line, "5.1.8") ||
	    verdict_smtp_is(line, "5.1.7"))
		kind = VERDICT_CONFIG;		/* it is the sender that is bad */
	else if (is_rcpt && (verdict_smtp_is(line, "5.1.") ||
	    verdict_smtp_is(line, "5.2.")))
		kind = VERDICT_USER;
	else if (is_rcpt && !verdict_smtp_is(line, "5.") &&
	    (code == 550 || code == 551 || code == 552 || code == 553))
		kind = VERDICT_USER;		/* no RFC 3463 status there */
	if (code == 0)
		verdict_set(v, kind, "the mail server said nothing");
	else
		verdict_set(v, kind, "the mail server said %d%s%s", code,
		    line[0] == '\0' ? "" : " ", line);
}

/* Makes one line of well-formed UTF-8 of what a stranger may have written. */
static void
verdict_clean(char *s)
{
	unsigned char	*p = (unsigned char *)s;
	size_t		 n, i;

	for (; *p != '\0'; p += n) {
		n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
		for (i = 1; i < n && (p[i] & 0xc0) == 0x80; i++)
			;
		if (*p < 0x20 || *p == 0x7f)
			*p = ' ';
		else if (*p >= 0x80 && i < n && p[i] == '\0') {
			*p = '\0';	/* cut within a character */
			return;
		} else if (*p >= 0x80 && !str_is_utf8((char *)p, n)) {
			*p = '?';
			n = 1;
		}
	}
}

/* Does |line| begin with the enhanced status, after blanks? */
static bool
verdict_smtp_is(const char *line, const char *status)
{
	while (*line == ' ')
		line++;
	return (strncmp(line, status, strlen(status)) == 0);
}
