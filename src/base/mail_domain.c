/*
 * mail_domain - see mail_domain.h.  On glibc's resolver, which checks what it
 * is sent; its state is this call's own.
 */
#include "mail_domain.h"

#include <sys/types.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <string.h>

#include "str.h"

#define MAIL_DOMAIN_RETRANS_S	2
#define MAIL_DOMAIN_TRIES	2
#define MAIL_DOMAIN_SERVERS	2	/* of the system's; 4 s for a dead one */
#define MAIL_DOMAIN_ANSWER_MAX	4096

/* How many usable records of |type|; -1: none, and |st| says why. */
static int	mail_domain_count(struct __res_state *st, const char *domain,
		    ns_type type);
static int	mail_domain_null(const ns_rr *rr);
static enum mail_domain	mail_domain_say(enum mail_domain r, const char *text,
		    char why[MAIL_DOMAIN_WHY_LEN + 1]);

enum mail_domain
mail_domain_ask(const char *domain, const struct sockaddr_in *server,
    char why[MAIL_DOMAIN_WHY_LEN + 1])
{
	static const ns_type	 types[] = { ns_t_mx, ns_t_a, ns_t_aaaa };
	struct __res_state	 st;
	enum mail_domain	 r = MAIL_DOMAIN_NO_MAIL;
	size_t			 i;
	int			 n, e = NO_DATA;

	why[0] = '\0';
	memset(&st, 0, sizeof(st));
	if (res_ninit(&st) != 0)
		return (mail_domain_say(MAIL_DOMAIN_UNKNOWN,
		    "the resolver could not be set up", why));
	if (server != NULL) {
		st.nsaddr_list[0] = *server;
		st.nscount = 1;
	} else if (st.nscount > MAIL_DOMAIN_SERVERS)
		st.nscount = MAIL_DOMAIN_SERVERS;
	st.retrans = MAIL_DOMAIN_RETRANS_S;
	st.retry = MAIL_DOMAIN_TRIES;
	for (i = 0; i < COUNT(types) && e == NO_DATA; i++) {
		if ((n = mail_domain_count(&st, domain, types[i])) > 0) {
			r = MAIL_DOMAIN_OK;
			break;
		}
		/* A null MX (RFC 7505) forbids to go on to addresses. */
		if (n == 0 && types[i] == ns_t_mx)
			break;
		e = n < 0 ? st.res_h_errno : NO_DATA;
	}
	res_nclose(&st);
	if (r == MAIL_DOMAIN_OK)
		return (r);
	if (e == HOST_NOT_FOUND)
		return (mail_domain_say(MAIL_DOMAIN_NONE,
		    "there is no such domain", why));
	if (e != NO_DATA)
		return (mail_domain_say(MAIL_DOMAIN_UNKNOWN,
		    "the name server did not answer", why));
	return (mail_domain_say(r, "the domain takes no mail: it has neither "
	    "an MX record nor an address", why));
}

static int
mail_domain_count(struct __res_state *st, const char *domain, ns_type type)
{
	unsigned char	answer[MAIL_DOMAIN_ANSWER_MAX];
	ns_msg		m;
	ns_rr		rr;
	int		len, i, n = 0, n_null = 0;

	len = res_nquery(st, domain, ns_c_in, type, answer, sizeof(answer));
	if (len < 0)
		return (-1);
	if (len > (int)sizeof(answer))		/* the rest was cut off */
		len = sizeof(answer);
	if (ns_initparse(answer, len, &m) != 0) {
		st->res_h_errno = TRY_AGAIN;
		return (-1);
	}
	for (i = 0; i < ns_msg_count(m, ns_s_an); i++) {
		if (ns_parserr(&m, ns_s_an, i, &rr) != 0)
			break;
		if (ns_rr_type(rr) != type)
			continue;		/* a CNAME on the way */
		if (type == ns_t_mx && mail_domain_null(&rr))
			n_null++;
		else
			n++;
	}
	if (n > 0 || n_null > 0)
		return (n);
	st->res_h_errno = NO_DATA;
	return (-1);
}

/* Is the exchange "."?  Behind two bytes of preference (RFC 1035 s.3.3.9). */
static int
mail_domain_null(const ns_rr *rr)
{
	return (ns_rr_rdlen(*rr) >= 3 && ns_rr_rdata(*rr)[2] == 0);
}

static enum mail_domain
mail_domain_say(enum mail_domain r, const char *text,
    char why[MAIL_DOMAIN_WHY_LEN + 1])
{
	if (str_copy(why, MAIL_DOMAIN_WHY_LEN + 1, text, strlen(text)) !=
	    ERR_OK)
		why[0] = '\0';
	return (r);
}
