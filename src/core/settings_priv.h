/*
 * settings_priv - what the files of settings share with each other; nobody
 * else includes it.
 */
#ifndef SETTINGS_PRIV_H
#define SETTINGS_PRIV_H

#include "settings.h"

#define SETTINGS_WHY_LEN	512
#define SETTINGS_FILE_MAX	65536

/* The name of a variable, "IDENTITY_...". */
const char	*settings_name(enum settings_id id);
/*
 * Writes "NAME: sentence" into |why|, printable characters only, and returns
 * ERR_USAGE.  No secret is ever an argument.
 */
enum err	settings_fail(char why[SETTINGS_WHY_LEN], const char *name,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4))) MUSTCHECK;

/* Reads |value| (not empty) into its place in |s|.  ERR_USAGE, ERR_NOMEM. */
enum err	settings_value_set(struct settings *s, enum settings_id id,
		    const char *value, char why[SETTINGS_WHY_LEN]) MUSTCHECK;
/* Fills in what was not given, then checks values against each other. */
enum err	settings_value_finish(struct settings *s,
		    char why[SETTINGS_WHY_LEN]) MUSTCHECK;

/* Makes s->data_dir and its parents.  ERR_USAGE. */
enum err	settings_dir_make(const struct settings *s,
		    char why[SETTINGS_WHY_LEN]) MUSTCHECK;
/*
 * Reads the master key kept in s->data_dir; makes it when there is none, or,
 * if |read_only|, leaves has_master_key false.  ERR_USAGE.
 */
enum err	settings_dir_key(struct settings *s, bool read_only,
		    char why[SETTINGS_WHY_LEN]) MUSTCHECK;

/* Appends a libpq conninfo or URI with its passwords as "***". */
void		settings_mask_conninfo(const char *s, struct buf *out);

#endif
