/*
 * mime - an e-mail as SMTP sends it: headers and a text with its HTML
 * alternative.  Ref: RFC 5322, RFC 2045-2047, RFC 3834.
 */
#ifndef MIME_H
#define MIME_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "contact.h"
#include "err.h"
#include "uuid.h"

#define MIME_MAX	262144	/* a whole message */

/* Everything is borrowed. */
struct mime_mail {
	const char	*from;		/* "Name <a@b>" or "a@b" */
	const char	*reply_to;	/* the same; "" or NULL: none */
	const char	*to;		/* an address, normalised */
	const char	*subject;	/* UTF-8; "": no such header */
	const char	*text;		/* UTF-8 */
	const char	*html;		/* NULL or "": text alone */
	struct uuid	 id;		/* of the outbox: Message-ID in each try */
	int64_t		 now_us;	/* Date */
};

/*
 * Appends the message with CRLF line ends, every line at most 76 characters
 * (a long address takes a line of its own) and none starting with a dot that
 * could end it.  A body that is not all short ASCII lines is encoded as
 * quoted-printable, RFC 2045 s.6.7.  No field's value can begin another field:
 * control characters become blanks, and what is not ASCII is encoded
 * (RFC 2047).  ERR_FORMAT: an address; those of |out|.
 */
enum err	mime_build(const struct mime_mail *m, struct buf *out)
		    MUSTCHECK;
/*
 * Splits "Name <a@b>" or "a@b": |addr| normalised (ASCII only), |name| (may be
 * "") unquoted, at most 100 bytes.  ERR_FORMAT.
 */
#define MIME_NAME_MAX	100
enum err	mime_mailbox(const char *s, char addr[EMAIL_MAX_LEN + 1],
		    char name[MIME_NAME_MAX + 1]) MUSTCHECK;
/* Message-ID without brackets: <uuid>@<domain of from>.  ERR_FORMAT. */
#define MIME_ID_MAX	(UUID_TEXT_LEN + 1 + EMAIL_MAX_LEN)
enum err	mime_message_id(const struct mime_mail *m,
		    char out[MIME_ID_MAX + 1]) MUSTCHECK;

#endif
