/*
 * process.h - fork, exec and exit as every design pays them (KERNEL_FACTS.md
 * E.3 to E.5, H.2), and the boot of a world.
 *
 * All run in the context of this_cpu().
 */
#ifndef DIALECT_PROCESS_H
#define DIALECT_PROCESS_H

#include "replay/design.h"
#include "replay/dialect/kmap.h"

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
		/* Still on the directory of an mm that no task has: K22. */
		touch_kernel(k, h);
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
 * The other threads have been killed: wait until they have left the mm, a
 * leader among them as a zombie, whose place on the list @t takes (E.4).
 */
static __always_inline void de_thread(struct kernel *k, const struct pgd_hooks *h, struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	struct task_struct *leader = READ_ONCE(sig->leader);
	if (!k->ordered && !(h->mistakes & MISTAKE_EXEC_NOWAIT)) {
		u32 stay = leader == t ? 1 : 2;
		wait_for(&sig->nr_threads, VAL == stay);
		if (leader != t)
			wait_for(&leader->exit_state, VAL != 0);
	}
	if (leader == t || (!READ_ONCE(leader->exit_state) && !(h->mistakes & MISTAKE_EXEC_NOWAIT)))
		return;
	write_lock(&k->tasklist_lock);
	list_replace_rcu(&leader->tasks, &t->tasks);
	WRITE_ONCE(sig->leader, t);
	bool zombie = READ_ONCE(leader->exit_state);
	write_unlock(&k->tasklist_lock);
	/* One that was not waited for goes by its own exit. */
	if (zombie)
		release_task(k, leader);
}

static __always_inline void core_exec(struct kernel *k, const struct pgd_hooks *h, struct task_struct *t, u32 mm_id)
{
	struct mm_struct *old, *active, *mm = mm_alloc(k, h, mm_id);
	fill_user_half(k, mm);
	de_thread(k, h, t);

	WRITE_ONCE(t->flags, READ_ONCE(t->flags) & ~PF_KTHREAD);
	task_lock(t);
	old = READ_ONCE(t->mm);
	WRITE_ONCE(t->mm, mm);
	if (h->init_late_exec)
		h->init_late_exec(k, mm);
	active = activate_mm(k, h, mm);
	task_unlock(t);
	if (old)
		mmput(k, h, old);
	mmdrop(k, h, active);
}

/* ---- boot ---- */

static inline void boot_directory(struct kernel *k, struct ptdesc **pgd)
{
	kmem_alloc(POOL_PTDESC, *pgd);
	clear_page((*pgd)->entries, k->geo->nslots);
}

static __always_inline void core_boot(struct kernel *k, const struct pgd_hooks *h)
{
	struct mm_struct *mm;
	struct ptdesc *pgd;
	rwlock_init(k, &k->tasklist_lock, "tasklist_lock");
	spin_lock_init(k, &k->mem_hotplug_lock, "mem_hotplug_lock");
	INIT_LIST_HEAD(&k->tasks);

	kmem_alloc(POOL_MM, mm);
	boot_directory(k, &pgd);
	mm->id = 0;
	WRITE_ONCE(mm->users, 1);
	WRITE_ONCE(mm->held, 0);
	WRITE_ONCE(mm->count, 1);
	WRITE_ONCE(mm->pgd, pgd);
	k->init_mm = mm;
	for (u32 i = 0; k->geo->boot_slots[i]; i++) {
		install_table(k, k->geo->boot_slots[i]);
		WRITE_ONCE(k->done[k->geo->boot_slots[i]], 1);
	}
	boot_directory(k, &k->efi_pgd);
	boot_directory(k, &k->trampoline_pgd);
	copy_entries(k->trampoline_pgd->entries, pgd->entries, k->geo->nslots);
	for (u32 i = 0; i < k->ncpus; i++) {
		WRITE_ONCE(k->cpus[i]->cr3, pgd);
		k->cpus[i]->active_mm = mm;
		fetch_add(&mm->count, 1);
	}
	if (h->world_init)
		h->world_init(k);
}

#endif
