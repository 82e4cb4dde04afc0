/* lock_stat.h (sim) - what the locks of lock.c and rwlock.c write down; the names are lock_stat's. */
#ifndef SIM_LOCK_STAT_H
#define SIM_LOCK_STAT_H

#include "replay/sim/machine.h"

static inline struct lock_figures *lock_figures_of(struct sim_cpu *c, u8 class, u8 mode)
{
	return &c->m->lock[class * LOCK_MODES + mode];
}

static inline void lock_contended(struct sim_cpu *c, u8 class, u8 mode, u16 last)
{
	struct lock_figures *f = lock_figures_of(c, class, mode);
	f->contentions++;
	f->con_bounces += last && last != c->me;
}

/* @holder: what that one did who had it when it was let go, as doing(). */
static inline void lock_taken(struct sim_cpu *c, void *lock, u8 class, u8 mode, u64 waited, u16 last, u32 holder)
{
	struct worker *w = worker_of(c);
	struct lock_figures *f = lock_figures_of(c, class, mode);
	f->acquisitions++;
	f->acq_bounces += last && last != c->me;
	w->t_wait += waited;
	if (!c->held) {
		w->outermost_from = c->now;
		w->outermost_waited = w->t_wait;
	}
	if (w->timed < SIM_LOCKS_HELD)
		c->hold[w->timed++] = (struct sim_hold){ lock, c->now, waited, class, mode };
	c->held++;
	if (waited) {
		hist_add(&f->wait, waited / 1000);
		sim_blame(c, f, waited, holder);
	}
}

/* Charges --delay. */
static inline void lock_given(struct sim_cpu *c, void *lock, u8 class, u8 mode)
{
	struct worker *w = worker_of(c);
	u32 i = w->timed;
	c->now += c->m->delay[class];
	while (i && c->hold[i - 1].lock != lock)
		i--;
	if (i) {
		hist_add(&lock_figures_of(c, class, mode)->hold, (c->now - c->hold[i - 1].since) / 1000);
		w->timed--;
		for (; i <= w->timed; i++)
			c->hold[i - 1] = c->hold[i];
	} else if (c->held == w->timed) {
		/* It has no such lock. */
		return;
	}
	if (!--c->held) {
		u64 outer = c->now - w->outermost_from - (w->t_wait - w->outermost_waited);
		w->t_hold += outer;
		lock_figures_of(c, class, mode)->outermost_ps += outer;
	}
}

#endif
