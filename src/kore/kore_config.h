/*
 * kore_config - Kore's configuration, made from the embedded kore.conf and the
 * settings.  Stands in for Kore's own kore_parse_config (link wrap), which
 * would write the text to /tmp and knows no variables.  Ref: docs/kore.md, T3.
 */
#ifndef KORE_CONFIG_H
#define KORE_CONFIG_H

struct conf_var;

/*
 * Keeps |vars| (core/conf_text.h; borrowed) for the moment when Kore reads its
 * configuration.
 */
void		kore_config_set(const struct conf_var *vars);

/* Called by Kore's main() in place of its own. */
void		__wrap_kore_parse_config(void);

#endif
