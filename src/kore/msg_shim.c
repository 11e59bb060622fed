/*
 * msg_shim - keeps Kore from delivering messages twice after a worker died.
 * Kore's parent remembers the connection of every worker that ever was and
 * skips the dead ones by a mark in them (msg.c:90-93, 205-215).  The memory of
 * a dead one is given to its successor at once, so that the successor is in
 * the list twice and takes an old answer of the key manager for the one that
 * it waits for: the handshake fails.  Link wrap (T1 of docs/kore.md).
 */
#include <sys/param.h>

#include <kore/kore.h>

void	__real_kore_msg_parent_add(struct kore_worker *kw);
void	__wrap_kore_msg_parent_add(struct kore_worker *kw);

/* Called in the parent for a worker that was started again. */
void
__wrap_kore_msg_parent_add(struct kore_worker *kw)
{
	struct connection	*grave;

	/*
	 * The pool gives back what was freed last: kept for good, marked as
	 * the dead worker's connection was.  A few hundred bytes a death.
	 */
	grave = kore_connection_new(NULL);
	grave->proto = CONN_PROTO_MSG;
	grave->hdlr_extra = NULL;
	__real_kore_msg_parent_add(kw);
}
