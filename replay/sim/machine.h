/*
 * machine.h (sim) - the simulated machine: CPUs as coroutines in virtual time,
 * the directory of cache lines, the world's memory.
 *
 * Made for one run, used by one thread. CPUs that can go on stand in a heap by
 * their time; those that wait for a lock, a line, a grace period or another
 * worker stand in that thing's queue, linked through `next`.
 *
 * What makes it fast, and is switched off by run_config.exact: a CPU goes on
 * without asking whether another is behind it in time while it touches what is
 * nobody else's affair (line.c) and when it lets go a lock that nobody waits for;
 * a page directory's page is one entry of the directory while its lines are alike,
 * and is filled when somebody looks (contents.c).
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <sys/types.h>

#include "replay/coro/coro.h"
#include "replay/dialect/kernel.h"
#include "replay/figures.h"
#include "replay/timeline.h"
#include "replay/topology.h"
#include "replay/who.h"

#define SIM_STACK (16u << 10)
#define SIM_GUARD 4096u /* below each */
#define LOCK_CLASSES 16
#define LOCK_MODES 2 /* 0: exclusive or write, 1: read */
#define LINE_NAMES 160
#define OBJECT_LINES 128
#define PAGE_ALONE 8 /* USER_SLOTS, what is there from the start, and one that a fault fills */
#define EXPECTATIONS 1024u /* a power of two */

/* ---- the directory ---- */

#define NSHARE_MANY 255 /* share_stamp[0] is the number of a bitset */
#define LINE_LOCK 1u /* a named lock lies here */
#define LINE_WATCHED 2u /* somebody waits for a write */

/* Who has a line: the last writer, and who has read it since. CPUs as id + 1. */
struct line {
	union {
		struct {
			u16 owner;
			u8 nshare, flags;
		};
		u32 state; /* all of these: a CPU's `me` when it has the line for itself */
	};
	u32 stamp; /* the writer's clocks when it last touched the line: the first cache's below, the second's above */
	u64 busy; /* it is on its way until then */
	u32 share_stamp[2]; /* the readers' */
	u16 share[2];
	u16 spinners; /* CPUs that wait for a lock on it and look again after each write */
	u8 name;
};

/*
 * The lines of a page of a page directory, while they are alike: one CPU's, and
 * touched together, all of them or the kernel's part, but for a few (line.h).
 */
struct page_lines {
	u32 state; /* line.state of all; 0: each has its own */
	u32 stamp[2]; /* of the user's part, and of the kernel's, which is copied */
	u8 nalone, alone[PAGE_ALONE]; /* touched alone since: their numbers on the page */
	u32 alone_stamp[PAGE_ALONE];
	u64 epoch; /* writes to lines of it that many shared */
	/* contents.c: of lines 0 to 63, what is in them is put off: zeroes, or what is there on the page that all copy. */
	u64 zero, copied;
	u32 next_copier; /* number + 1 */
	bool is_copier; /* it may have such lines */
};

/* ---- CPUs ---- */

/* What others want to know of a CPU. */
struct place {
	u16 core, cluster, socket;
	u16 ticks2; /* its second cache's clock */
};

/* One that can go on. */
struct ready {
	u64 time;
	u32 cpu;
};

enum cpu_wait { WAIT_NOTHING, WAIT_LOCK, WAIT_LINE, WAIT_WORKER, WAIT_MEETING, WAIT_GRACE, WAIT_TIME };

struct worker {
	struct sim_cpu c; /* first: the words know only this */
	struct coro co;
	char *stack;
	enum cpu_wait wait;
	u16 next, prev; /* in the queue it stands in; id + 1 */
	u64 stolen; /* ps that interrupts took while it was not looking */
	u64 idle_since; /* it does nothing until its time, for nothing is due; UINT64_MAX: it does */
	u64 interrupted_until; /* ... or waits: then it goes on no earlier than this */
	u64 arrived; /* at the lock that it waits for */
	bool wants_write; /* ... as a writer */
	bool slept; /* ... and went to sleep */
	bool queued; /* it stands in a lock's queue */
	bool stopped; /* by stop_machine() */
	bool must_stop; /* ... as soon as it can */
	u64 awaits; /* line, or position */
	/* another CPU's call that waits until interrupts are on */
	struct call *pending;

