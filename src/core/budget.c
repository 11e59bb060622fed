/*
 * budget - see budget.h.  One slot holds the theoretical arrival time (TAT) of
 * an application's next request.
 */
#include "budget.h"

#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#define BUDGET_SLOTS	4096
#define BUDGET_PROBES	16
#define BUDGET_MINUTE_US	INT64_C(60000000)

struct budget_slot {
	_Atomic uint64_t	tag;		/* random half of the app id; 0 = free */
	_Atomic int64_t		tat_us;
};

struct budgets {
	struct budget_slot	slot[BUDGET_SLOTS];
};

static struct budget_slot	*budget_slot_of(struct budgets *b,
				    const struct uuid *app);
static int			 budget_ceil_s(int64_t us);

enum err
budgets_new(struct budgets **out)
{
	void	*p;

	p = mmap(NULL, sizeof(struct budgets), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return (ERR_NOMEM);
	*out = p;
	return (ERR_OK);
}

void
budgets_free(struct budgets *b)
{
	if (b != NULL)
		(void)munmap(b, sizeof(*b));
}

void
budget_take(struct budgets *b, const struct uuid *app, int32_t per_minute,
    int64_t mono_us, struct budget_answer *out)
{
	struct budget_slot	*s;
	int64_t			 step, tat, base, next;

	memset(out, 0, sizeof(*out));
	out->is_allowed = true;
	out->remaining = per_minute;
	if (per_minute <= 0 || (s = budget_slot_of(b, app)) == NULL)
		return;

	step = BUDGET_MINUTE_US / per_minute;
	if (step == 0)
		step = 1;
	tat = atomic_load_explicit(&s->tat_us, memory_order_relaxed);
	do {
		base = tat > mono_us ? tat : mono_us;
		next = base + step;
		if (next - mono_us > BUDGET_MINUTE_US + step / 2) {
			out->is_allowed = false;
			out->remaining = 0;
			out->retry_after_s = budget_ceil_s(next - mono_us -
			    BUDGET_MINUTE_US);
			out->reset_s = budget_ceil_s(tat - mono_us);
			return;
		}
	} while (!atomic_compare_exchange_weak_explicit(&s->tat_us, &tat,
	    next, memory_order_relaxed, memory_order_relaxed));

	out->remaining = (int)((BUDGET_MINUTE_US - (next - mono_us)) / step);
	if (out->remaining < 0)
		out->remaining = 0;
	out->reset_s = budget_ceil_s(next - mono_us);
}

/* The application's slot, claimed on first use; NULL: no room. */
static struct budget_slot *
budget_slot_of(struct budgets *b, const struct uuid *app)
{
	struct budget_slot	*s;
	uint64_t		 tag, seen;
	uint32_t		 i;

	memcpy(&tag, app->b + 8, sizeof(tag));
	if (tag == 0)
		tag = 1;
	for (i = 0; i < BUDGET_PROBES; i++) {
		s = &b->slot[((tag >> 20) + i) % BUDGET_SLOTS];
		seen = 0;
		if (atomic_load_explicit(&s->tag, memory_order_relaxed) ==
		    tag)
			return (s);
		if (atomic_compare_exchange_strong(&s->tag, &seen, tag) ||
		    seen == tag)
			return (s);
	}
	return (NULL);
}

static int
budget_ceil_s(int64_t us)
{
	if (us <= 0)
		return (1);
	return ((int)((us + 999999) / 1000000));
}
