/*
 * db_dns - names of database servers to addresses, on a task thread, so that
 * the event loop never waits for a resolver.  For src/db alone.
 */
#ifndef DB_DNS_H
#define DB_DNS_H

#include <sys/param.h>

#include <kore/kore.h>
#include <kore/tasks.h>

#include <stdbool.h>
#include <stdint.h>

#include "db_conninfo.h"

#define DB_DNS_TEXT_LEN	2047

/* Caller's storage, which must live as long as the worker. */
struct db_dns {
	struct kore_task	 task;
	const char		*host;		/* as configured, NULL: no need */
	const char		*port;		/* likewise, "" if unset */
	void			(*done)(void);
	bool			 is_running;	/* what follows is the thread's */
	bool			 is_good;
	int64_t			 at_us;		/* of the last answer */
	/* Equally long lists for host=, hostaddr= and port=. */
	char			 hosts[DB_DNS_TEXT_LEN + 1];
	char			 addrs[DB_DNS_TEXT_LEN + 1];
	char			 ports[DB_DNS_TEXT_LEN + 1];
	char			 why[DB_WHY_LEN + 1];
};

/* |done| is called from the event loop after each answer. */
void	db_dns_init(struct db_dns *d, const struct db_conninfo *info,
	    void (*done)(void));
/* Is there a name to resolve? */
bool	db_dns_is_needed(const struct db_dns *d);
/* Starts to ask unless it is asking or has a fresh answer. */
void	db_dns_ask(struct db_dns *d);

#endif