	/* RCU */
	u32 read_depth;
	u64 read_since;
	u16 readers_prev, readers_next; /* the list of CPUs that read */
	u16 grace_waiters; /* who waits for this one to leave */
	struct rcu_head *rcu_head, **rcu_tail;
	u32 rcu_pending;

	/* memory */
	void *free[POOL_NR];
	u32 nfree[POOL_NR];

	/* how far it is in its stream */
	u32 done;
	u64 done_at;
	u64 position_at, position_mine_until; /* when its last store has arrived; until when others are free */
	u16 followers, last_follower; /* workers that wait for its progress */
	bool ended;

	/* What its processor expects next, by what the last events were. */
	u32 history;
	u8 expected[EXPECTATIONS];

	/* a range of lines that many share and that it read last: nothing was written there since */
	u64 range;
	u64 range_epoch;

	/* figures; times in ps */
	u64 switches, waited, events;
	u64 t_wait, t_hold, t_surround, t_stall, t_idle, t_rcu, t_harness;
	u64 outermost_from, outermost_waited;
	u32 timed; /* locks in c.hold[] */
	struct who_wait longest; /* since it was reset */
	u64 began, end;
	u64 stored[SIM_STORES]; /* c.stored */
};

struct call {
	void (*fn)(struct kernel *k, u64 arg);
	u64 arg, at, finished;
	u32 left;
	u16 caller;
};

struct lock_figures {
	u64 acquisitions, contentions, acq_bounces, con_bounces;
	u64 outermost_ps;
	struct hist wait, hold;
	struct blocked {
		u64 count, ps;
	} blocked[EV_MAX][EV_MAX]; /* waiter's operation, holder's */
};

struct conflict_count {
	u64 count, ps;
};

struct arena {
	char *base;
	size_t stride, offset_free_next;
	u64 room, carved;
};

struct eng_world {
	struct kernel k;
};

struct machine {
	const struct run_config *c;
	const struct design_ops *design;
	struct run_figures *out;
	struct eng_world *w;
	/* The replay's own, in the world's memory, for their lines cost what they cost natively. */
	struct task_struct **task; /* by the plan's handle */
	char *progress; /* a worker's at its number x PAIR_OF_LINES: where its position would be */
	u32 cpus;
	struct worker *worker;
	struct coro host; /* the thread that runs the replay */

	/* sched.c */
	struct ready *heap;
	u32 nheap;
	u64 horizon; /* the time of the first in the heap; UINT64_MAX: it is empty */
	u32 running; /* workers that have not ended */
	bool calling; /* some CPU is in on_each_cpu() */
	bool alone; /* an interrupt or a stopped machine: nobody else runs */
	bool over; /* the run has been given up */
	bool told; /* ... because the user wants it */
	bool broken; /* ... because the design is: there is no state at the end */
	bool inside; /* a program runs, not the host nor what it calls of the host's */
	bool host_wanted; /* for the progress */
	u16 stopper; /* id + 1 of the CPU in stop_machine() */
	u32 unstoppable;

	/* line.c */
	char *memory;
	size_t memory_size;
	struct line *line;
	u64 lines;
	size_t directory_size;
	u64 *bits; /* [nbits][bit_words] */
	u32 *free_bits;
	u32 nbits, bits_room, nfree_bits, bit_words;
	struct place *place; /* [cpus] */
	u64 first_page_line; /* of the page directories' pages, which are the last */
	u32 lines_per_page, kernel_lines_from;
	u8 page_shift; /* from one page to the next so many lines, as a power of two */
	struct page_lines *page;
	size_t page_lines_size;
	struct page_lines *source; /* that all copy; NULL: nobody has yet */
	u32 copiers; /* list of those who have, number + 1 */
	u64 transfer[NEAR_NR], l2, llc, ram, clear, copy, scan, mean_transfer;
	u64 range_l2, range_llc, range_ram;
	u32 cores_per_cluster;
	u64 llc_lines;
	u16 watchers; /* CPUs that wait for a write */
	u64 seed;

