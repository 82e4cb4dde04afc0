/*
 * process.h - fork, exec, exit and the context switch, as every design pays
 * them (KERNEL_FACTS.md E.3 to E.5, H.2), with the places where a design of the
 * subject `pgd` hooks in.
 *
 * Always inlined with a constant struct pgd_hooks, so that a hook called inside
 * a critical section is a direct call. All run in the context of this_cpu().
 */
#ifndef DIALECT_PROCESS_H
#define DIALECT_PROCESS_H

/* What a design of the subject pgd does at the points where designs differ; NULL: nothing. */
struct pgd_hooks {
	size_t world_size; /* bytes of k->design */
	size_t mm_size; /* bytes of mm->private */
	void (*world_init)(struct kernel *k);
	/* mm->pgd is a zeroed page that nobody else knows: fill the kernel part, make it known. */
	void (*pgd_alloc)(struct kernel *k, struct mm_struct *mm);
	/* The page is about to be freed, at once. */
	void (*pgd_free)(struct kernel *k, struct mm_struct *mm);
	/* The task with the new mm is on the process list; it cannot run yet. tasklist_lock is not held. */
	void (*init_late_fork)(struct kernel *k, struct mm_struct *mm);
	/* ->mm is the new mm, task_lock(t) is held, it is not loaded yet. */
	void (*init_late_exec)(struct kernel *k, struct mm_struct *mm);
	/* The reference of @slot was written before: bring it to every page directory. */
	void (*sync)(struct kernel *k, u32 slot);
	/* How many page directories the design believes to exist, init_mm's not counted; ~0: it keeps no account. */
	u32 (*listed)(struct kernel *k);
};

/* ---- mm ---- */

static __always_inline struct mm_struct *mm_alloc(struct kernel *k, const struct pgd_hooks *h, u32 id)
{
	struct mm_struct *mm;
	struct ptdesc *pgd;
	kmem_alloc(POOL_MM, mm);
	kmem_alloc(POOL_PTDESC, pgd);
	clear_page(pgd->entries, k->geo->nslots);
	mm->id = id;
	WRITE_ONCE(mm->users, 1);
	WRITE_ONCE(mm->count, 1);
	WRITE_ONCE(mm->cpumask, 0);
	WRITE_ONCE(mm->pgd, pgd);
	if (h->pgd_alloc)
		h->pgd_alloc(k, mm);
	return mm;
}

static __always_inline void mmdrop(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	if (fetch_add(&mm->count, -1u) != 1)
		return;
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	if (h->pgd_free)
		h->pgd_free(k, mm);
	kmem_free(k, POOL_PTDESC, pgd);
	kmem_free(k, POOL_MM, mm);
}

/* The user half of a new mm: what dup_mmap copies, or exec maps. */
static inline void fill_user_half(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	for (u32 i = 0; i < USER_SLOTS; i++)
		WRITE_ONCE(*pgd_slot(pgd, k->geo->user_slots[i]), user_entry(mm, i));
}

static inline void clear_user_half(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	for (u32 i = 0; i < USER_SLOTS; i++)
		WRITE_ONCE(*pgd_slot(pgd, k->geo->user_slots[i]), 0);
}

/* The last user is gone: CPUs that are lazily on @mm load init_mm's directory; they keep their reference. */
static inline void leave_mm(struct kernel *k, struct mm_struct *mm)
{
	struct ptdesc *dead = READ_ONCE(mm->pgd), *init = READ_ONCE(k->init_mm->pgd);
	u64 mask = READ_ONCE(mm->cpumask);
	for (u32 i = 0; mask && i < k->ncpus; i++)
		if (mask >> (i % 64) & 1 && READ_ONCE(k->cpus[i]->cr3) == dead)
			cmpxchg(&k->cpus[i]->cr3, dead, init);
}

static __always_inline void mmput(struct kernel *k, const struct pgd_hooks *h, struct mm_struct *mm)
{
	if (fetch_add(&mm->users, -1u) != 1)
		return;
	clear_user_half(k, mm);
	leave_mm(k, mm);
	mmdrop(k, h, mm);
}

/* Load @mm on this CPU; returns what was loaded, for the caller to drop last, as in finish_task_switch(). */
static inline struct mm_struct *activate_mm(struct kernel *k, struct mm_struct *mm)
{
	struct cpu *c = this_cpu();
	struct mm_struct *old = c->active_mm;
	u64 bit = 1ull << (c->id % 64);
	fetch_add(&mm->count, 1);
	if (!(READ_ONCE(mm->cpumask) & bit))
		fetch_or(&mm->cpumask, bit);
	WRITE_ONCE(c->cr3, READ_ONCE(mm->pgd));
	c->active_mm = mm;
	/* Sharers of a mask bit beyond 64 CPUs may find theirs cleared early: they leave by their own switch. */
	if (old != k->init_mm && k->ncpus <= 64)
		fetch_and(&old->cpumask, ~bit);
	return old;
}

