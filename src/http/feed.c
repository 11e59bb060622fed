/*
 * feed - see feed.h.  Owns this worker's lists, and the way a notification
 * takes: the listening worker moves the shared counters and sends a message to
 * all workers, which look through those that wait.  A message that is lost is
 * made good by the timer, which compares one counter.
 */
#include "feed.h"

#include <sys/param.h>

#include <kore/kore.h>

#include <string.h>

#include "api.h"
#include "clock.h"
#include "db.h"
#include "log.h"
#include "platform.h"
#include "service.h"

#define FEED_MSG		(KORE_MSG_APP_BASE + 1)
/* A storm of changes has those that wait looked through this often. */
#define FEED_WALK_US		(20 * US_PER_MS)
/* Changes behind a running transaction are looked for this often. */
#define FEED_PROBE_US		(250 * US_PER_MS)
#define FEED_QUEUE_US		(8 * US_PER_S)
/* The others' timers see what they are not told. */
#define FEED_TELL_US		(5 * US_PER_MS)
#define FEED_IDLE_SLOTS		1024	/* 72 KiB */

struct feed_idle_slot {
	struct sync_cursor	cur;
	struct uuid		app;
	uint64_t		seen;
	bool			is_used;
};

TAILQ_HEAD(feed_list, feed_call);

static void	feed_heard(const char *payload);
static void	feed_told(struct kore_msg *msg, const void *data);
static void	feed_walk(int64_t mono_us);
static void	feed_wake(struct feed_call *c);
static struct feed_call	*feed_admit(void);
static void	feed_next_reader(void);
static void	feed_probe(int64_t mono_us);
static void	feed_probed(void *arg, enum err e,
		    const struct db_result *res, const char *constraint);
static struct feed_idle_slot	*feed_slot(const struct sync_cursor *cur);

static struct feed_list	feed_queue = TAILQ_HEAD_INITIALIZER(feed_queue);
static struct feed_list	feed_waiting = TAILQ_HEAD_INITIALIZER(feed_waiting);
static int		feed_n_reading, feed_reading_max;
static int		feed_n_sending, feed_holding_max;
static int		feed_n_wait, feed_waiting_max;
/* When the others were last told. */
static int64_t		feed_sent_us;
/* The counter that any change moves, as of the last walk. */
static uint64_t		feed_walked;
static int64_t		feed_walked_us;
/* The next look for ended transactions; one is under way. */
static int64_t		feed_probe_us;
static bool		feed_is_probing;
static struct feed_idle_slot	feed_idles[FEED_IDLE_SLOTS];

void
feed_init(int reading_max, int holding_max, int waiting_max)
{
	feed_reading_max = reading_max;
	feed_holding_max = holding_max;
	feed_waiting_max = waiting_max;
	service_hear("identity_feed", feed_heard);
	if (kore_msg_register(FEED_MSG, feed_told) != KORE_RESULT_OK)
		fatal("feed: message %d is taken", FEED_MSG);
}

uint64_t
feed_now(const struct uuid *app)
{
	const struct generations	*g = platform_generations();

	/* Both only grow, so their sum stands still when both do. */
	return (generation_of(g, GENERATION_FEED, app->b, sizeof(app->b)) +
	    generation_of(g, GENERATION_FEED, "*", 1));
}

bool
feed_is_live(void)
{
	return (generation_is_fresh(platform_generations(), clock_mono_us()));
}

bool
feed_read(struct feed_call *c)
{
	if (c->place == FEED_READING)
		return (true);
	if (c->place == FEED_QUEUED)
		return (false);
	feed_leave(c);
	c->is_refused = false;
	c->queued_us = clock_mono_us();
	c->place = FEED_QUEUED;
	TAILQ_INSERT_TAIL(&feed_queue, c, list);
	return (feed_admit() == c);
}

void
feed_sending(struct feed_call *c)
{
	if (c->place != FEED_READING)
		return;
	c->place = FEED_SENDING;
	feed_n_reading--;
	feed_n_sending++;
	feed_next_reader();
}

bool
feed_wait(struct feed_call *c)
{
	feed_leave(c);
	if (feed_n_wait >= feed_waiting_max || api_is_stopping() ||
	    feed_now(&c->app) != c->seen || clock_mono_us() >= c->until_us)
		return (false);
	feed_n_wait++;
	c->place = FEED_WAITING;
	TAILQ_INSERT_TAIL(&feed_waiting, c, list);
	return (true);
}

void
feed_leave(struct feed_call *c)
{
	enum feed_place	place = c->place;

	c->place = FEED_NOWHERE;
	switch (place) {
	case FEED_QUEUED:
		TAILQ_REMOVE(&feed_queue, c, list);
		break;
	case FEED_READING:
		feed_n_reading--;
		feed_next_reader();
		break;
	case FEED_SENDING:
		feed_n_sending--;
		feed_next_reader();
		break;
	case FEED_WAITING:
		TAILQ_REMOVE(&feed_waiting, c, list);
		feed_n_wait--;
		break;
	case FEED_NOWHERE:
	default:
		break;
	}
}

void
feed_idle_put(const struct sync_cursor *cur, const struct uuid *app,
    uint64_t seen)
{
	struct feed_idle_slot	*s = feed_slot(cur);

	s->cur = *cur;
	s->app = *app;
	s->seen = seen;
	s->is_used = true;
}

bool
feed_idle(const struct sync_cursor *cur, const struct uuid *app)
{
	const struct feed_idle_slot	*s = feed_slot(cur);

	return (s->is_used && feed_is_live() && s->cur.kind == cur->kind &&
	    s->cur.xid == cur->xid && s->cur.made_s == cur->made_s &&
	    uuid_cmp(&s->cur.id, &cur->id) == 0 &&
	    uuid_cmp(&s->cur.epoch, &cur->epoch) == 0 &&
	    uuid_cmp(&s->app, app) == 0 && s->seen == feed_now(app));
}

