/*
 * tls_files - hands certificate and key to Kore's key manager.
 * Owns RUN_DIR/tls.crt, RUN_DIR/ffdhe2048.pem, the memory file of the key and
 * the self-signed pair in DATA_DIR/tls.  The key itself is never in the
 * parent's memory.
 */
#define _GNU_SOURCE		/* memfd_create, pipe2 */

#include "tls_files.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "str.h"
#include "tls_pair.h"

#define FILES_RENEW_DAYS	30	/* a self-signed pair is renewed before */

struct files_state {
	const struct settings	*settings;
	struct tls_files_owner	 owner;
	char			 run_dir[PATH_MAX];
	int			 key_fd;
};

/* What the process that reads the key tells the parent. */
struct files_report {
	enum err	r;
	char		why[TLS_WHY_LEN];
};

static enum err	files_apart(bool is_reload, char *why);
static enum err	files_load_store(bool is_reload, char *why);
static enum err	files_load(struct tls_pair *p, bool is_reload, char *why);
static enum err	files_self_signed(struct tls_pair *p, char *why);
static enum err	files_store(const struct tls_pair *p, char *why);
static enum err	files_write(const char *path, const struct buf *text,
		    mode_t mode, char *why);
static enum err	files_write_all(int fd, const struct buf *text);
static const char	*files_public_host(const char *url, char *host,
		    size_t cap);

/* What tls_files_prepare() was told. */
static struct files_state	files = { .key_fd = -1 };

enum err
tls_files_prepare(const struct settings *s, const char *run_dir,
    const struct tls_files_owner *owner, char *why)
{
	struct buf	 dh;
	char		 path[PATH_MAX];
	enum err	 r;

	files.settings = s;
	files.owner = *owner;
	buf_init(&dh, TLS_PAIR_MAX_LEN);
	tls_why(why, TLS_WHY_LEN, "TLS: out of memory");
	if ((r = str_copy(files.run_dir, sizeof(files.run_dir), run_dir,
	    strlen(run_dir))) != ERR_OK)
		goto done;
	files.key_fd = memfd_create("tls-key", MFD_CLOEXEC);
	if (files.key_fd < 0) {
		tls_why(why, TLS_WHY_LEN, "cannot make a memory file: %s",
		    strerror(errno));
		r = ERR_IO;
		goto done;
	}
	if ((r = tls_pair_ffdhe2048(&dh)) != ERR_OK ||
	    (r = str_printf(path, sizeof(path), "%s/ffdhe2048.pem",
	    run_dir)) != ERR_OK ||
	    (r = files_write(path, &dh, 0444, why)) != ERR_OK)
		goto done;
	r = files_apart(false, why);
done:
	buf_clear(&dh);
	return (r);
}

enum err
tls_files_refresh(char *why)
{
	if (files.key_fd < 0)
		return (ERR_OK);		/* HTTPS is off */
	return (files_apart(true, why));
}

int
tls_files_key_fd(void)
{
	return (files.key_fd);
}

/*
 * Loads and stores in a process of its own: what OpenSSL's decoders leave
 * behind in freed memory would otherwise be in every worker, since they are
 * copies of the parent.
 */
