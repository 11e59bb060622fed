/*
 * settings_dir - the data directory and the master key kept in it.
 * Makes both when they are missing; must never replace a key that is there,
 * since nothing sealed under it could be opened again.
 */
#include "settings_priv.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"
#include "mem.h"
#include "rnd.h"
#include "str.h"

#define SETTINGS_KEY_FILE	"master.key"
#define SETTINGS_KEY_TEXT_LEN	44	/* 32 bytes as base64 */
/*
 * Workers without privileges must reach what is theirs in it (branding), but
 * need not list it; the keys have modes of their own.
 */
#define SETTINGS_DIR_MODE	0711
#define SETTINGS_PARENT_MODE	0755

static enum err	settings_dir_one(const char *path, mode_t mode,
		    char why[SETTINGS_WHY_LEN]);
static enum err	settings_key_open(const char *path, bool read_only, int *fd,
		    char why[SETTINGS_WHY_LEN]);
static enum err	settings_key_read(struct settings *s, const char *path,
		    int fd, bool read_only, char why[SETTINGS_WHY_LEN]);
static enum err	settings_key_make(struct settings *s, const char *path,
		    int fd, char why[SETTINGS_WHY_LEN]);
static void	settings_key_text(const uint8_t key[MASTER_KEY_LEN],
		    char out[SETTINGS_KEY_TEXT_LEN + 1]);

enum err
settings_dir_make(const struct settings *s, char why[SETTINGS_WHY_LEN])
{
	char		 path[PATH_MAX];
	size_t		 i;
	enum err	 r;

	if (str_copy(path, sizeof(path), s->data_dir, strlen(s->data_dir)) !=
	    ERR_OK)
		return (settings_fail(why, settings_name(SETTINGS_DATA_DIR),
		    "the path is too long"));
	for (i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		r = settings_dir_one(path, SETTINGS_PARENT_MODE, why);
		path[i] = '/';
		if (r != ERR_OK)
			return (r);
	}
	return (settings_dir_one(path, SETTINGS_DIR_MODE, why));
}

enum err
settings_dir_key(struct settings *s, bool read_only,
    char why[SETTINGS_WHY_LEN])
{
	char		path[PATH_MAX];
	int		fd = -1;
	enum err	r;

	if (str_printf(path, sizeof(path), "%s/%s", s->data_dir,
	    SETTINGS_KEY_FILE) != ERR_OK)
		return (settings_fail(why, settings_name(SETTINGS_DATA_DIR),
		    "the path is too long"));
	if ((r = settings_key_open(path, read_only, &fd, why)) != ERR_OK ||
	    fd == -1)
		return (r);
	r = settings_key_read(s, path, fd, read_only, why);
	(void)close(fd);		/* gives the lock back */
	if (r == ERR_OK && s->has_master_key)
		s->source[SETTINGS_MASTER_KEY] = SETTINGS_FROM_MADE;
	return (r);
}

static enum err
settings_dir_one(const char *path, mode_t mode, char why[SETTINGS_WHY_LEN])
{
	const char	*name = settings_name(SETTINGS_DATA_DIR);
	struct stat	 st;

	if (mkdir(path, mode) == 0)
		return (ERR_OK);
	if (errno != EEXIST)
		return (settings_fail(why, name, "cannot make '%.200s': %s",
		    path, strerror(errno)));
	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode))
		return (settings_fail(why, name, "'%.200s' is not a directory",
		    path));
	return (ERR_OK);
}

/* |*fd| stays -1 when there is no key and |read_only| forbids to make one. */
static enum err
settings_key_open(const char *path, bool read_only, int *fd,
    char why[SETTINGS_WHY_LEN])
{
	const char	*name = settings_name(SETTINGS_MASTER_KEY);
	const int	 flags = O_CLOEXEC | O_NOFOLLOW;

	if (!read_only) {
		*fd = open(path, flags | O_RDWR | O_CREAT, 0600);
		/* One that is there may well be write-protected. */
		if (*fd != -1 || (errno != EACCES && errno != EROFS))
			goto done;
	}
	*fd = open(path, flags | O_RDONLY);
	if (*fd == -1 && errno == ENOENT && read_only)
		return (ERR_OK);
done:
	if (*fd == -1)
		return (settings_fail(why, name, "cannot open '%.200s': %s",
		    path, strerror(errno)));
	return (ERR_OK);
}

