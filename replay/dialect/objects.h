/*
 * objects.h - tasks, mms, page directories, and the world they live in
 * (KERNEL_FACTS.md, H.1), with the walks over them that the kernel has.
 *
 * Every object carries a stamp: odd while it is live, one more at each
 * allocation and each free. Memory is type-stable, so a walker that follows a
 * stale pointer finds an object with an even or another stamp: a violation of
 * I3 that is reported instead of a crash.
 */
#ifndef DIALECT_OBJECTS_H
#define DIALECT_OBJECTS_H

#define NSLOTS_MAX 1024
#define USER_SLOTS 3

/* Which top-level slots mean what (A.1); constant during a run. */
struct geometry {
	const char *name, *about;
	u32 nslots;
	u32 kernel_boundary; /* first kernel slot */
	u32 direct_first, direct_last; /* direct map: where hot-added memory goes */
	u32 vmalloc_first, vmalloc_last;
	u32 boot_slots[8]; /* present from the start, ends with 0 */
	u32 user_slots[USER_SLOTS]; /* what dup_mmap fills: program, libraries, stack */
};

/* A page directory: the page, and what struct page (later struct ptdesc) says of it. */
struct ptdesc {
	SHARED(u32) stamp;
	u32 census; /* the oracle's, while everything stands still */
	struct list_head pt_list; /* linkage of the designs that keep a list */
	SHARED(struct mm_struct *) pt_mm; /* back pointer, to find page_table_lock */
	pgd_t *entries; /* nslots of them, one page; constant */
	struct ptdesc *free_next; /* the pool's */
};

/* The lower table that an entry of the kernel part points to, shared by all directories. */
struct ptable {
	SHARED(u32) stamp;
	u32 slot;
	struct ptable *free_next;
};

struct mm_struct {
	SHARED(u32) stamp;
	u32 id; /* the workload's */
	SHARED(struct ptdesc *) pgd;
	SHARED(u32) users; /* tasks */
	SHARED(u32) held; /* of the users, those that are no task: mmget() by a kernel thread */
	SHARED(u32) count; /* 1 for all users together, 1 for each CPU whose active_mm it is */
	u32 census; /* the oracle's */
	cpumask_t cpumask; /* bit id: a CPU below 64 may have it loaded; the others' lie where mm_cpumask() says */
	spinlock_t page_table_lock;
	struct mm_struct *free_next;
	u64 private[]; /* hooks.mm_size bytes, the design's; then the rest of cpumask */
};

/* Bytes of an mm whose design has @private_size of its own, on @cpus CPUs. */
static inline size_t mm_struct_size(size_t private_size, u32 cpus)
{
	return sizeof(struct mm_struct) + ((private_size + 7) & ~(size_t)7) + (cpus - 1) / 64 * sizeof(cpumask_t);
}

struct signal_struct {
	SHARED(u32) stamp;
	SHARED(u32) nr_threads; /* on the lists; changes under tasklist_lock */
	SHARED(u32) count; /* task objects that point here, those that wait for a grace period included */
	struct list_head thread_head;
	SHARED(struct task_struct *) leader;
	struct signal_struct *free_next;
};

#define PF_KTHREAD 1u

/* exit_state: still on the lists, as a leader whose threads go on; unlinked, waiting for a grace period */
#define EXIT_ZOMBIE 1u
#define EXIT_DEAD 2u

struct task_struct {
	SHARED(u32) stamp;
	u32 id; /* the workload's */
	SHARED(struct mm_struct *) mm;
	spinlock_t alloc_lock; /* task_lock(): holds ->mm still */
	SHARED(u32) flags;
	SHARED(u32) exit_state;
	struct list_head tasks; /* leaders: the list of all processes */
	struct list_head thread_node;
	struct signal_struct *signal;
	struct rcu_head rcu;
	struct task_struct *free_next;
};

/* What the era does about an entry that appears in the vmalloc range (A.5, A.7). */
#define SYNC_LAZY 0u /* nothing: the fault handler fills it in, one directory at a time */
#define SYNC_EAGER 1u /* whoever installs it walks */
#define SYNC_ON_PURGE 2u /* lazy, but each purge walks over the whole range (v4.19.67) */