	/* locks */
	const char *lock_class[LOCK_CLASSES];
	u8 lock_classes;
	bool lock_is_used[LOCK_CLASSES]; /* some lock of that class has been made */
	struct lock_figures *lock; /* [LOCK_CLASSES][LOCK_MODES] */
	u64 delay[LOCK_CLASSES]; /* ps */
	u64 futex, wake, wakeup;

	/* memory.c */
	struct arena arena[POOL_NR];
	char *pages;
	u32 mm_size;
	void *depot[POOL_NR];
	u32 ndepot[POOL_NR], keep;
	u64 live[POOL_NR], peak_mms;

	/* rcu.c */
	u16 readers; /* head of the list of CPUs that read */
	u32 rcu_batch;
	u64 grace, rcu_cost, ipi;

	/* run.c */
	u32 met; /* workers at the checkpoint */
	u16 meeting; /* the list of them */
	u64 met_at; /* the last one's time */
	u64 pairs, digest, oracle_ps;
	u64 accesses;
	u64 harness, surprise, look; /* per event; when it was not foreseen; at a wait's end */
	u64 done; /* events, for the progress */
	u64 lively; /* changes whenever an operation ends */
	u64 *announced; /* slots made usable, per CPU: [cpus][NSLOTS_MAX / 64] */
	bool *attention; /* [cpus] */
	struct hist *latency; /* [EV_MAX] */
	struct hist *drift;

	/* who.c */
	struct timeline timeline; /* in ns */
	u64 interval_end; /* of it, in ps */
	struct who *who; /* [slots of the workload's comms][EV_MAX] */
	struct slowest slowest;

	struct violations violations;
	u64 current_event;

	/* names.c */
	char line_name[LINE_NAMES][64];
	u32 line_names;
	u8 object_name[POOL_NR][OBJECT_LINES], page_name[OBJECT_LINES]; /* of an object's lines */
	struct conflict_count *conflict; /* [EV_MAX][LINE_NAMES] */
};

static inline struct worker *worker_of(struct sim_cpu *c)
{
	return (struct worker *)(void *)c;
}

