/*
 * headers - fixed values of response headers, in one place.
 */
#ifndef HEADERS_H
#define HEADERS_H

#define HEADERS_SERVER	"identity"	/* no version: security.md, OWASP */
/* One year with subdomains (ASVS 3.4.1); sent on TLS only (RFC 6797 s.7.2). */
#define HEADERS_HSTS	"max-age=31536000; includeSubDomains"

#define HEADERS_JSON	"application/json"
#define HEADERS_PROBLEM	"application/problem+json"
#define HEADERS_HTML	"text/html; charset=utf-8"

/* Console pages: console.md 2.1. */
#define HEADERS_CSP	"default-src 'none'; script-src 'self'; "	\
			"style-src 'self'; img-src 'self'; "		\
			"connect-src 'self'; font-src 'none'; "		\
			"form-action 'self'; base-uri 'none'; "		\
			"frame-ancestors 'none'; "			\
			"require-trusted-types-for 'script'; "		\
			"trusted-types 'none'; "			\
			"report-uri /csp-report"

/* What pages of the console may ask the browser for. */
#define HEADERS_PERMISSIONS						\
			"accelerometer=(), bluetooth=(), camera=(), "	\
			"display-capture=(), geolocation=(), "		\
			"gyroscope=(), hid=(), magnetometer=(), "	\
			"microphone=(), midi=(), payment=(), "		\
			"serial=(), usb=(), clipboard-write=(self), "	\
			"publickey-credentials-create=(self), "		\
			"publickey-credentials-get=(self), "		\
			"otp-credentials=(self)"

#endif