/* The world: everything that a run touches, made anew for each. */
struct kernel {
	const struct geometry *geo;
	u32 sync_policy; /* SYNC_* */
	bool fault_handler; /* a fault in the vmalloc range copies the entry from the reference */
	bool ordered; /* the replay's plan has done the waiting: an exec finds its siblings gone */
	u32 fixed; /* bit n: Kn is repaired in a design that has it (:fix=Kn) */
	u32 nwatch, watch[4]; /* slots that kernel code touches wherever touch_kernel() says */
	void *design; /* hooks.world_size bytes, cache-line aligned */
	struct eng_world *eng;
	struct mm_struct *init_mm; /* its pgd is the reference, swapper_pg_dir */
	struct ptdesc *efi_pgd; /* special, outside every scheme (A.1): filled each time it is needed */
	struct ptdesc *trampoline_pgd; /* special, too: filled at boot */
	struct cpu **cpus;
	u32 ncpus;
	u32 mm_size; /* mm_struct_size(): where an mm ends */
	/* tasklist_lock and the head of the list it guards, as in the kernel on lines of their own */
	rwlock_t tasklist_lock ____cacheline_aligned;
	struct list_head tasks ____cacheline_aligned;
	spinlock_t mem_hotplug_lock ____cacheline_aligned;
	/* I1a: the operation that made the slot usable has returned. The oracle's, no kernel has it. */
	SHARED(u8) done[NSLOTS_MAX] ____cacheline_aligned;
};

/* :fix=Kn was given for this run. */
static inline bool fixed(struct kernel *k, unsigned n)
{
	return k->fixed >> n & 1u;
}

static inline pgd_t *pgd_slot(struct ptdesc *pgd, u32 slot)
{
	return &pgd->entries[slot];
}

static inline pgd_t *reference_slot(struct kernel *k, u32 slot)
{
	return pgd_slot(READ_ONCE(k->init_mm->pgd), slot);
}

/* The word of @mm's cpumask for CPUs @word * 64 on. */
static inline cpumask_t *mm_cpumask(struct kernel *k, struct mm_struct *mm, u32 word)
{
	return word ? (cpumask_t *)(void *)((char *)mm + k->mm_size) - word : &mm->cpumask;
}

static inline void *mm_private(struct mm_struct *mm)
{
	return mm->private;
}

/* What a user entry of @mm holds: its own table, so that I4 can tell a stray write. */
static inline u64 user_entry(struct mm_struct *mm, u32 i)
{
	return (u64)mm->id << 20 | (u64)(i + 1) << 12 | 0x67;
}

static inline void task_lock(struct task_struct *t)
{
	spin_lock(&t->alloc_lock);
}

static inline void task_unlock(struct task_struct *t)
{
	spin_unlock(&t->alloc_lock);
}

/* I3: is the object that a walker has reached a live one? */
#define stamp_live(obj) (READ_ONCE((obj)->stamp) & 1u)

static inline struct task_struct *live_task_(struct kernel *k, struct task_struct *t)
{
	if (likely(stamp_live(t)))
		return t;
	kernel_violation(k, "I3", "a walk reached a freed task", t->id, 0, -1);
	return NULL;
}

/* The task that is linked at @n, @link bytes into it. */
static inline struct task_struct *linked_task_(struct kernel *k, struct list_head *n, size_t link)
{
	if (likely(n))
		return live_task_(k, (struct task_struct *)((char *)n - link));
	kernel_violation(k, "I3", "a walk followed a link that is not set", 0, 0, -1);
	return NULL;
}

static inline struct task_struct *next_process_(struct kernel *k, struct list_head *at)
{
	struct list_head *n = smp_load_acquire(&at->next);
	return n == &k->tasks ? NULL : linked_task_(k, n, offsetof(struct task_struct, tasks));
}

static inline struct task_struct *next_thread_(struct kernel *k, struct signal_struct *s, struct list_head *at)
{
	struct list_head *n = smp_load_acquire(&at->next);
	return n == &s->thread_head ? NULL : linked_task_(k, n, offsetof(struct task_struct, thread_node));
}

/* Every process (its leader, zombie or not); inside an RCU read section or tasklist_lock. */
#define for_each_process(k, p) for (p = next_process_(k, &(k)->tasks); p; p = next_process_(k, &p->tasks))

/* Every thread of @p's group, the leader first; the same conditions. */
#define for_each_thread(k, p, t)                                                                                       \
	for (t = next_thread_(k, (p)->signal, &(p)->signal->thread_head); t;                                           \
	     t = next_thread_(k, (p)->signal, &t->thread_node))

#define for_each_process_thread(k, p, t)                                                                               \
	for_each_process (k, p)                                                                                        \
		for_each_thread (k, p, t)

/*
 * The first thread of @p's group that has an mm, with its task_lock held; NULL
 * when none has (E.6). The mm stays while the lock is held: exit and exec
 * change ->mm under it.
 */
static inline struct task_struct *find_lock_task_mm(struct kernel *k, struct task_struct *p)
{
	struct task_struct *t;
	for_each_thread (k, p, t) {
		task_lock(t);
		if (likely(READ_ONCE(t->mm)))
			return t;
		task_unlock(t);
	}
	return NULL;
}

#endif
