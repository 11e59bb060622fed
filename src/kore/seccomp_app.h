/*
 * seccomp_app - closing in workers and key manager (docs/kore.md).
 */
#ifndef SECCOMP_APP_H
#define SECCOMP_APP_H

/*
 * In the parent, before Kore starts: |key_fd| (or -1) is closed in every
 * worker, so that the key manager alone can read the private key.
 */
void	seccomp_app_init(int key_fd);

/* Kore's hook, found by name. */
void	kore_seccomp_hook(void);

/* Link wrap: called by Kore after privileges were dropped. */
void	__real_kore_platform_sandbox(void);
void	__wrap_kore_platform_sandbox(void);

#endif
