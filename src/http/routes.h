/*
 * routes - every symbol that kore.conf names.  Kore finds them by name in the
 * binary, so they must not be static; the compiler checks them against this.
 */
#ifndef ROUTES_H
#define ROUTES_H

struct http_request;

/* Routes.  Handlers check the method themselves. */
int	api_session(struct http_request *req);
int	api_login(struct http_request *req);
int	api_logout(struct http_request *req);
int	api_refresh(struct http_request *req);
int	api_sessions(struct http_request *req);
int	api_session_end(struct http_request *req);
int	api_introspect(struct http_request *req);
int	api_revoke(struct http_request *req);
int	api_jwks(struct http_request *req);
int	api_otp_request(struct http_request *req);
int	api_otp_verify(struct http_request *req);
int	api_totp_begin(struct http_request *req);
int	api_totp_confirm(struct http_request *req);
int	api_totp_remove(struct http_request *req);
int	api_recovery_codes(struct http_request *req);
int	api_register(struct http_request *req);
int	api_reset_request(struct http_request *req);
int	api_reset(struct http_request *req);
int	api_password(struct http_request *req);
int	api_healthz(struct http_request *req);
int	api_readyz(struct http_request *req);
int	api_openapi(struct http_request *req);
int	console_setup(struct http_request *req);
int	console_css(struct http_request *req);
int	api_not_found(struct http_request *req);

/*
 * Validators: KORE_RESULT_OK or KORE_RESULT_ERROR for the text |value|.  Phone
 * and identifier complete national numbers with the platform's country code;
 * text is 1..400 bytes of UTF-8 without control characters.
 */
int	validate_identifier(struct http_request *req, char *value);
int	validate_email(struct http_request *req, char *value);
int	validate_phone(struct http_request *req, char *value);
int	validate_uuid(struct http_request *req, char *value);
int	validate_ip(struct http_request *req, char *value);
int	validate_text(struct http_request *req, char *value);

/* Hooks that Kore calls by name. */
void	kore_parent_configure(int argc, char **argv);
void	kore_parent_teardown(void);
void	kore_worker_configure(void);
void	kore_worker_teardown(void);

#endif
