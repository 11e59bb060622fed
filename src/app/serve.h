/*
 * serve - everything that "identityd serve" checks and prepares before Kore
 * starts.
 */
#ifndef SERVE_H
#define SERVE_H

struct settings;

/*
 * Returns to let Kore start, or ends the process: status 2 for a wrong setting,
 * 1 for anything else, with one line on stderr.
 */
void			 serve_prepare(int argc, char **argv);
/* What serve_prepare() read. */
const struct settings	*serve_settings(void);

#endif
