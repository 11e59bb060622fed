/*
 * mx - are carriers' gateways still in the DNS?  Looked up on a task thread,
 * one run at a time in each worker: once a day for all of them, and before a
 * document is saved.
 */
#ifndef MX_H
#define MX_H

#include <stddef.h>
#include <stdint.h>

#include "carrier.h"
#include "err.h"
#include "mail_domain.h"
#include "provider.h"
#include "settings.h"

struct mx_result {
	char			domain[CARRIER_DOMAIN_MAX + 1];
	enum mail_domain	is;
	char			why[MAIL_DOMAIN_WHY_LEN + 1];
};

typedef void	(*mx_done_fn)(void *arg, const struct mx_result *r, size_t n);

void		mx_init(const struct settings *s);
/*
 * Looks the first CARRIERS_MAX of |domains| up and calls |done| from the event
 * loop.  What comes after one that no name server answered is unknown as well:
 * a dead one costs its time once.  ERR_BUSY: a run is under way.
 */
enum err	mx_start(const char *const *domains, size_t n, mx_done_fn done,
		    void *arg) MUSTCHECK;
/* The run of |arg| goes on, and nobody is told. */
void		mx_forget(const void *arg);
/* In one worker, often: the daily run, and one when providers changed. */
void		mx_tick(int64_t mono_us);
/* The server of the settings, for mail_domain_ask(); NULL: the system's. */
const struct sockaddr_in *mx_server(const struct settings *s,
		    struct sockaddr_in *out);
/* The distinct domains of |c| that are not dead, borrowed; how many. */
size_t		mx_domains(const struct carriers *c, int64_t now_us,
		    const char *out[CARRIERS_MAX]);

/* The domains that the carriers of |p|'s document name and send to, borrowed;
 * none of another type. */
size_t		mx_own_domains(const struct provider *p,
		    const char *out[CARRIERS_MAX]);

#endif