static enum err
settings_key_read(struct settings *s, const char *path, int fd,
    bool read_only, char why[SETTINGS_WHY_LEN])
{
	const char	*name = settings_name(SETTINGS_MASTER_KEY);
	char		 text[SETTINGS_KEY_TEXT_LEN + 2];
	uint8_t		 key[MASTER_KEY_LEN + 1];
	struct stat	 st;
	ssize_t		 n;
	size_t		 key_len = sizeof(key);
	enum err	 r = ERR_OK;

	/* A file without bytes is one that another process is filling now. */
	if (flock(fd, LOCK_EX) == -1 || fstat(fd, &st) == -1 ||
	    (n = read(fd, text, sizeof(text))) == -1)
		return (settings_fail(why, name, "cannot read '%.200s': %s",
		    path, strerror(errno)));
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		r = settings_fail(why, name, "others may read '%.200s'; chmod "
		    "600 it", path);
		goto done;
	}
	if (n == 0 && read_only)
		goto done;
	if (n == 0) {
		r = settings_key_make(s, path, fd, why);
		goto done;
	}
	if (n > 0 && text[n - 1] == '\n')
		n--;
	if (b64_decode(text, (size_t)n, key, &key_len) != ERR_OK ||
	    key_len != MASTER_KEY_LEN) {
		r = settings_fail(why, name, "'%.200s' is not a master key "
		    "(32 bytes as base64); restore it from a backup", path);
		goto done;
	}
	memcpy(s->master_key, key, MASTER_KEY_LEN);
	s->has_master_key = true;
done:
	mem_wipe(text, sizeof(text));
	mem_wipe(key, sizeof(key));
	return (r);
}

static enum err
settings_key_make(struct settings *s, const char *path, int fd,
    char why[SETTINGS_WHY_LEN])
{
	char		text[SETTINGS_KEY_TEXT_LEN + 1];
	int		dir;
	enum err	r = ERR_OK;

	rnd_bytes(s->master_key, MASTER_KEY_LEN);
	settings_key_text(s->master_key, text);
	text[SETTINGS_KEY_TEXT_LEN] = '\n';
	/* On the disk before anything is sealed under it. */
	if ((dir = open(s->data_dir, O_RDONLY | O_CLOEXEC | O_DIRECTORY)) ==
	    -1 || write(fd, text, sizeof(text)) != (ssize_t)sizeof(text) ||
	    fsync(fd) == -1 || fsync(dir) == -1) {
		r = settings_fail(why, settings_name(SETTINGS_MASTER_KEY),
		    "cannot write '%.200s': %s", path, strerror(errno));
		/* Empty again, it is made anew by the next start. */
		if (ftruncate(fd, 0) == -1)
			(void)unlink(path);
	} else {
		s->has_master_key = true;
	}
	if (dir != -1)
		(void)close(dir);
	mem_wipe(text, sizeof(text));
	return (r);
}

/* Standard base64 from the URL alphabet, and the one '=' that 32 bytes need. */
static void
settings_key_text(const uint8_t key[MASTER_KEY_LEN],
    char out[SETTINGS_KEY_TEXT_LEN + 1])
{
	size_t	i;

	b64url_encode(key, MASTER_KEY_LEN, out);
	for (i = 0; out[i] != '\0'; i++) {
		if (out[i] == '-')
			out[i] = '+';
		else if (out[i] == '_')
			out[i] = '/';
	}
	out[i] = '=';
	out[i + 1] = '\0';
}
