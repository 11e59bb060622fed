/*
 * settings - what the environment says (api.md s.5), read once at the start,
 * constant afterwards.  What administrators change at run time is in the
 * database (table setting).
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "ip.h"
#include "log.h"

#define MASTER_KEY_LEN	32

struct listen_addr {
	bool		is_on;
	char		host[IP_TEXT_LEN + 1];	/* numeric, without brackets */
	uint16_t	port;
};

struct settings {
	char			*database_url;
	struct listen_addr	 http, https;
	char			*tls_cert, *tls_key;	/* paths; NULL: self-signed */
	char			*data_dir;		/* absolute */
	uint8_t			 master_key[MASTER_KEY_LEN];
	char			*public_url;		/* no trailing slash */
	struct cidr_list	 trusted_proxies;
	struct cidr_list	 egress_allow;
	int			 workers;		/* 1..64 */
	char			*run_as;		/* account name */
	bool			 dev_otp;
	enum log_format		 log;
};

/*
 * Reads IDENTITY_* and IDENTITY_*_FILE.  A wrong value, both spellings of one
 * variable, or an unknown IDENTITY_ name: ERR_USAGE, and |why| (512 bytes) is
 * one line that names the variable and says what to do.  Makes the data
 * directory and, when unset, the master key file in it (mode 0600), unless
 * |read_only|.  Free with settings_clear(), which wipes the secrets.
 */
enum err	settings_load(struct settings *s, bool read_only,
		    char why[512]) MUSTCHECK;
void		settings_clear(struct settings *s);
/* NAME=value lines (or one JSON object) of what is in force, secrets masked. */
enum err	settings_print(const struct settings *s, bool as_json) MUSTCHECK;

#endif
