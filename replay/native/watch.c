/*
 * watch.c (native) - the thread that waits for the workers, and what it does
 * when nothing goes on any more: a deadlock, or a walk over a list that has no
 * end (I7).
 *
 * A broken design must not hang the program. No word of the dialect pays for
 * that: a thread that is stuck is got out of its operation by a signal. Locks
 * of the run stay held then, which harms nobody; those of the host are waited
 * for (eng_enter_host).
 */
#include <errno.h>
#include <time.h>

#include "replay/native/worker.h"

#define TICK_MS 100
#define PATIENCE_MS 10000
#define PATIENCE_STOPPED_MS 1000
#define WAY_OUT (SIGRTMIN + 1)

struct watch {
	u64 done;
	/*
	 * Ticks without progress, not time: a program that stands still itself (SIGSTOP, a suspended machine)
	 * sees nobody go on.
	 */
	unsigned still;
	bool given_up;
	struct sigaction before;
};

static bool told(const struct run *r)
{
	return r->c->stop && __atomic_load_n(r->c->stop, __ATOMIC_RELAXED);
}

/* Who is inside an operation; those that wait for others are not to blame. */
static const struct rop *stuck_at(const struct run *r, const struct worker *workers)
{
	for (u32 i = 0; i < r->w->k.ncpus && !r->finishing; i++) {
		const struct stream *s = workers[i].stream;
		u32 at = __atomic_load_n(&r->progress[i].done, __ATOMIC_RELAXED);
		if (at < s->n && !__atomic_load_n(&workers[i].waiting, __ATOMIC_RELAXED))
			return &s->ops[at];
	}
	return NULL;
}

static void give_up(struct run *r, const struct worker *workers, struct watch *w)
{
	const struct rop *op = stuck_at(r, workers);
	const struct sigaction sa = { .sa_handler = worker_way_out };
	w->given_up = true;
	if (!told(r)) {
		u32 task = op && op->op != OP_CHECKPOINT && op->task ? r->w->task[op->task]->id : 0;
		world_violation(r->w, "I7",
				r->finishing ? "a walk over the design's lists does not end"
					     : "no CPU goes on: a deadlock, or a walk that does not end",
				task, 0, -1, op ? op->event : UINT64_MAX);
		r->hung = 1;
	}
	__atomic_store_n(&r->stop, 1, __ATOMIC_RELAXED);
	sigaction(WAY_OUT, &sa, &w->before);
}

/* Once per tick. Workers from @first on have not been joined. */
static void look(struct run *r, struct worker *workers, unsigned first, unsigned n, struct watch *w)
{
	u64 done = 0;
	bool patient = false; /* somebody waits for a recorded time: nothing has to go on until then */
	for (u32 i = 0; i < r->w->k.ncpus; i++) {
		done += __atomic_load_n(&r->progress[i].done, __ATOMIC_RELAXED);
		patient |= __atomic_load_n(&workers[i].waiting, __ATOMIC_RELAXED) == WAITING_TIME;
	}
	if (r->c->progress)
		r->c->progress(r->c->progress_arg, done);
	w->still = done == w->done && (!patient || told(r)) ? w->still + 1 : 0;
	w->done = done;
	unsigned patience = r->c->patience_ms ? r->c->patience_ms : PATIENCE_MS;
	if (told(r) && patience > PATIENCE_STOPPED_MS)
		patience = PATIENCE_STOPPED_MS;
	if (!w->given_up && w->still * TICK_MS < patience)
		return;
	if (!w->given_up)
		give_up(r, workers, w);
	/* Again and again: one that was in the host the last time may have come out of it. */
	for (unsigned i = first; i < n; i++)
		pthread_kill(workers[i].thread, WAY_OUT);
}

void watch_join(struct run *r, struct worker *workers, unsigned n)
{
	struct watch w = { 0 };
	for (unsigned i = 0; i < n; i++) {
		for (;;) {
			struct timespec until;
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += TICK_MS * 1000000;
			until.tv_sec += until.tv_nsec / 1000000000;
			until.tv_nsec %= 1000000000;
			if (pthread_timedjoin_np(workers[i].thread, NULL, &until) != ETIMEDOUT)
				break;
			look(r, workers, i, n, &w);
		}
	}
	if (w.given_up)
		sigaction(WAY_OUT, &w.before, NULL);
}
