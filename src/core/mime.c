/*
 * mime - see mime.h.  Owns the encoding of what people wrote into lines that
 * no mail server has to touch.
 */
#include "mime.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "codec.h"
#include "str.h"

#define MIME_LINE	76	/* RFC 2045 s.6.7 (5), RFC 2047 s.2 */
#define MIME_QUOTED_MAX	60	/* a name that is not encoded */
#define MIME_DATE_MAX	40
#define MIME_FIELD_MAX	1000	/* bytes of a value */
#define MIME_WORD	"=?UTF-8?B?"
#define MIME_WORD_END	"?="

static const char	mime_hex[] = "0123456789ABCDEF";

static void	mime_field(struct buf *out, const char *name,
		    const char *value);
static void	mime_words(struct buf *out, const char *s, size_t column);
static size_t	mime_chunk(const char *s, size_t max);
static void	mime_address_field(struct buf *out, const char *name,
		    const char *addr, const char *display);
static void	mime_date(int64_t us, char out[MIME_DATE_MAX]);
static void	mime_parts(const struct mime_mail *m, struct buf *out);
static void	mime_part(struct buf *out, const char *type,
		    const char *body);
static bool	mime_needs_quoted(const char *s);
static void	mime_plain(struct buf *out, const char *s);
static void	mime_quoted(struct buf *out, const char *s);
static bool	mime_is_plain(unsigned char c);
static bool	mime_is_ascii(const char *s);
static enum err	mime_display(const char *s, size_t len,
		    char name[MIME_NAME_MAX + 1]);

enum err
mime_build(const struct mime_mail *m, struct buf *out)
{
	char		from[EMAIL_MAX_LEN + 1], to[EMAIL_MAX_LEN + 1];
	char		reply[EMAIL_MAX_LEN + 1], id[MIME_ID_MAX + 1];
	char		name[MIME_NAME_MAX + 1], reply_name[MIME_NAME_MAX + 1];
	char		to_name[MIME_NAME_MAX + 1], date[MIME_DATE_MAX];
	bool		has_reply = m->reply_to != NULL &&
			    m->reply_to[0] != '\0';
	enum err	r;

	if ((r = mime_mailbox(m->from, from, name)) != ERR_OK ||
	    (r = mime_mailbox(m->to, to, to_name)) != ERR_OK ||
	    (has_reply && (r = mime_mailbox(m->reply_to, reply, reply_name)) !=
	    ERR_OK) || (r = mime_message_id(m, id)) != ERR_OK)
		return (r);
	mime_date(m->now_us, date);
	buf_printf(out, "Date: %s\r\n", date);
	mime_address_field(out, "From", from, name);
	mime_address_field(out, "To", to, "");
	if (has_reply)
		mime_address_field(out, "Reply-To", reply, reply_name);
	buf_printf(out, "Message-ID:\r\n <%s>\r\n", id);
	if (m->subject != NULL && m->subject[0] != '\0')
		mime_field(out, "Subject", m->subject);
	buf_str(out, "Auto-Submitted: auto-generated\r\n"	/* RFC 3834 s.5 */
	    "X-Auto-Response-Suppress: All\r\n"
	    "MIME-Version: 1.0\r\n");
	mime_parts(m, out);
	return (buf_err(out));
}

enum err
mime_mailbox(const char *s, char addr[EMAIL_MAX_LEN + 1],
    char name[MIME_NAME_MAX + 1])
{
	const char	*open = strrchr(s, '<');
	size_t		 len = strlen(s);
	enum err	 r;

	addr[0] = name[0] = '\0';
	if (!str_is_utf8(s, len))
		return (ERR_FORMAT);
	while (len > 0 && s[len - 1] == ' ')
		len--;
	if (open == NULL)
		r = email_normalise(s, len, addr);
	else if (s[len - 1] != '>')
		r = ERR_FORMAT;
	else if ((r = mime_display(s, (size_t)(open - s), name)) == ERR_OK)
		r = email_normalise(open + 1, len - (size_t)(open - s) - 2,
		    addr);
	/* Without SMTPUTF8 (RFC 6531) an envelope has ASCII alone. */
	if (r != ERR_OK || !mime_is_ascii(addr)) {
		addr[0] = name[0] = '\0';
		return (ERR_FORMAT);
	}
	return (ERR_OK);
}

