/* Where the histories begin: which tasks there are, and who runs on which CPU. */
#include "replay/check/histories_setup.h"
#include "replay/check/scenario.h"
#include "replay/dialect/kernel.h"

#include "replay/design.h"
#include "replay/dialect/mm.h"

/* @t runs on @cpu from the start. */
static void run_on(struct kernel *k, u32 cpu, struct task_struct *t)
{
	struct cpu *c = k->cpus[cpu];
	struct mm_struct *mm = READ_ONCE(t->mm), *old = c->active_mm;
	c->curr = t;
	if (!mm || mm == old)
		return;
	fetch_add(&mm->count, 1);
	fetch_or(&mm->cpumask, 1ull << cpu);
	WRITE_ONCE(c->cr3, READ_ONCE(mm->pgd));
	c->active_mm = mm;
	fetch_add(&old->count, -1u);
	fetch_and(&old->cpumask, ~(1ull << cpu));
}

/* The n-th process beside the first two. */
static struct task_struct *process(struct kernel *k, struct history *h, u32 n)
{
	h->task[n] = h->d->fork(k, h->init, ID_FIRST + n, ID_FIRST + n, 0);
	return h->task[n];
}

static struct task_struct *thread_of(struct kernel *k, struct history *h, struct task_struct *leader, u32 n)
{
	h->task[n] = h->d->fork(k, leader, ID_FIRST + n, 0, FORK_VM | FORK_THREAD);
	return h->task[n];
}

void setup_init(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, h->init);
}

void setup_process(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, process(k, h, 0));
}

void setup_two_processes(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, process(k, h, 0));
	process(k, h, 1);
}

void setup_group(struct kernel *k, void *arg)
{
	struct history *h = arg;
	struct task_struct *leader = process(k, h, 0);
	thread_of(k, h, leader, 1);
	run_on(k, 0, leader);
}

void setup_group_apart(struct kernel *k, void *arg)
{
	struct history *h = arg;
	setup_group(k, arg);
	run_on(k, 1, h->task[1]);
}

void setup_group_and_another(struct kernel *k, void *arg)
{
	setup_group_apart(k, arg);
	process(k, arg, 2);
}

void setup_two_running(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, process(k, h, 0));
	run_on(k, 1, h->init);
}

void setup_third_runs(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 2, h->init);
}

void setup_added(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, h->init);
	h->d->hot_add(k, h->slot);
}

void setup_watched(struct kernel *k, void *arg)
{
	struct history *h = arg;
	setup_process(k, arg);
	k->watch[k->nwatch++] = h->slot;
}

void setup_held(struct kernel *k, void *arg)
{
	struct history *h = arg;
	struct task_struct *t = process(k, h, 0);
	h->mm = READ_ONCE(t->mm);
	hold_mm(h->mm);
	h->d->exit(k, t);
	h->task[0] = NULL;
}

void setup_second_runs(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 1, process(k, h, 0));
	process(k, h, 1);
}

void setup_second_watched(struct kernel *k, void *arg)
{
	setup_second_runs(k, arg);
	k->watch[k->nwatch++] = ((struct history *)arg)->slot;
}

void setup_asleep(struct kernel *k, void *arg)
{
	struct history *h = arg;
	thread_of(k, h, process(k, h, 0), 1);
	h->d->hot_add(k, h->slot);
}

void setup_asleep_watched(struct kernel *k, void *arg)
{
	struct history *h = arg;
	process(k, h, 0);
	k->watch[k->nwatch++] = h->slot;
}

void setup_held_running(struct kernel *k, void *arg)
{
	struct history *h = arg;
	struct task_struct *t = process(k, h, 0);
	h->mm = READ_ONCE(t->mm);
	hold_mm(h->mm);
	run_on(k, 0, t);
}

void setup_lazy_on_held(struct kernel *k, void *arg)
{
	struct history *h = arg;
	setup_held_running(k, arg);
	h->d->exit(k, h->task[0]);
	h->task[0] = NULL;
	k->cpus[0]->curr = h->kthreadd;
}

void setup_two_processes_running(struct kernel *k, void *arg)
{
	struct history *h = arg;
	run_on(k, 0, process(k, h, 0));
	run_on(k, 1, process(k, h, 1));
	process(k, h, 2);
}