/* This CPU goes on with @next. A task without mm borrows what is loaded: lazy. */
static __always_inline void core_switch(struct kernel *k, const struct pgd_hooks *h, struct task_struct *next)
{
	struct cpu *c = this_cpu();
	struct mm_struct *mm = READ_ONCE(next->mm);
	c->curr = next;
	if (mm && mm != c->active_mm)
		mmdrop(k, h, activate_mm(k, mm));
}

/* ---- fork ---- */

static __always_inline struct task_struct *core_fork(struct kernel *k, const struct pgd_hooks *h,
						     struct task_struct *parent, u32 id, u32 mm_id, u32 flags)
{
	struct task_struct *p;
	struct mm_struct *mm = NULL, *shared = parent ? READ_ONCE(parent->mm) : NULL;
	bool own_mm = false;

	kmem_alloc(POOL_TASK, p);
	p->id = id;
	WRITE_ONCE(p->flags, flags & FORK_KTHREAD ? PF_KTHREAD : 0u);
	WRITE_ONCE(p->exit_state, 0);
	if (flags & FORK_VM) {
		mm = shared;
		if (mm)
			fetch_add(&mm->users, 1);
	} else if (!(flags & FORK_KTHREAD)) {
		mm = mm_alloc(k, h, mm_id);
		fill_user_half(k, mm);
		own_mm = true;
	}
	WRITE_ONCE(p->mm, mm);

	if (flags & FORK_THREAD && parent) {
		p->signal = parent->signal;
		fetch_add(&p->signal->count, 1);
		write_lock(&k->tasklist_lock);
		WRITE_ONCE(p->signal->nr_threads, READ_ONCE(p->signal->nr_threads) + 1);
		list_add_tail_rcu(&p->thread_node, &p->signal->thread_head);
		write_unlock(&k->tasklist_lock);
	} else {
		kmem_alloc(POOL_SIGNAL, p->signal);
		INIT_LIST_HEAD(&p->signal->thread_head);
		WRITE_ONCE(p->signal->nr_threads, 1);
		WRITE_ONCE(p->signal->count, 1);
		WRITE_ONCE(p->signal->leader, p);
		list_add_tail_rcu(&p->thread_node, &p->signal->thread_head);
		write_lock(&k->tasklist_lock);
		list_add_tail_rcu(&p->tasks, &k->tasks);
		write_unlock(&k->tasklist_lock);
	}
	if (own_mm && h->init_late_fork)
		h->init_late_fork(k, mm);
	return p;
}

/* ---- exit ---- */

static inline void put_task_struct(struct kernel *k, struct rcu_head *head)
{
	struct task_struct *t = container_of(head, struct task_struct, rcu);
	if (fetch_add(&t->signal->count, -1u) == 1)
		kmem_free(k, POOL_SIGNAL, t->signal);
	kmem_free(k, POOL_TASK, t);
}

/* Unlink @t; a zombie leader whose last thread this was goes with it. */
static inline void release_task(struct kernel *k, struct task_struct *t)
{
	while (t) {
		struct signal_struct *sig = t->signal;
		struct task_struct *zombie = NULL;
		write_lock(&k->tasklist_lock);
		list_del_rcu(&t->thread_node);
		u32 left = READ_ONCE(sig->nr_threads) - 1;
		WRITE_ONCE(sig->nr_threads, left);
		struct task_struct *leader = READ_ONCE(sig->leader);
		if (leader == t)
			list_del_rcu(&t->tasks);
		else if (left == 1 && READ_ONCE(leader->exit_state))
			zombie = leader;
		WRITE_ONCE(t->exit_state, EXIT_DEAD);
		write_unlock(&k->tasklist_lock);
		call_rcu(&t->rcu, put_task_struct);
		t = zombie;
	}
}

static __always_inline void core_exit(struct kernel *k, const struct pgd_hooks *h, struct task_struct *t)
{
	struct mm_struct *mm = READ_ONCE(t->mm);
	if (mm) {
		task_lock(t);
		WRITE_ONCE(t->mm, NULL);
		task_unlock(t);
		mmput(k, h, mm);
	}
	/* exit_notify() */
	write_lock(&k->tasklist_lock);
	WRITE_ONCE(t->exit_state, EXIT_ZOMBIE);
	bool zombie = READ_ONCE(t->signal->leader) == t && READ_ONCE(t->signal->nr_threads) > 1;
	write_unlock(&k->tasklist_lock);
	if (!zombie)
		release_task(k, t);
}