static inline u64 later(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* A deterministic number below @n. */
u32 machine_random(struct machine *m, u32 n);

/* ---- machine.c ---- */
/* -ENOMEM. Leaves sim_self at CPU 0, observing. */
int sim_machine_make(const struct run_config *c, struct machine **m, struct mmr_err *e);
void sim_machine_free(struct machine *m);

/* ---- sched.c ---- */
/* Some CPU's time is earlier, or may be: let it go on first. True: some did. */
bool sim_let_go_first(struct sim_cpu *c);
/* Let every CPU whose time is earlier go on first. True: others ran. */
static inline bool sim_yield(struct sim_cpu *c)
{
	return unlikely(c->now >= c->m->horizon) && sim_let_go_first(c);
}
/* This CPU stands in a queue until sim_wake(). */
void sim_block(struct sim_cpu *c, enum cpu_wait why);
/* ... and goes on at @at, or at its own time if that is later. */
void sim_wake(struct machine *m, u16 cpu, u64 at);
/* This worker's stream is done; does not return. */
void sim_end(struct sim_cpu *c) __attribute__((noreturn));
/* The run cannot go on; back to the host, from any CPU. */
void sim_give_up(struct machine *m) __attribute__((noreturn));
/* From a program: the host shows how far the run is. */
void sim_tell_progress(struct sim_cpu *c);
/* Run all workers until they have ended or one gave up. */
void sim_run_all(struct machine *m);
/* Run @fn on CPU 0, which observes, with nothing else; false: it gave up. */
bool sim_run_apart(struct machine *m, void (*fn)(struct machine *m));
/* Stand still if some CPU stops the machine and this one can be stopped. */
void sim_stop_here(struct sim_cpu *c);

/* Queues of CPUs through `next` and `prev`; *@head, *@tail: 0 when empty. @cpu is put behind @after, or first if that is 0. */
void queue_put(struct machine *m, u16 *head, u16 *tail, u16 cpu, u16 after);
void queue_leave(struct machine *m, u16 *head, u16 *tail, u16 cpu);

/* ---- line.c, range.c ---- */
/* @n lines from @p on, each at @each ps besides what it costs to get it. */
void sim_range(struct sim_cpu *c, const volatile void *p, u32 n, bool write, u64 each);
/* A load that goes on meanwhile: what it says was foreseen. Locked instructions wait for it. */
void sim_glance(struct sim_cpu *c, const volatile void *p);
/* What it takes to bring a line that @from had written to @to. */
u64 sim_transfer(struct machine *m, u16 from, u16 to);
/* The word of a lock on @p: a locked access that lets nobody run in between. */
void sim_lock_word(struct sim_cpu *c, const volatile void *p);
/* The line of @p, which is on no page of a page directory, for its owner's and waiters' traffic. */
static inline struct line *sim_line_of(struct sim_cpu *c, const volatile void *p)
{
	return &c->m->line[((uintptr_t)p - c->base) >> 6];
}
/* ... wherever @p is. */
struct line *sim_any_line_of(struct sim_cpu *c, const volatile void *p);

/* What a CPU let go last itself is free when its locked instruction comes, which waits for the release. */
static inline void sim_own_release(struct sim_cpu *c, u16 last)
{
	if (last == c->me && c->drained > c->now)
		c->now = c->drained;
}

/* ---- who.c ---- */
/* -ENOMEM. */
int sim_who_make(struct machine *m);
void sim_who_free(struct machine *m);
/* A wait for a lock with these figures is over. */
void sim_blame(struct sim_cpu *c, struct lock_figures *f, u64 waited, u32 holder);
/* An interval of the timeline is over. */
void sim_interval(struct sim_cpu *c);
/* This CPU has done operation @i of its stream, or (EV_SWITCH) switched to its task: from @from on, @late to begin, in waits for @waited. */
void sim_note_latency(struct sim_cpu *c, u8 type, u32 i, u64 from, u64 late, u64 waited);
/* Timeline of lock @row, as rows of @room; how many. */
unsigned sim_timeline(struct machine *m, unsigned row, struct result_interval *room);
/* By name, and the slowest, as figures. -ENOMEM. */
int sim_who_collect(struct machine *m,
		    const char *(*mode_name)(const struct machine *m, unsigned class, unsigned mode));

/* ---- rcu.c ---- */
/* Between two events: run what has waited long enough. */
void sim_rcu_poll(struct sim_cpu *c);

/* ---- words.c ---- */
/* Wake those that wait for a write to @line. */
void sim_wake_watchers(struct sim_cpu *c, u64 line);

/* ---- names.c ---- */
void names_make(struct machine *m);
u8 names_add(struct machine *m, const char *name);

/* ---- watch.c ---- */
/* From now on broken programs and a user's stop end in sim_give_up(). -ENOMEM. One machine per thread. */
int sim_watch_begin(struct machine *m);
/* What comes now is the oracle's. */
void sim_watch_finishing(void);
void sim_watch_end(struct machine *m);
/* The program under way has an address that is none. */
void sim_followed_nowhere(void) __attribute__((noreturn));

/* ---- worker.c ---- */
void sim_worker_main(void *worker);
void sim_worker_present(struct machine *m, const struct rop *op);

#endif
