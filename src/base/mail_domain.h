/*
 * mail_domain - does a domain take mail?  MX, then addresses (RFC 5321 s.5.1).
 * It waits for a name server, so it is for task threads and command line
 * tools; it calls neither Kore nor the log.
 */
#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H

#include <netinet/in.h>

#define MAIL_DOMAIN_LEN		253
#define MAIL_DOMAIN_WHY_LEN	120

enum mail_domain {
	MAIL_DOMAIN_OK,
	MAIL_DOMAIN_NONE,	/* there is no such domain */
	MAIL_DOMAIN_NO_MAIL,	/* it is there, and takes none */
	MAIL_DOMAIN_UNKNOWN	/* nobody said just now */
};

/*
 * Asks |server| (NULL: the system's name servers).  |why| says what was found,
 * "" when it is fine.  Takes some 10 s at most.
 */
enum mail_domain mail_domain_ask(const char *domain,
		    const struct sockaddr_in *server,
		    char why[MAIL_DOMAIN_WHY_LEN + 1]);

#endif
