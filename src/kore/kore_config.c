/*
 * kore_config - feeds the expanded kore.conf to Kore and checks afterwards
 * what Kore's own function would have checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <kore/kore.h>

#include "conf_text.h"
#include "kore_config.h"
#include "log.h"

/* The file kore.conf, embedded by kodev. */
extern const u_int8_t	asset_builtin_kore_conf[];
extern const u_int32_t	asset_len_builtin_kore_conf;

static void	config_check(void);
static void	config_die(const char *why) __attribute__((noreturn));

/* Values for the expansion, set before Kore asks for its configuration. */
static const struct conf_var	*config_vars;

void
kore_config_set(const struct conf_var *vars)
{
	config_vars = vars;
}

/*
 * Called in the parent, after kore_parent_configure() and before anything is
 * started.  Errors of Kore's own directives end the process inside Kore.
 */
void
__wrap_kore_parse_config(void)
{
	struct buf	 text;
	FILE		*fp;
	int		 line;

	if (config_vars == NULL)
		config_die("configuration read before the settings");
	buf_init(&text, CONF_TEXT_MAX_LEN);
	if (conf_text_expand((const char *)asset_builtin_kore_conf,
	    asset_len_builtin_kore_conf, config_vars, &text, &line) != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "kore.conf: line %d is wrong", line);
		exit(1);
	}
	if ((fp = fmemopen(text.data, text.len, "r")) == NULL)
		config_die("no memory for the configuration");
	kore_parse_config_file(fp);
	(void)fclose(fp);
	buf_clear(&text);
	config_check();
}

/*
 * What the wrapped function checks after reading: without these Kore runs
 * its workers as root or in a folder that nobody chose.
 */
static void
config_check(void)
{
	if (!kore_module_loaded())
		config_die("the program has no symbols to call");
	if (kore_root_path == NULL || keymgr_root_path == NULL)
		config_die("root or keymgr_root is missing in kore.conf");
	if (getuid() != 0 && (!skip_chroot || !skip_runas))
		config_die("only root can chroot or change its account");
	if (!skip_runas &&
	    (kore_runas_user == NULL || keymgr_runas_user == NULL))
		config_die("runas or keymgr_runas is missing in kore.conf");
}

static void
config_die(const char *why)
{
	log_msg(LOG_LEVEL_ERROR, "%s", why);
	exit(1);
}