/* ---- exec ---- */

/*
 * The other threads have left (de_thread): the order of events sees to that. A
 * thread that is not the leader takes the zombie leader's place on the list.
 */
static __always_inline void core_exec(struct kernel *k, const struct pgd_hooks *h, struct task_struct *t, u32 mm_id)
{
	struct mm_struct *old, *active, *mm = mm_alloc(k, h, mm_id);
	fill_user_half(k, mm);

	struct task_struct *leader = READ_ONCE(t->signal->leader);
	if (leader != t && READ_ONCE(leader->exit_state)) {
		write_lock(&k->tasklist_lock);
		list_replace_rcu(&leader->tasks, &t->tasks);
		WRITE_ONCE(t->signal->leader, t);
		list_del_rcu(&leader->thread_node);
		WRITE_ONCE(leader->exit_state, EXIT_DEAD);
		WRITE_ONCE(t->signal->nr_threads, READ_ONCE(t->signal->nr_threads) - 1);
		write_unlock(&k->tasklist_lock);
		call_rcu(&leader->rcu, put_task_struct);
	}

	WRITE_ONCE(t->flags, READ_ONCE(t->flags) & ~PF_KTHREAD);
	task_lock(t);
	old = READ_ONCE(t->mm);
	WRITE_ONCE(t->mm, mm);
	if (h->init_late_exec)
		h->init_late_exec(k, mm);
	active = activate_mm(k, mm);
	task_unlock(t);
	if (old)
		mmput(k, h, old);
	mmdrop(k, h, active);
}

/* ---- memory that appears ---- */

/* The table that a slot of the reference points to: one per slot, the same in every run. */
static inline u64 kernel_table(u32 slot)
{
	return (u64)(slot + 1) << 24 | 0x63;
}

/* A new top-level entry: reference first, then everywhere. False when it was there before. */
static __always_inline bool core_hot_add(struct kernel *k, const struct pgd_hooks *h, u32 slot)
{
	bool added = false;
	spin_lock(&k->mem_hotplug_lock);
	if (!READ_ONCE(*reference_slot(k, slot))) {
		spin_lock(&k->init_mm->page_table_lock);
		WRITE_ONCE(*reference_slot(k, slot), kernel_table(slot));
		spin_unlock(&k->init_mm->page_table_lock);
		h->sync(k, slot);
		added = true;
	}
	spin_unlock(&k->mem_hotplug_lock);
	return added;
}

/* vmalloc in a slot without table installs it in the reference alone: the era's fault handler does the rest (A.5). */
static inline bool core_vmalloc(struct kernel *k, u32 slot)
{
	if (likely(READ_ONCE(*reference_slot(k, slot))))
		return false;
	spin_lock(&k->init_mm->page_table_lock);
	bool added = !READ_ONCE(*reference_slot(k, slot));
	if (added)
		WRITE_ONCE(*reference_slot(k, slot), kernel_table(slot));
	spin_unlock(&k->init_mm->page_table_lock);
	return added;
}

/* ---- boot ---- */

static __always_inline void core_boot(struct kernel *k, const struct pgd_hooks *h)
{
	struct mm_struct *mm;
	struct ptdesc *pgd;
	rwlock_init(k, &k->tasklist_lock, "tasklist_lock");
	spin_lock_init(k, &k->mem_hotplug_lock, "mem_hotplug_lock");
	INIT_LIST_HEAD(&k->tasks);

	kmem_alloc(POOL_MM, mm);
	kmem_alloc(POOL_PTDESC, pgd);
	clear_page(pgd->entries, k->geo->nslots);
	for (u32 i = 0; k->geo->boot_slots[i]; i++)
		WRITE_ONCE(*pgd_slot(pgd, k->geo->boot_slots[i]), kernel_table(k->geo->boot_slots[i]));
	mm->id = 0;
	WRITE_ONCE(mm->users, 1);
	WRITE_ONCE(mm->count, 1);
	WRITE_ONCE(mm->pgd, pgd);
	k->init_mm = mm;
	for (u32 i = 0; i < k->ncpus; i++) {
		WRITE_ONCE(k->cpus[i]->cr3, pgd);
		k->cpus[i]->active_mm = mm;
		fetch_add(&mm->count, 1);
	}
	if (h->world_init)
		h->world_init(k);
}

#endif