static enum err
files_apart(bool is_reload, char *why)
{
	struct files_report	report;
	pid_t			pid;
	ssize_t			n;
	int			fd[2];

	tls_why(why, TLS_WHY_LEN, "cannot start a process");
	if (pipe2(fd, O_CLOEXEC) != 0)
		return (ERR_IO);
	if ((pid = fork()) < 0) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return (ERR_IO);
	}
	if (pid == 0) {
		memset(&report, 0, sizeof(report));
		report.r = files_load_store(is_reload, report.why);
		n = write(fd[1], &report, sizeof(report));
		_exit(n == (ssize_t)sizeof(report) ? 0 : 1);
	}
	(void)close(fd[1]);
	do {
		n = read(fd[0], &report, sizeof(report));
	} while (n < 0 && errno == EINTR);
	(void)close(fd[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* Smaller than PIPE_BUF: all of it or nothing. */
	if (n != (ssize_t)sizeof(report)) {
		tls_why(why, TLS_WHY_LEN,
		    "the process that reads the certificate died");
		return (ERR_CRYPTO);
	}
	memcpy(why, report.why, TLS_WHY_LEN);
	return (report.r);
}

static enum err
files_load_store(bool is_reload, char *why)
{
	struct tls_pair	pair;
	enum err	r;

	tls_pair_init(&pair);
	tls_why(why, TLS_WHY_LEN, "TLS: out of memory");
	if ((r = files_load(&pair, is_reload, why)) == ERR_OK)
		r = files_store(&pair, why);
	tls_pair_clear(&pair);
	return (r);
}

static enum err
files_load(struct tls_pair *p, bool is_reload, char *why)
{
	const struct settings	*s = files.settings;
	enum err		 r;

	if (s->tls_cert == NULL && s->tls_key == NULL)
		return (files_self_signed(p, why));
	if (s->tls_cert == NULL || s->tls_key == NULL) {
		tls_why(why, TLS_WHY_LEN, "IDENTITY_TLS_CERT and "
		    "IDENTITY_TLS_KEY must be set together");
		return (ERR_USAGE);
	}
	if ((r = tls_pair_read(p, s->tls_cert, s->tls_key, why,
	    TLS_WHY_LEN)) != ERR_OK)
		return (r);
	if (tls_pair_fits(p, NULL, 0))
		return (ERR_OK);
	tls_why(why, TLS_WHY_LEN, "the certificate %s has expired",
	    s->tls_cert);
	if (is_reload)
		return (ERR_EXPIRED);
	/* Serving with it is better than not serving after a restart. */
	log_msg(LOG_LEVEL_WARN, "%s", why);
	return (ERR_OK);
}

/* Kept over restarts, so that a pinned or accepted certificate stays good. */
static enum err
files_self_signed(struct tls_pair *p, char *why)
{
	char		 dir[PATH_MAX], cert[PATH_MAX], key[PATH_MAX];
	char		 host[256];
	const char	*name;
	enum err	 r;

	name = files_public_host(files.settings->public_url, host,
	    sizeof(host));
	if ((r = str_printf(dir, sizeof(dir), "%s/tls",
	    files.settings->data_dir)) != ERR_OK ||
	    (r = str_printf(cert, sizeof(cert), "%s/self-signed.crt",
	    dir)) != ERR_OK ||
	    (r = str_printf(key, sizeof(key), "%s/self-signed.key",
	    dir)) != ERR_OK)
		return (r);
	if (access(cert, F_OK) == 0 && access(key, F_OK) == 0 &&
	    tls_pair_read(p, cert, key, why, TLS_WHY_LEN) == ERR_OK &&
	    tls_pair_fits(p, name, FILES_RENEW_DAYS))
		return (ERR_OK);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		tls_why(why, TLS_WHY_LEN, "cannot make %s: %s", dir,
		    strerror(errno));
		return (ERR_IO);
	}
	if ((r = tls_pair_make(p, name)) != ERR_OK) {
		tls_why(why, TLS_WHY_LEN,
		    "cannot make a self-signed certificate");
		return (r);
	}
	if ((r = files_write(key, &p->key, 0400, why)) != ERR_OK)
		return (r);
	if ((r = files_write(cert, &p->cert, 0444, why)) == ERR_OK)
		log_msg(LOG_LEVEL_INFO, "self-signed certificate made in %s",
		    cert);
	return (r);
}

/* The key last: a certificate without its key is the smaller harm. */
static enum err
files_store(const struct tls_pair *p, char *why)
{
	char		path[PATH_MAX];
	enum err	r;

	if ((r = str_printf(path, sizeof(path), "%s/tls.crt",
	    files.run_dir)) != ERR_OK ||
	    (r = files_write(path, &p->cert, 0444, why)) != ERR_OK)
		return (r);
	if (ftruncate(files.key_fd, 0) != 0 ||
	    lseek(files.key_fd, 0, SEEK_SET) != 0 ||
	    files_write_all(files.key_fd, &p->key) != ERR_OK ||
	    fchmod(files.key_fd, 0400) != 0 ||
	    (geteuid() == 0 && fchown(files.key_fd, files.owner.uid,
	    files.owner.gid) != 0)) {
		tls_why(why, TLS_WHY_LEN,
		    "cannot write the key's memory file: %s", strerror(errno));
		return (ERR_IO);
	}
	return (ERR_OK);
}

/* Replaces |path| at once, so that nobody reads half of it. */
static enum err
files_write(const char *path, const struct buf *text, mode_t mode, char *why)
{
	char		 temp[PATH_MAX];
	enum err	 r;
	int		 fd;

	if ((r = str_printf(temp, sizeof(temp), "%s.new", path)) != ERR_OK)
		return (r);
	(void)unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode & 0600);
	if (fd < 0)
		goto fail;
	if (files_write_all(fd, text) != ERR_OK || fchmod(fd, mode) != 0)
		goto fail;
	if (close(fd) != 0) {
		fd = -1;
		goto fail;
	}
	fd = -1;
	if (rename(temp, path) != 0)
		goto fail;
	return (ERR_OK);
fail:
	tls_why(why, TLS_WHY_LEN, "cannot write %s: %s", path,
	    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	(void)unlink(temp);
	return (ERR_IO);
}

static enum err
files_write_all(int fd, const struct buf *text)
{
	size_t	at;
	ssize_t	n;

	for (at = 0; at < text->len; at += (size_t)n) {
		n = write(fd, text->data + at, text->len - at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return (ERR_IO);
	}
	return (ERR_OK);
}

/* Host of "scheme://host[:port]/..." without brackets, or NULL. */
static const char *
files_public_host(const char *url, char *host, size_t cap)
{
	const char	*p;
	size_t		 len;

	if (url == NULL || (p = strstr(url, "://")) == NULL)
		return (NULL);
	p += 3;
	if (*p == '[')
		len = strcspn(++p, "]");
	else
		len = strcspn(p, ":/?#");
	if (len == 0 || str_copy(host, cap, p, len) != ERR_OK)
		return (NULL);
	return (host);
}
