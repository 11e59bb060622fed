/*
 * serve - from the environment to the moment when Kore takes over.
 * Owns the order of the start and the names in kore.conf; must not do what a
 * worker does.
 *
 * Nothing is changed to a new root: unix sockets, name resolution and the CA
 * store are needed, and the container is the cage.
 */
#include "serve.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kore/kore.h>

#include "command.h"
#include "conf_text.h"
#include "db_migrate.h"
#include "deliver.h"
#include "kore_config.h"
#include "kore_start.h"
#include "log.h"
#include "mem.h"
#include "reload.h"
#include "seccomp_app.h"
#include "service.h"
#include "settings.h"
#include "str.h"
#include "supervise.h"
#include "tls_files.h"

#define SERVE_WHY_LEN		512
/* Descriptors of a worker: connections and 256 for the rest. */
#define SERVE_NOFILE		4352
#define SERVE_NOFILE_REST	256
#define SERVE_CONNECTIONS_MIN	64
#define SERVE_HASH_THREADS_MAX	16
#define SERVE_NUMBER_LEN	16

/* Values of kore.conf's variables. */
struct serve_vars {
	char		run_dir[PATH_MAX];
	char		connections[SERVE_NUMBER_LEN];
	char		nofile[SERVE_NUMBER_LEN];
	char		workers[SERVE_NUMBER_LEN];
	char		hash_threads[SERVE_NUMBER_LEN];
	char		http_port[SERVE_NUMBER_LEN];
	char		https_port[SERVE_NUMBER_LEN];
	char		key_fd[SERVE_NUMBER_LEN];
	struct conf_var	v[16];
};

static void	serve_account(struct tls_files_owner *owner);
static void	serve_run_dir(const struct tls_files_owner *owner);
static void	serve_check_listen(const char *name,
		    const struct listen_addr *a);
static void	serve_migrate(void);
static void	serve_fill_vars(int nofile);
static void	serve_number(char out[SERVE_NUMBER_LEN], long n);
static void	serve_announce(void);
static void	serve_die(int status, const char *fmt, ...)
		    __attribute__((noreturn, format(printf, 2, 3)));

/* Read once, borrowed by everybody for the life of the process. */
static struct settings		serve_current;
/* Borrowed by kore_config until Kore has read its configuration. */
static struct serve_vars	serve_vars;

void
serve_prepare(int argc, char **argv)
{
	struct tls_files_owner	owner = { .uid = getuid(), .gid = getgid() };
	char			why[SERVE_WHY_LEN] = "";
	int			nofile;
	enum err		r;

	r = settings_load(&serve_current, false, why);
	if (r != ERR_OK)
		serve_die(r == ERR_USAGE ? EXIT_STATUS_USAGE :
		    EXIT_STATUS_FAILED, "%s",
		    why[0] != '\0' ? why : err_text(r));
	nofile = kore_start_prepare(argc, argv, SERVE_NOFILE);
	if (log_init(serve_current.log) != ERR_OK)
		serve_die(EXIT_STATUS_FAILED, "cannot write to stdout");
	if (!serve_current.http.is_on && !serve_current.https.is_on)
		serve_die(EXIT_STATUS_USAGE, "IDENTITY_HTTP_LISTEN and "
		    "IDENTITY_HTTPS_LISTEN are both off");
	if (serve_current.database_url == NULL)
		serve_die(EXIT_STATUS_USAGE, "IDENTITY_DATABASE_URL is not "
		    "set; give it the connection string of the database");
	if (nofile < SERVE_NOFILE_REST + SERVE_CONNECTIONS_MIN)
		serve_die(EXIT_STATUS_FAILED, "the limit of open files (%d) "
		    "is too low; %d are needed", nofile,
		    SERVE_NOFILE_REST + SERVE_CONNECTIONS_MIN);

	serve_account(&owner);
	serve_run_dir(&owner);
	serve_check_listen("IDENTITY_HTTP_LISTEN", &serve_current.http);
	serve_check_listen("IDENTITY_HTTPS_LISTEN", &serve_current.https);
	if (serve_current.https.is_on && tls_files_prepare(&serve_current,
	    serve_vars.run_dir, &owner, why) != ERR_OK)
		serve_die(EXIT_STATUS_FAILED, "%s", why);
	serve_migrate();

	if (supervise_init() != ERR_OK || deliver_parent_init() != ERR_OK)
		serve_die(EXIT_STATUS_FAILED, "out of memory");
	if ((r = service_parent_init(&serve_current)) != ERR_OK)
		serve_die(EXIT_STATUS_FAILED, "cannot prepare the service: %s",
		    err_text(r));

	serve_fill_vars(nofile);
	kore_config_set(serve_vars.v);
	reload_init(tls_files_refresh);
	seccomp_app_init(tls_files_key_fd());
	kore_start_on_fatal(supervise_failed);
	kore_foreground = 1;
	kore_quiet = 1;
	skip_chroot = 1;
	skip_runas = getuid() != 0;
	serve_announce();
	/* Workers would write what the parent left in its buffer. */
	log_flush();
}

const struct settings *
serve_settings(void)
{
	return (&serve_current);
}

/* Started as root, workers and key manager become IDENTITY_RUN_AS. */
static void
serve_account(struct tls_files_owner *owner)
{
	const struct passwd	*pw;

	if (getuid() != 0)
		return;
	if (serve_current.run_as == NULL ||
	    (pw = getpwnam(serve_current.run_as)) == NULL)
		serve_die(EXIT_STATUS_USAGE,
		    "IDENTITY_RUN_AS: there is no account \"%s\"",
		    serve_current.run_as != NULL ? serve_current.run_as : "");
	if (pw->pw_uid == 0)
		serve_die(EXIT_STATUS_USAGE,
		    "IDENTITY_RUN_AS: must not be root");
	owner->uid = pw->pw_uid;
	owner->gid = pw->pw_gid;
}