enum err
mime_message_id(const struct mime_mail *m, char out[MIME_ID_MAX + 1])
{
	char		addr[EMAIL_MAX_LEN + 1], name[MIME_NAME_MAX + 1];
	char		id[UUID_TEXT_LEN + 1];
	enum err	r;

	if ((r = mime_mailbox(m->from, addr, name)) != ERR_OK)
		return (r);
	uuid_format(&m->id, id);
	return (str_printf(out, MIME_ID_MAX + 1, "%s%s", id,
	    strchr(addr, '@')));
}

/* "Name: value": as it is when it is short ASCII, else encoded words. */
static void
mime_field(struct buf *out, const char *name, const char *value)
{
	struct buf	clean;
	size_t		i;

	buf_init(&clean, MIME_FIELD_MAX);
	for (i = 0; value[i] != '\0'; i++)
		buf_char(&clean, (unsigned char)value[i] < 0x20 ||
		    value[i] == 0x7f ? ' ' : value[i]);
	if (buf_err(&clean) != ERR_OK)
		out->err = buf_err(&clean);
	buf_printf(out, "%s: ", name);
	if (clean.data != NULL && mime_is_ascii(clean.data) &&
	    strstr(clean.data, "=?") == NULL &&
	    strlen(name) + 2 + clean.len <= MIME_LINE)
		buf_add(out, clean.data, clean.len);
	else if (clean.data != NULL)
		mime_words(out, clean.data, strlen(name) + 2);
	buf_str(out, "\r\n");
	buf_clear(&clean);
}

/* Encoded words, each with whole characters; the first starts at |column|. */
static void
mime_words(struct buf *out, const char *s, size_t column)
{
	char	text[CODEC_B64_LEN(MIME_LINE) + 1];
	size_t	frame = strlen(MIME_WORD) + strlen(MIME_WORD_END), n;

	while (*s != '\0') {
		n = mime_chunk(s, (MIME_LINE - column - frame) / 4 * 3);
		b64_encode(s, n, text);
		buf_str(out, MIME_WORD);
		buf_str(out, text);
		buf_str(out, MIME_WORD_END);
		if (s[n] != '\0')
			buf_str(out, "\r\n ");
		s += n;
		column = 1;
	}
}

