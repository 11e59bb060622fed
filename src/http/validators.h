/*
 * validators - the functions that kore.conf's validators name.  Each gets a
 * NUL-terminated value and returns KORE_RESULT_OK or KORE_RESULT_ERROR; pure.
 */
#ifndef VALIDATORS_H
#define VALIDATORS_H

struct http_request;

/* E-mail address or mobile number (contact.h). */
int	validate_identifier(struct http_request *req, char *value);
int	validate_email(struct http_request *req, char *value);
/* With the platform's default country code for national numbers. */
int	validate_phone(struct http_request *req, char *value);
int	validate_uuid(struct http_request *req, char *value);
/* IPv4 or IPv6 address, no prefix. */
int	validate_ip(struct http_request *req, char *value);
/* UTF-8 without control characters (C0, DEL, C1), 1..400 bytes. */
int	validate_text(struct http_request *req, char *value);
/* UTF-8, 1..1024 bytes, no NUL; nothing else is asked of a password typed in. */
int	validate_password(struct http_request *req, char *value);

#endif