void
feed_tick(int64_t mono_us)
{
	struct feed_call	*c, *next;

	feed_walk(mono_us);
	for (c = TAILQ_FIRST(&feed_waiting); c != NULL; c = next) {
		next = TAILQ_NEXT(c, list);
		if (mono_us >= c->until_us)
			feed_wake(c);
	}
	/* The oldest stands first. */
	while ((c = TAILQ_FIRST(&feed_queue)) != NULL &&
	    mono_us - c->queued_us >= FEED_QUEUE_US) {
		c->is_refused = true;
		feed_wake(c);
	}
	feed_probe(mono_us);
}

void
feed_drain(void)
{
	struct feed_call	*c;

	while ((c = TAILQ_FIRST(&feed_waiting)) != NULL)
		feed_wake(c);
}

int
feed_n_waiting(void)
{
	return (feed_n_wait);
}

/* In the listening worker.  NULL: what was said meanwhile was not heard. */
static void
feed_heard(const char *payload)
{
	struct generations	*g = platform_generations();
	struct uuid		 app;
	int64_t			 now = clock_mono_us();

	if (payload != NULL && uuid_parse(payload, strlen(payload), &app) ==
	    ERR_OK)
		generation_bump(g, GENERATION_FEED, app.b, sizeof(app.b));
	else
		generation_bump(g, GENERATION_FEED, "*", 1);
	generation_bump(g, GENERATION_FEED, NULL, 0);
	feed_walk(now);
	if (now - feed_sent_us >= FEED_TELL_US) {
		feed_sent_us = now;
		kore_msg_send(KORE_MSG_WORKER_ALL, FEED_MSG, NULL, 0);
	}
}

static void
feed_told(struct kore_msg *msg, const void *data)
{
	(void)msg;
	(void)data;
	feed_walk(clock_mono_us());
}

/* Whoever's counter has moved reads again. */
static void
feed_walk(int64_t mono_us)
{
	uint64_t		 now = generation_of(platform_generations(),
				    GENERATION_FEED, NULL, 0);
	struct feed_call	*c, *next;

	/* What comes too soon is seen by the timer. */
	if (now == feed_walked || mono_us - feed_walked_us < FEED_WALK_US)
		return;
	feed_walked = now;
	feed_walked_us = mono_us;
	for (c = TAILQ_FIRST(&feed_waiting); c != NULL; c = next) {
		next = TAILQ_NEXT(c, list);
		if (feed_now(&c->app) != c->seen)
			feed_wake(c);
	}
}

static void
feed_wake(struct feed_call *c)
{
	feed_leave(c);
	api_wake(c->req);
}

/* The first of the queue gets a place, if there is one. */
static struct feed_call *
feed_admit(void)
{
	struct feed_call	*c = TAILQ_FIRST(&feed_queue);

	if (c == NULL || feed_n_reading >= feed_reading_max ||
	    feed_n_reading + feed_n_sending >= feed_holding_max)
		return (NULL);
	TAILQ_REMOVE(&feed_queue, c, list);
	feed_n_reading++;
	c->place = FEED_READING;
	return (c);
}

static void
feed_next_reader(void)
{
	struct feed_call	*c = feed_admit();

	if (c != NULL)
		api_wake(c->req);
}

/*
 * A change may be visible while an older transaction runs; it is shown when
 * that has ended, of which nobody tells.  One question for all that wait so.
 */
static void
feed_probe(int64_t mono_us)
{
	struct db_params	 p = DB_PARAMS_INIT;
	struct feed_call	*c;

	if (feed_is_probing || mono_us < feed_probe_us)
		return;
	TAILQ_FOREACH(c, &feed_waiting, list)
		if (c->waits_for != 0)
			break;
	if (c == NULL)
		return;
	feed_probe_us = mono_us + FEED_PROBE_US;
	feed_is_probing = db_send(SQL_SYNC_OLDEST, &p, feed_probed, NULL,
	    NULL) == ERR_OK;
}

static void
feed_probed(void *arg, enum err e, const struct db_result *res,
    const char *constraint)
{
	struct feed_call	*c, *next;
	struct db_row		 r;
	int64_t			 oldest;

	(void)arg;
	(void)constraint;
	feed_is_probing = false;
	if (e != ERR_OK)
		return;			/* asked again soon */
	r = db_row_at(res, 0);
	oldest = db_row_i64(&r, "oldest");
	if (r.err != ERR_OK) {
		log_msg(LOG_LEVEL_ERROR, "feed: %s", err_text(r.err));
		return;
	}
	for (c = TAILQ_FIRST(&feed_waiting); c != NULL; c = next) {
		next = TAILQ_NEXT(c, list);
		if (c->waits_for != 0 && c->waits_for < oldest)
			feed_wake(c);
	}
}

/* FNV-1a over the place. */
static struct feed_idle_slot *
feed_slot(const struct sync_cursor *cur)
{
	uint64_t	h = UINT64_C(14695981039346656037);
	size_t		i;

	h = (h ^ (uint64_t)cur->xid) * UINT64_C(1099511628211);
	h = (h ^ (uint64_t)cur->made_s) * UINT64_C(1099511628211);
	for (i = 0; i < sizeof(cur->id.b); i++)
		h = (h ^ cur->id.b[i]) * UINT64_C(1099511628211);
	return (&feed_idles[(h ^ h >> 32) % FEED_IDLE_SLOTS]);
}
