/*
 * engine_lock.h (sim) - locks as queues with the real algorithms' policies
 * (lock.c, rwlock.c): who is next, and how long the hand-over takes.
 *
 * A lock lies where the real one does, so what shares its line shares its fate.
 */
#ifndef SIM_ENGINE_LOCK_H
#define SIM_ENGINE_LOCK_H

enum sim_lock_kind { SIM_TICKET, SIM_QSPINLOCK, SIM_TAS, SIM_PVQSPINLOCK, SIM_MUTEX };

/* CPUs as id + 1; 0: none. */
typedef struct {
	u64 free_at; /* when the last holder let it go: that may lie ahead of who asks */
	u16 holder, last; /* last: who held it last */
	u16 head, tail, waiting; /* the queue */
	u8 class;
	bool granting; /* the head has been told and is on its way */
	bool sleepers; /* a mutex: somebody sleeps, or was about to */
	u32 last_did; /* doing() of who held it last */
} spinlock_t;

typedef struct {
	u64 writer_gone_at, readers_gone_at, head_ready_at;
	u16 writer, last, readers;
	u16 head, tail, waiting;
	u8 class;
	bool granting;
	u32 last_did; /* doing() of who held it last */
} rwlock_t;

/*
 * Compiled once for all kinds, unlike the other engines' designs: what a lock
 * costs here is virtual. The run's own kind is in sim_self.
 */
#if defined(KLOCK_any)
#define KLOCK_NAME "ticket,qspinlock,tas,pvqspinlock,mutex"
#define SIM_KIND ((enum sim_lock_kind)sim_self->lock_kind)
#else
/* The engine's own files: types only. */
int sim_lock_outside_a_design(void) __attribute__((error("locks are for designs")));
#define SIM_KIND sim_lock_outside_a_design()
#endif

void sim_spin_lock(spinlock_t *l, enum sim_lock_kind kind);
void sim_spin_unlock(spinlock_t *l, enum sim_lock_kind kind);
void sim_spin_unlock_wait(spinlock_t *l);
void sim_rw_lock(rwlock_t *l, bool write, enum sim_lock_kind kind);
void sim_rw_unlock(rwlock_t *l, bool write);

/* The class called @name in this world, made at first use; class 0 is "other" once the table is full. */
u8 eng_lock_class(struct kernel *k, const char *name);
/* A lock lies at @p: its line is looked at with care, and called by its name. */
void sim_lock_lies_at(const void *p, u8 class);

static inline void spin_lock_init_class(spinlock_t *l, u8 class)
{
	memset(l, 0, sizeof(*l));
	l->class = class;
	sim_lock_lies_at(l, class);
}

static inline void spin_lock_init(struct kernel *k, spinlock_t *l, const char *name)
{
	spin_lock_init_class(l, eng_lock_class(k, name));
}

static inline void rwlock_init(struct kernel *k, rwlock_t *l, const char *name)
{
	memset(l, 0, sizeof(*l));
	l->class = eng_lock_class(k, name);
	sim_lock_lies_at(l, l->class);
}

#define spin_lock(l) sim_spin_lock(l, SIM_KIND)
#define spin_unlock(l) sim_spin_unlock(l, SIM_KIND)
#define spin_unlock_wait(l) sim_spin_unlock_wait(l)
#define write_lock(l) sim_rw_lock(l, true, SIM_KIND)
#define write_unlock(l) sim_rw_unlock(l, true)
#define read_lock(l) sim_rw_lock(l, false, SIM_KIND)
#define read_unlock(l) sim_rw_unlock(l, false)

#endif