/*
 * Workers enter it while still root, so that the folders above may be closed to
 * their account.
 */
static void
serve_run_dir(const struct tls_files_owner *owner)
{
	if (str_printf(serve_vars.run_dir, sizeof(serve_vars.run_dir),
	    "%s/run", serve_current.data_dir) != ERR_OK)
		serve_die(EXIT_STATUS_USAGE, "IDENTITY_DATA_DIR is too long");
	if (strpbrk(serve_vars.run_dir, " \t\n") != NULL)
		serve_die(EXIT_STATUS_USAGE,
		    "IDENTITY_DATA_DIR must not contain blanks");
	if (mkdir(serve_vars.run_dir, 0755) != 0 && errno != EEXIST)
		serve_die(EXIT_STATUS_FAILED, "cannot make %s: %s",
		    serve_vars.run_dir, strerror(errno));
	if (chmod(serve_vars.run_dir, 0711) != 0 ||
	    (getuid() == 0 && chown(serve_vars.run_dir, 0, owner->gid) != 0))
		serve_die(EXIT_STATUS_FAILED, "cannot use %s: %s",
		    serve_vars.run_dir, strerror(errno));
}

/* Kore would say "configuration error on line 90". */
static void
serve_check_listen(const char *name, const struct listen_addr *a)
{
	struct addrinfo	 hints = { .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo	*res;
	char		 port[SERVE_NUMBER_LEN];
	int		 fd, e, on = 1;

	if (!a->is_on)
		return;
	serve_number(port, a->port);
	if ((e = getaddrinfo(a->host, port, &hints, &res)) != 0)
		serve_die(EXIT_STATUS_USAGE, "%s: %s: %s", name, a->host,
		    gai_strerror(e));
	fd = socket(res->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, res->ai_addr, res->ai_addrlen) != 0 ||
	    listen(fd, 1) != 0)
		serve_die(EXIT_STATUS_FAILED, "%s: cannot listen on %s port "
		    "%s: %s", name, a->host, port, strerror(errno));
	(void)close(fd);
	freeaddrinfo(res);
}

static void
serve_migrate(void)
{
	struct db_migrate_result	m = { .from = 0 };
	enum err			r;

	r = db_migrate(serve_current.database_url, false, &m);
	if (r != ERR_OK)
		serve_die(EXIT_STATUS_FAILED, "database: %s",
		    m.why[0] != '\0' ? m.why : err_text(r));
	if (m.applied > 0)
		log_msg(LOG_LEVEL_INFO,
		    "schema brought from version %d to %d", m.from, m.to);
}

static void
serve_fill_vars(int nofile)
{
	const struct settings	*s = &serve_current;
	struct serve_vars	*x = &serve_vars;
	long			 cpus;

	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (cpus < 1)
		cpus = 1;
	if (cpus > SERVE_HASH_THREADS_MAX)
		cpus = SERVE_HASH_THREADS_MAX;
	serve_number(x->connections, nofile - SERVE_NOFILE_REST);
	serve_number(x->nofile, nofile);
	serve_number(x->workers, s->workers);
	serve_number(x->hash_threads, cpus);
	serve_number(x->http_port, s->http.port);
	serve_number(x->https_port, s->https.port);
	serve_number(x->key_fd, tls_files_key_fd());

	const struct conf_var	v[] = {
		{ "RUN_DIR", x->run_dir },
		{ "RUN_AS", getuid() == 0 ? s->run_as : "" },
		{ "WORKERS", x->workers },
		{ "CONNECTIONS", x->connections },
		{ "NOFILE", x->nofile },
		{ "HASH_THREADS", x->hash_threads },
		{ "HTTP", s->http.is_on ? "on" : "" },
		{ "HTTP_HOST", s->http.host },
		{ "HTTP_PORT", x->http_port },
		{ "HTTPS", s->https.is_on ? "on" : "" },
		{ "HTTPS_HOST", s->https.host },
		{ "HTTPS_PORT", x->https_port },
		{ "KEY_FD", x->key_fd },
		{ NULL, NULL }
	};

	_Static_assert(sizeof(v) <= sizeof(x->v), "serve_vars.v is too small");
	memcpy(x->v, v, sizeof(v));
}

static void
serve_number(char out[SERVE_NUMBER_LEN], long n)
{
	if (str_printf(out, SERVE_NUMBER_LEN, "%ld", n) != ERR_OK)
		out[0] = '\0';
}

static void
serve_announce(void)
{
	const struct settings	*s = &serve_current;
	struct log_field	 f[] = {
		LOG_S("http", s->http.is_on ? s->http.host : "off"),
		LOG_I("http_port", s->http.is_on ? s->http.port : 0),
		LOG_S("https", s->https.is_on ? s->https.host : "off"),
		LOG_I("https_port", s->https.is_on ? s->https.port : 0),
		LOG_I("workers", s->workers),
		LOG_S("run_as", getuid() == 0 ? s->run_as : NULL),
	};

	log_line(LOG_LEVEL_INFO, "start", f, COUNT(f));
	if (s->dev_otp)
		log_msg(LOG_LEVEL_WARN, "IDENTITY_DEV_OTP is on: one-time "
		    "codes are shown in answers; never do this in production");
}

static void
serve_die(int status, const char *fmt, ...)
{
	va_list	ap;

	log_flush();
	(void)fputs("identityd: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	settings_clear(&serve_current);
	exit(status);
}
