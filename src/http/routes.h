/*
 * routes - every symbol that kore.conf names.  Kore finds them by name in the
 * binary, so they must not be static; the compiler checks them against this.
 */
#ifndef ROUTES_H
#define ROUTES_H

struct http_request;

/* Routes.  Handlers check the method themselves. */
int	api_session(struct http_request *req);
int	api_sync(struct http_request *req);
int	api_sync_stream(struct http_request *req);
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
int	api_metrics(struct http_request *req);
int	api_openapi(struct http_request *req);
int	api_receipt(struct http_request *req);
int	console_people(struct http_request *req);
int	console_people_bulk(struct http_request *req);
int	console_people_export(struct http_request *req);
int	console_person(struct http_request *req);
int	console_person_act(struct http_request *req);
int	console_person_recovery(struct http_request *req);
int	console_person_totp(struct http_request *req);
int	console_person_app(struct http_request *req);
int	console_person_part(struct http_request *req);
int	console_person_session(struct http_request *req);
int	console_person_device(struct http_request *req);
int	console_imports(struct http_request *req);
int	console_import(struct http_request *req);
int	console_import_chunk(struct http_request *req);
int	console_import_check(struct http_request *req);
int	console_import_act(struct http_request *req);
int	console_import_rows(struct http_request *req);
int	console_import_errors(struct http_request *req);
int	console_missing(struct http_request *req);
int	console_missing_act(struct http_request *req);
int	console_import_template(struct http_request *req);
int	console_providers(struct http_request *req);
int	console_provider(struct http_request *req);
int	console_provider_test(struct http_request *req);
int	console_carriers(struct http_request *req);
int	console_texts(struct http_request *req);
int	console_text(struct http_request *req);
int	console_text_preview(struct http_request *req);
int	console_spend(struct http_request *req);
int	console_prices(struct http_request *req);
int	console_outbox(struct http_request *req);
int	console_setup(struct http_request *req);
int	console_home(struct http_request *req);
int	console_signin(struct http_request *req);
int	console_password(struct http_request *req);
int	console_code(struct http_request *req);
int	console_code_verify(struct http_request *req);
int	console_factor(struct http_request *req);
int	console_recover(struct http_request *req);
int	console_signout(struct http_request *req);
int	console_step(struct http_request *req);
int	console_step_code(struct http_request *req);
int	console_session(struct http_request *req);
int	console_sessions(struct http_request *req);
int	console_session_one(struct http_request *req);
int	console_mfa(struct http_request *req);
int	console_mfa_totp(struct http_request *req);
int	console_mfa_confirm(struct http_request *req);
int	console_mfa_recovery(struct http_request *req);
int	console_overview(struct http_request *req);
int	console_audit(struct http_request *req);
int	console_audit_show(struct http_request *req);
int	console_audit_chain(struct http_request *req);
int	console_audit_events(struct http_request *req);
int	console_audit_export(struct http_request *req);
int	console_audit_preview(struct http_request *req);
int	console_audit_purge(struct http_request *req);
int	console_file(struct http_request *req);
int	console_reference(struct http_request *req);
int	console_guide(struct http_request *req);
int	console_settings(struct http_request *req);
int	console_token_keys(struct http_request *req);
int	console_token_key_rotate(struct http_request *req);
int	console_runtime(struct http_request *req);
int	console_branding(struct http_request *req);
int	console_logo(struct http_request *req);
int	console_logo_public(struct http_request *req);
int	console_brand_css(struct http_request *req);
int	console_csp_report(struct http_request *req);
int	console_apps(struct http_request *req);
int	console_app(struct http_request *req);
int	console_app_allowed(struct http_request *req);
int	console_app_tester(struct http_request *req);
int	console_app_suggestions(struct http_request *req);
int	console_app_sync(struct http_request *req);
int	console_webhook(struct http_request *req);
int	console_webhook_try(struct http_request *req);
int	console_keys(struct http_request *req);
int	console_key(struct http_request *req);
int	console_key_rotation(struct http_request *req);
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
