/*
 * kore_leaks - what the leak checker of the sanitizer build must know of Kore.
 * Compiled in, since processes without privileges may not be able to read a
 * file at their end.  Empty in other builds.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KORE_LEAKS_ARE_SOUGHT
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define KORE_LEAKS_ARE_SOUGHT
#endif

const char	*__lsan_default_options(void);
const char	*__lsan_default_suppressions(void);

#if defined(KORE_LEAKS_ARE_SOUGHT)

/* Kore keeps pointers in packed structures. */
const char *
__lsan_default_options(void)
{
	return ("use_unaligned=1:print_suppressions=0");
}

/*
 * Allocated once for each process and forgotten: its filter of system calls,
 * and the names of pools that a worker makes anew.
 */
const char *
__lsan_default_suppressions(void)
{
	return ("leak:kore_seccomp_enable\nleak:kore_pool_init\n");
}

#endif
