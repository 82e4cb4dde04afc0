/*
 * plan_maker.h - a plan under construction: what plan.c, plan_order.c and
 * plan_spread.c share. One thread; it lives as long as plan_make_ordered().
 */
#ifndef REPLAY_PLAN_MAKER_H
#define REPLAY_PLAN_MAKER_H

#include "replay/plan.h"

/* A place in a worker's stream; position 0 is "nowhere". */
struct place {
	uint32_t worker, position;
};

struct extra {
	struct place at;
	uint32_t next;
};

enum life { UNBORN, LIVE, DEAD };

struct ptask {
	struct place last;
	struct place fence; /* its creation, or its last exec: nothing of it may come before */
	uint32_t worker;
	uint32_t handle;
	uint32_t leader;
	uint32_t members; /* head of the list of its group's dead threads; of a leader */
	uint32_t next_member;
	uint32_t vfork_parent; /* who sleeps until this one's exec or exit */
	uint32_t extra; /* head of what its next event waits for besides */
	uint32_t since; /* head of its events since the fence; order `free` only */
	uint8_t life;
	bool set_up; /* there before the run */
};

/* Workers by load, the least loaded first; of equals the lowest number. */
struct spread {
	uint64_t *load; /* what each has got so far */
	uint64_t *work; /* PARTITION_BALANCED: of each task, what it will bring */
	/* A heap on the loads as they were when it was last looked at: loads only grow. */
	struct spread_entry {
		uint64_t load;
		uint32_t worker;
	} * heap;
	uint32_t workers;
};

struct maker {
	const struct workload *w;
	struct plan *p;
	struct ptask *task;
	struct place *area;
	struct extra *extra;
	uint32_t nextra, extra_room;
	/*
	 * [worker][other]: positions that its waits so far imply; all of them at
	 * least @met[other], where everybody met last.
	 */
	uint32_t *known, *met;
	uint32_t *missed; /* the same, with the dependences that were dropped; NULL where none is */
	struct spread spread;
	uint32_t *ops_room, *waits_room;
	uint32_t *handle_next; /* per worker: the rest of its row of handles */
	struct place machine; /* the last event that changes the machine */
	struct place previous; /* the last event of all */
	uint32_t round;
};

/* @array with room for @need elements: the same or a bigger one, NULL when there is no memory. */
void *maker_grown(void *array, uint32_t *room, uint32_t need, size_t size);

/* ---- plan_order.c ---- */

/* The dependences of @ev, which @worker is to do next; *@waits more waits. -ENOMEM, -E2BIG: too many. */
int order_before(struct maker *m, const struct mmw_event *ev, uint32_t worker, uint16_t *waits);

/* What later events have to know of @ev, which lies at @at now. -ENOMEM. */
int order_after(struct maker *m, const struct mmw_event *ev, struct place at);

/* ---- plan_spread.c ---- */

/* -ENOMEM; spread_free() in any case. */
int spread_make(struct spread *s, const struct workload *w, unsigned workers, bool balanced);
void spread_free(struct spread *s);

/* Where a new task goes that @parent_worker's task makes; UINT32_MAX: nobody's. */
uint32_t spread_task(struct spread *s, uint32_t task, uint32_t parent_worker);

/* Where an event of no task goes that CPU @cpu recorded; where a task goes that was there before, the @round-th. */
uint32_t spread_event(struct spread *s, const struct mmw_event *ev);
uint32_t spread_present(struct spread *s, uint32_t task, uint32_t round);

/* @worker has got one operation more. */
static inline void spread_count(struct spread *s, uint32_t worker)
{
	if (!s->work)
		s->load[worker]++;
}

#endif
