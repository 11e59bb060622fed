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

#include "buf.h"
#include "err.h"
#include "ip.h"
#include "log.h"
#include "password.h"

#define MASTER_KEY_LEN		32
#define SETTINGS_WORKERS_MAX	64
#define SETTINGS_DB_POOL_MAX	64
#define SETTINGS_POOL		4
/* Of one or two workers: commits that are under way share a disk write. */
#define SETTINGS_POOL_OF_FEW	8

/* One for each variable, in the order they are printed. */
enum settings_id {
	SETTINGS_DATABASE_URL,
	SETTINGS_DB_POOL,
	SETTINGS_HTTP_LISTEN,
	SETTINGS_HTTPS_LISTEN,
	SETTINGS_TLS_CERT,
	SETTINGS_TLS_KEY,
	SETTINGS_DATA_DIR,
	SETTINGS_MASTER_KEY,
	SETTINGS_MASTER_KEY_OLD,
	SETTINGS_PASSWORD_PEPPER,
	SETTINGS_PUBLIC_URL,
	SETTINGS_TRUSTED_PROXIES,
	SETTINGS_EGRESS_ALLOW,
	SETTINGS_CA_FILE,
	SETTINGS_DNS_SERVER,
	SETTINGS_WORKERS,
	SETTINGS_RUN_AS,
	SETTINGS_DEV_OTP,
	SETTINGS_LOG,
	SETTINGS_MAX
};

/* Where a value came from. */
enum settings_source {
	SETTINGS_FROM_DEFAULT,
	SETTINGS_FROM_ENV,		/* NAME */
	SETTINGS_FROM_FILE,		/* NAME_FILE */
	SETTINGS_FROM_MADE		/* by us, in the data directory */
};

struct listen_addr {
	bool		is_on;
	char		host[IP_TEXT_LEN + 1];	/* numeric, without brackets */
	uint16_t	port;
};

struct settings {
	char			*database_url;		/* NULL: not given */
	int			 db_pool;		/* a worker, 1..64 */
	struct listen_addr	 http, https;
	char			*tls_cert, *tls_key;	/* paths, or NULL */
	char			*data_dir;		/* absolute */
	bool			 has_master_key;	/* no: |read_only| */
	uint8_t			 master_key[MASTER_KEY_LEN];
	bool			 has_master_old;	/* the one before it */
	uint8_t			 master_old[MASTER_KEY_LEN];
	bool			 has_pepper;
	uint8_t			 pepper[PASSWORD_PEPPER_LEN];
	char			*public_url;		/* no trailing slash */
	struct cidr_list	 trusted_proxies;
	struct cidr_list	 egress_allow;
	char			*ca_file;		/* NULL: the system's */
	struct listen_addr	 dns_server;		/* off: the system's */
	int			 workers;		/* 1..64 */
	char			*run_as;		/* account name */
	bool			 dev_otp;
	enum log_format		 log;
	enum settings_source	 source[SETTINGS_MAX];
};

/*
 * Reads IDENTITY_* and IDENTITY_*_FILE; an empty value is no value.  A wrong
 * value, both spellings of one variable, or an unknown IDENTITY_ name:
 * ERR_USAGE, and |why| (512 bytes) is one line that names the variable and says
 * what to do.  Makes the data directory and, when unset, the master key file
 * in it (mode 0600), unless |read_only|.  Free with settings_clear(), which
 * wipes the secrets.
 */
enum err	settings_load(struct settings *s, bool read_only,
		    char why[512]) MUSTCHECK;
void		settings_clear(struct settings *s);
/*
 * Appends NAME=value lines, each with its source behind a '#', or one JSON
 * object {"NAME":{"value":..,"source":".."}}, of what is in force; secrets are
 * masked.
 */
void		settings_format(const struct settings *s, bool as_json,
		    struct buf *out);
/* The same as [{"name":..,"value":..,"source":".."}]. */
void		settings_format_list(const struct settings *s,
		    struct buf *out);
/* The same to standard output.  ERR_IO, ERR_NOMEM. */
enum err	settings_print(const struct settings *s, bool as_json)
		    MUSTCHECK;

#endif