/* Bytes of whole characters at |s|, at most |max| (> 4), at least one. */
static size_t
mime_chunk(const char *s, size_t max)
{
	size_t	n = strnlen(s, max + 1);

	if (n <= max)
		return (n);
	for (n = max; n > 1 && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
		;
	return (n);
}

static void
mime_address_field(struct buf *out, const char *name, const char *addr,
    const char *display)
{
	buf_printf(out, "%s: ", name);
	if (display[0] == '\0') {
		buf_printf(out, "<%s>\r\n", addr);
		return;
	}
	if (mime_is_ascii(display) && strlen(display) <= MIME_QUOTED_MAX &&
	    strpbrk(display, "\"\\") == NULL)
		buf_printf(out, "\"%s\"", display);
	else
		mime_words(out, display, strlen(name) + 2);
	buf_printf(out, "\r\n <%s>\r\n", addr);
}

/* RFC 5322 s.3.3, "Fri, 27 Nov 2026 20:52:53 +0000". */
static void
mime_date(int64_t us, char out[MIME_DATE_MAX])
{
	static const char	days[] = "ThuFriSatSunMonTueWed";
	static const char	months[] =
	    "JanFebMarAprMayJunJulAugSepOctNovDec";
	char			t[CLOCK_RFC3339_LEN + 1];
	int64_t			day = us / (INT64_C(86400) * US_PER_S), month;

	clock_format(us, t);
	if (str_int(t + 5, 2, 1, 12, &month) != ERR_OK || day < 0)
		month = 1;
	(void)snprintf(out, MIME_DATE_MAX, "%.3s, %.2s %.3s %.4s %.8s +0000",
	    days + 3 * (day % 7), t + 8, months + 3 * (month - 1), t, t + 11);
}

static void
mime_parts(const struct mime_mail *m, struct buf *out)
{
	char	id[UUID_TEXT_LEN + 1];

	if (m->html == NULL || m->html[0] == '\0') {
		mime_part(out, "plain", m->text == NULL ? "" : m->text);
		return;
	}
	/* No line of an encoded body can hold "=_". */
	uuid_format(&m->id, id);
	buf_printf(out, "Content-Type: multipart/alternative;\r\n"
	    " boundary=\"=_%s\"\r\n\r\n--=_%s\r\n", id, id);
	mime_part(out, "plain", m->text == NULL ? "" : m->text);
	buf_printf(out, "--=_%s\r\n", id);
	mime_part(out, "html", m->html);
	buf_printf(out, "--=_%s--\r\n", id);
}

static void
mime_part(struct buf *out, const char *type, const char *body)
{
	bool	is_quoted = mime_needs_quoted(body);

	buf_printf(out, "Content-Type: text/%s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n", type,
	    is_quoted ? "quoted-printable" : "7bit");
	if (is_quoted)
		mime_quoted(out, body);
	else
		mime_plain(out, body);
	buf_str(out, "\r\n");
}

/* Is there a line that a mail server might change, or must not see? */
static bool
mime_needs_quoted(const char *s)
{
	size_t	n, i;

	for (;; s += n + 1) {
		n = strcspn(s, "\n");
		if (n > MIME_LINE || s[0] == '.' ||
		    strncmp(s, "From ", 5) == 0 || strncmp(s, "--", 2) == 0 ||
		    (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t')))
			return (true);
		for (i = 0; i < n; i++) {
			if (s[i] != '\t' && ((unsigned char)s[i] < 0x20 ||
			    (unsigned char)s[i] >= 0x7f))
				return (true);
		}
		if (s[n] == '\0')
			return (false);
	}
}

static void
mime_plain(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			buf_char(out, '\r');
		buf_char(out, *s);
	}
}

/* RFC 2045 s.6.7.  A CR is dropped: line ends are ours. */
static void
mime_quoted(struct buf *out, const char *s)
{
	size_t		column = 0, n;
	unsigned char	c;
	bool		is_last;

	for (; *s != '\0'; s++) {
		c = (unsigned char)*s;
		if (c == '\r')
			continue;
		if (c == '\n') {
			buf_str(out, "\r\n");
			column = 0;
			continue;
		}
		is_last = s[1] == '\n' || s[1] == '\r' || s[1] == '\0';
		/* Nothing that a server could take for its own at the front,
		 * no blank at the end. */
		n = mime_is_plain(c) && !(column == 0 && (c == '.' ||
		    c == 'F' || c == '-')) && !(is_last && (c == ' ' ||
		    c == '\t')) ? 1 : 3;
		if (column + n > MIME_LINE - 1) {
			buf_str(out, "=\r\n");
			column = 0;
			if (c == '.' || c == 'F' || c == '-')
				n = 3;
		}
		if (n == 1)
			buf_char(out, (char)c);
		else
			buf_printf(out, "=%c%c", mime_hex[c >> 4],
			    mime_hex[c & 0x0f]);
		column += n;
	}
}

static bool
mime_is_plain(unsigned char c)
{
	return (c == '\t' || (c >= 0x20 && c < 0x7f && c != '='));
}

static bool
mime_is_ascii(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s >= 0x80)
			return (false);
	}
	return (true);
}

/* The name before an address: a quoted string, or words. */
static enum err
mime_display(const char *s, size_t len, char name[MIME_NAME_MAX + 1])
{
	bool	is_quoted;
	size_t	n = 0, i;

	while (len > 0 && s[0] == ' ') {
		s++;
		len--;
	}
	while (len > 0 && s[len - 1] == ' ')
		len--;
	is_quoted = len >= 2 && s[0] == '"' && s[len - 1] == '"';
	if (is_quoted) {
		s++;
		len -= 2;
	}
	for (i = 0; i < len; i++) {
		if (is_quoted && s[i] == '\\' && i + 1 < len)
			i++;
		else if (s[i] == '"' || (!is_quoted && (s[i] == '<' ||
		    s[i] == '>')))
			return (ERR_FORMAT);
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f ||
		    n == MIME_NAME_MAX)
			return (ERR_FORMAT);
		name[n++] = s[i];
	}
	name[n] = '\0';
	return (ERR_OK);
}
