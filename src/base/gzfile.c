/*
 * gzfile - see gzfile.h.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "gzfile.h"
#include "mem.h"

#define GZFILE_BUFFER	(128 * 1024)
#define GZFILE_LEVEL	"wb6"
#define GZFILE_CHUNK	65536

struct gzfile {
	gzFile	 gz;
	int	 fd;		/* a second one, for fsync; -1 when reading */
	char	*path;		/* the name it will have; NULL when reading */
	char	*path_new;
};

static enum err	gzfile_new(int fd, const char *mode, struct gzfile **out);

enum err
gzfile_create(const char *path, struct gzfile **out)
{
	struct gzfile	*f = NULL;
	char		*path_new;
	size_t		 len = strlen(path);
	enum err	 r = ERR_NOMEM;
	int		 fd;

	*out = NULL;
	if ((path_new = mem_new(len + sizeof(".new"))) == NULL)
		return (ERR_NOMEM);
	memcpy(path_new, path, len);
	memcpy(path_new + len, ".new", sizeof(".new"));
	if ((fd = open(path_new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600)) == -1) {
		mem_free(path_new);
		return (ERR_IO);
	}
	if ((r = gzfile_new(fd, GZFILE_LEVEL, &f)) == ERR_OK &&
	    ((f->path = mem_dup(path, len)) == NULL ||
	    (f->fd = dup(fd)) == -1))
		r = ERR_NOMEM;
	if (f == NULL) {
		(void)unlink(path_new);
		mem_free(path_new);
		return (r);
	}
	f->path_new = path_new;
	if (r != ERR_OK)
		gzfile_close(f);
	else
		*out = f;
	return (r);
}

enum err
gzfile_open(const char *path, struct gzfile **out)
{
	int	fd;

	*out = NULL;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return (ERR_IO);
	return (gzfile_new(fd, "rb", out));
}

enum err
gzfile_add(struct gzfile *f, const void *p, size_t len)
{
	const char	*s = p;
	unsigned int	 n;

	for (; len > 0; len -= n, s += n) {
		n = len > GZFILE_CHUNK ? GZFILE_CHUNK : (unsigned int)len;
		if (gzwrite(f->gz, s, n) != (int)n)
			return (ERR_IO);
	}
	return (ERR_OK);
}

enum err
gzfile_line(struct gzfile *f, struct buf *line)
{
	char	chunk[4096];
	size_t	len;
	int	e = Z_OK;

	buf_reset(line);
	do {
		if (gzgets(f->gz, chunk, sizeof(chunk)) == NULL) {
			(void)gzerror(f->gz, &e);
			/* A file that is cut off ends with Z_BUF_ERROR. */
			return (e != Z_OK || line->len > 0 || !gzeof(f->gz) ?
			    ERR_FORMAT : ERR_NOT_FOUND);
		}
		len = strlen(chunk);
		buf_add(line, chunk, len);
		if (buf_err(line) != ERR_OK)
			return (buf_err(line));
	} while (len == 0 || chunk[len - 1] != '\n');
	return (ERR_OK);
}

enum err
gzfile_finish(struct gzfile *f, long long *bytes)
{
	struct stat	st;
	gzFile		gz = f->gz;

	f->gz = NULL;
	if (gzclose(gz) != Z_OK || fsync(f->fd) != 0 ||
	    fstat(f->fd, &st) != 0 || rename(f->path_new, f->path) != 0)
		return (ERR_IO);
	*bytes = (long long)st.st_size;
	mem_free(f->path_new);
	f->path_new = NULL;
	return (ERR_OK);
}

void
gzfile_close(struct gzfile *f)
{
	if (f == NULL)
		return;
	if (f->gz != NULL)
		(void)gzclose(f->gz);
	if (f->fd != -1)
		(void)close(f->fd);
	if (f->path_new != NULL)
		(void)unlink(f->path_new);
	mem_free(f->path_new);
	mem_free(f->path);
	mem_free(f);
}

/* Takes |fd| over, on failure too. */
static enum err
gzfile_new(int fd, const char *mode, struct gzfile **out)
{
	struct gzfile	*f;

	if ((f = mem_new(sizeof(*f))) == NULL) {
		(void)close(fd);
		return (ERR_NOMEM);
	}
	f->fd = -1;
	if ((f->gz = gzdopen(fd, mode)) == NULL) {
		(void)close(fd);
		mem_free(f);
		return (ERR_NOMEM);
	}
	(void)gzbuffer(f->gz, GZFILE_BUFFER);
	*out = f;
	return (ERR_OK);
}
