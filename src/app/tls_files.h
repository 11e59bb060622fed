/*
 * tls_files - certificate and key as Kore's key manager reads them.
 * The certificate is copied to a file; the key goes into a memory file of
 * which only the key manager keeps the descriptor, so that no worker can open
 * it, although both run under the same account.
 */
#ifndef TLS_FILES_H
#define TLS_FILES_H

#include <sys/types.h>

#include "err.h"
#include "settings.h"

#define TLS_WHY_LEN	512

struct tls_files_owner {
	uid_t	uid;		/* account of the key manager */
	gid_t	gid;
};

/*
 * Checks IDENTITY_TLS_CERT and IDENTITY_TLS_KEY (or makes a self-signed pair in
 * the data directory when unset), and hands copies to the key manager:
 * RUN_DIR/tls.crt, a memory file with the key, RUN_DIR/ffdhe2048.pem.
 * |s| is borrowed for tls_files_refresh().  On an error |why| (TLS_WHY_LEN
 * bytes) is one line.  ERR_USAGE, ERR_IO, ERR_CRYPTO.
 */
enum err	tls_files_prepare(const struct settings *s, const char *run_dir,
		    const struct tls_files_owner *owner, char *why) MUSTCHECK;
/*
 * The same for a running service: nothing is touched unless the new pair is
 * good.  Errors as above.
 */
enum err	tls_files_refresh(char *why) MUSTCHECK;
/* Descriptor of the memory file, -1 before tls_files_prepare(). */
int		tls_files_key_fd(void);

#endif
