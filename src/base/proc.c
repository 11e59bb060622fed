/*
 * proc - see proc.h.
 */
#include "proc.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "str.h"

static enum err	proc_memory(struct proc_usage *out);
static enum err	proc_page(const char **p, int64_t *out);
static enum err	proc_fds(int32_t *out);

enum err
proc_usage(struct proc_usage *out)
{
	enum err	 r;

	memset(out, 0, sizeof(*out));
	out->cpu_us = clock_cpu_us();
	if ((r = proc_memory(out)) != ERR_OK)
		return (r);
	return (proc_fds(&out->fds));
}

/* /proc/self/statm: size resident shared ..., in pages. */
static enum err
proc_memory(struct proc_usage *out)
{
	const long	 page = sysconf(_SC_PAGESIZE);
	const char	*p;
	char		 line[256];
	int64_t		 size, resident, shared;
	ssize_t		 n;
	int		 fd;

	if ((fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) < 0)
		return (ERR_IO);
	n = read(fd, line, sizeof(line) - 1);
	(void)close(fd);
	if (n <= 0)
		return (ERR_IO);
	line[n] = '\0';
	p = line;
	if (proc_page(&p, &size) != ERR_OK ||
	    proc_page(&p, &resident) != ERR_OK ||
	    proc_page(&p, &shared) != ERR_OK || resident < shared)
		return (ERR_IO);
	out->private_bytes = (resident - shared) * page;
	out->shared_bytes = shared * page;
	return (ERR_OK);
}

/* A number and the space behind it. */
static enum err
proc_page(const char **p, int64_t *out)
{
	const size_t	 len = strcspn(*p, " ");
	enum err	 r;

	if ((*p)[len] != ' ')
		return (ERR_IO);
	r = str_int(*p, len, 0, INT64_MAX >> 20, out);
	*p += len + 1;
	return (r);
}

/* The kernel knows how many since 6.2; else they are counted. */
static enum err
proc_fds(int32_t *out)
{
	static const char	 path[] = "/proc/self/fd";
	struct stat		 st;
	DIR			*d;
	int32_t			 n = 0;

	if (stat(path, &st) == 0 && st.st_size > 0) {
		*out = (int32_t)st.st_size;
		return (ERR_OK);
	}
	if ((d = opendir(path)) == NULL)
		return (ERR_IO);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	*out = n - 3;			/* ".", "..", and the folder itself */
	return (ERR_OK);
}
