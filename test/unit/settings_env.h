/*
 * settings_env.h - what the tests of settings share: an environment without
 * settings, a directory of their own, and checks of a load.
 */
#ifndef SETTINGS_ENV_H
#define SETTINGS_ENV_H

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"

extern char	**environ;

/* The directory that the tests run in, removed at the end. */
static char	settings_root[PATH_MAX];

/* 32 times 'k' and 32 times 'p'. */
#define KEY_B64		"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
#define PEPPER_B64	"cHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHA="

#define TEST(f)	cmocka_unit_test_setup(f, settings_setup)

/* Nothing of the environment is set, and an empty directory is current. */
static inline int
settings_setup(void **state)
{
	char	dir[] = "t-XXXXXX";
	size_t	i;

	(void)state;
	for (i = 0; environ[i] != NULL; ) {
		char	name[128];

		if (strncmp(environ[i], "IDENTITY_", 9) != 0) {
			i++;
			continue;
		}
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(environ[i], "="), environ[i]);
		assert_int_equal(unsetenv(name), 0);
	}
	assert_int_equal(chdir(settings_root), 0);
	assert_non_null(mkdtemp(dir));
	return (chdir(dir));
}

static inline int
settings_group_setup(void **state)
{
	const char	*tmp = getenv("TMPDIR");

	(void)state;
	(void)umask(022);
	(void)snprintf(settings_root, sizeof(settings_root),
	    "%s/identity-settings-XXXXXX", tmp != NULL ? tmp : "/tmp");
	return (mkdtemp(settings_root) == NULL ? -1 : 0);
}

static inline int
settings_group_teardown(void **state)
{
	const char *const	argv[] = { "rm", "-rf", settings_root, NULL };
	pid_t			pid;

	(void)state;
	if (chdir("/") == -1 || (pid = fork()) == -1)
		return (-1);
	if (pid == 0) {
		(void)execvp("rm", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return (waitpid(pid, NULL, 0) == pid ? 0 : -1);
}

static inline void
set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static inline void
write_file(const char *path, const char *text, size_t len, mode_t mode)
{
	int	fd;

	/* Anew: an old one may be write-protected, and then not for root. */
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(close(fd), 0);
}

static inline void
load(struct settings *s)
{
	char	why[512];

	if (settings_load(s, false, why) != ERR_OK)
		fail_msg("%s", why);
	assert_string_equal(why, "");
}

/* One line that begins with |name| and holds |part|. */
static inline void
refused(const char *name, const char *part)
{
	struct settings	s, zero;
	char		why[512];

	memset(&zero, 0, sizeof(zero));
	memset(&s, 0xff, sizeof(s));
	assert_int_equal(settings_load(&s, true, why), ERR_USAGE);
	if (strncmp(why, name, strlen(name)) != 0 ||
	    strncmp(why + strlen(name), ": ", 2) != 0 ||
	    strstr(why, part) == NULL || strchr(why, '\n') != NULL)
		fail_msg("%s, %s: %s", name, part, why);
	assert_memory_equal(&s, &zero, sizeof(s));
}

#endif
