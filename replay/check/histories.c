/*
 * histories.c (check) - the scenarios of the subject `pgd`: what each CPU does.
 *
 * Each has an access after the addition (I1a), each the first process and a
 * kernel thread on the process list (K3). They are as small as what they are
 * for allows: every further step multiplies the interleavings.
 */
#include "replay/check/histories_setup.h"
#include "replay/check/scenario.h"
#include "replay/dialect/kernel.h"

#include "replay/design.h"
#include "replay/dialect/kmap.h"

/* ---- the side that adds ---- */

static void hot_add(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("hot_add");
	h->d->hot_add(k, h->slot);
}

static void vmalloc(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("vmalloc");
	h->d->vmalloc(k, h->slot);
}

static void touch(struct kernel *k, const struct history *h, u32 slot)
{
	check_note("access");
	h->d->access(k, slot);
}

static void hot_add_and_touch_both(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("hot_add, first slot");
	h->d->hot_add(k, h->slot);
	touch(k, h, h->slot);
	touch(k, h, h->other);
}

static void hot_add_other_and_touch_both(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("hot_add, second slot");
	h->d->hot_add(k, h->other);
	touch(k, h, h->other);
	touch(k, h, h->slot);
}

static void vmalloc_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("vmalloc, first slot");
	h->d->vmalloc(k, h->slot);
	touch(k, h, h->slot);
}

static void vmalloc_other_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("vmalloc, second slot");
	h->d->vmalloc(k, h->other);
	touch(k, h, h->other);
}

/* Its own new slot first, then the one that the other CPU installs. */
static void vmalloc_both_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("vmalloc, second slot");
	h->d->vmalloc(k, h->other);
	check_note("vmalloc, first slot");
	h->d->vmalloc(k, h->slot);
	touch(k, h, h->slot);
}

static void remove_and_add(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("hot_remove");
	h->d->hot_remove(k, h->slot);
	check_note("hot_add");
	h->d->hot_add(k, h->slot);
}

static void cpa(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("change_page_attr");
	h->d->cpa(k, h->boot_slot);
}

static void pin_all(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("pin_all");
	h->d->pin_all(k);
}

/* ---- the other side ---- */

static struct task_struct *fork_here(struct kernel *k, const struct history *h, u32 id)
{
	check_note("fork");
	return h->d->fork(k, this_cpu()->curr, id, id, 0);
}

static void go_on_with(struct kernel *k, const struct history *h, struct task_struct *t)
{
	check_note("switch");
	h->d->switch_to(k, t);
}

static void exit_here(struct kernel *k, const struct history *h)
{
	struct cpu *c = this_cpu();
	check_note("exit");
	h->d->exit(k, c->curr);
	/* Its memory may come back as another task. */
	c->curr = NULL;
}

static void fork_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	go_on_with(k, h, fork_here(k, h, ID_CHILD));
	touch(k, h, h->slot);
}

static void fork_another(struct kernel *k, void *arg)
{
	fork_here(k, arg, ID_CHILD + 1);
}

/* The pages behind the slot are there all the time. */
static void fork_and_touch_boot(struct kernel *k, void *arg)
{
	struct history *h = arg;
	go_on_with(k, h, fork_here(k, h, ID_CHILD));
	touch(k, h, h->boot_slot);
}

static void exec_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("exec");
	h->d->exec(k, this_cpu()->curr, ID_CHILD);
	touch(k, h, h->slot);
}

static void leader_exit(struct kernel *k, void *arg)
{
	exit_here(k, arg);
}

/* The last switch frees the directory; the next fork gets its memory. */
static void exit_and_fork(struct kernel *k, void *arg)
{
	struct history *h = arg;
	exit_here(k, h);
	go_on_with(k, h, h->init);
	go_on_with(k, h, fork_here(k, h, ID_CHILD));
	touch(k, h, h->slot);
}

static void leader_exit_and_thread(struct kernel *k, void *arg)
{
	struct history *h = arg;
	exit_here(k, h);
	go_on_with(k, h, h->task[1]);
	touch(k, h, h->slot);
}

/* Whoever is the last of the mm takes it down; whoever switches last frees its directory. */
static void exit_and_go_on(struct kernel *k, void *arg)
{
	struct history *h = arg;
	exit_here(k, h);
	go_on_with(k, h, this_cpu()->id ? h->task[2] : h->init);
}

static void exit_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	exit_here(k, h);
	go_on_with(k, h, h->kthreadd);
	touch(k, h, h->slot);
}

static void use_mm_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("use_mm");
	h->d->use_mm(k, h->kthreadd, h->mm);
	touch(k, h, h->slot);
	check_note("unuse_mm");
	h->d->unuse_mm(k, h->kthreadd);
}

/* The hardware may walk to any address at any time, used or not: there it must not meet a freed table (I2). */
static void walk_by_itself(struct kernel *k, u32 slot)
{
	struct cpu *c = this_cpu();
	check_note("the CPU walks ahead");
	observe_begin();
	u64 v = READ_ONCE(*pgd_slot(READ_ONCE(c->cr3), slot));
	bool dangling = v && !entry_live(k, v);
	observe_end();
	if (dangling)
		kernel_violation(k, "I2", "a CPU walked into a freed table", c->curr->id, c->active_mm->id, (int)slot);
}

static void fork_only(struct kernel *k, void *arg)
{
	fork_here(k, arg, ID_CHILD);
}

/* Each CPU goes on with a thread of the same mm. */
static void switch_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	go_on_with(k, h, h->task[this_cpu()->id]);
	touch(k, h, h->slot);
}

static void switch_and_exit(struct kernel *k, void *arg)
{
	struct history *h = arg;
	go_on_with(k, h, h->task[0]);
	exit_here(k, h);
	go_on_with(k, h, h->kthreadd);
}

/* Whoever adds is on a directory that no task has, itself. */
static void exit_add_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	exit_here(k, h);
	go_on_with(k, h, h->kthreadd);
	check_note("hot_add");
	h->d->hot_add(k, h->slot);
	touch(k, h, h->slot);
}

/* Back from the firmware, on what was loaded before. */
static void efi_call_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("EFI call");
	h->d->efi_call(k, h->boot_slot);
	touch(k, h, h->slot);
}

static void fork_walk_and_touch(struct kernel *k, void *arg)
{
	struct history *h = arg;
	go_on_with(k, h, fork_here(k, h, ID_CHILD));
	walk_by_itself(k, h->slot);
	touch(k, h, h->slot);
}

static void touch_only(struct kernel *k, void *arg)
{
	struct history *h = arg;
	touch(k, h, h->slot);
}

static void efi_call(struct kernel *k, void *arg)
{
	struct history *h = arg;
	check_note("EFI call");
	h->d->efi_call(k, h->slot);
}

/* ---- the rows ---- */

#define DM .range = "DM", .policy = ""
#define VM_LAZY .range = "VM", .policy = "lazy"
#define VM_EAGER .range = "VM", .policy = "eager", .needs = NEEDS_EAGER
#define ROW(name_, about_, setup_, slots_) .name = (name_), .about = (about_), .setup = (setup_), .new_slots = (slots_)
#define CPUS(n, ...) .cpus = (n), .label = { __VA_ARGS__ }
#define RUN(...) .program = { __VA_ARGS__ }

/* clang-format off */
#define ROWS_OF(name_, about_, setup_, label_, program_)                                                               \
	{ ROW(name_, about_, setup_, 1), DM, CPUS(2, label_, "hot_add"), RUN(program_, hot_add) },                     \
	{ ROW(name_, about_, setup_, 1), VM_LAZY, CPUS(2, label_, "vmalloc"), RUN(program_, vmalloc) },                \
	{ ROW(name_, about_, setup_, 1), VM_EAGER, CPUS(2, label_, "vmalloc"), RUN(program_, vmalloc) }

const struct scenario check_scenarios[] = {
	ROWS_OF("fork", "fork x sync", setup_init, "fork", fork_and_touch),
	ROWS_OF("exec", "exec x sync", setup_process, "exec", exec_and_touch),
	{ ROW("exec_leader", "exec with leader change x sync", setup_group_apart, 1), DM,
	  CPUS(3, "leader exits", "thread execs", "hot_add"), RUN(leader_exit, exec_and_touch, hot_add) },
	ROWS_OF("exit", "exit x sync", setup_two_processes, "exit, fork", exit_and_fork),
	{ ROW("leader_exit", "leader exits first x sync", setup_group, 1), DM,
	  CPUS(2, "leader exits", "hot_add"), RUN(leader_exit_and_thread, hot_add) },
	{ ROW("exit_other", "exit on another CPU x sync", setup_second_runs, 1), DM,
	  CPUS(2, "hot_add", "exit, fork"), RUN(hot_add, exit_and_fork) },
	{ ROW("exit_exit", "two processes exit", setup_two_processes_running, 1), DM,
	  CPUS(2, "exit", "exit"), RUN(exit_and_go_on, exit_and_go_on) },
	{ ROW("group_exit", "two threads of one mm exit", setup_group_and_another, 1), DM,
	  CPUS(2, "exit", "exit"), RUN(exit_and_go_on, exit_and_go_on) },
	{ ROW("fork_other", "fork on the last CPU x sync", setup_second_runs, 1), DM,
	  CPUS(2, "hot_add", "fork"), RUN(hot_add, fork_only) },
	{ ROW("two_forks", "two forks x sync", setup_two_running, 1), DM,
	  CPUS(3, "fork", "fork", "hot_add"), RUN(fork_and_touch, fork_another, hot_add) },
	{ ROW("sync", "sync x sync", setup_two_running, 2), DM,
	  CPUS(2, "hot_add", "hot_add"), RUN(hot_add_and_touch_both, hot_add_other_and_touch_both) },
	{ ROW("sync", "sync x sync", setup_two_running, 2), VM_LAZY,
	  CPUS(2, "vmalloc", "vmalloc"), RUN(vmalloc_and_touch, vmalloc_other_and_touch) },
	{ ROW("sync", "sync x sync", setup_two_running, 2), VM_EAGER,
	  CPUS(2, "vmalloc", "vmalloc"), RUN(vmalloc_and_touch, vmalloc_other_and_touch) },
	{ ROW("vmalloc", "vmalloc x vmalloc x access (V1)", setup_third_runs, 1), VM_LAZY,
	  CPUS(3, "vmalloc", "vmalloc", "access"), RUN(vmalloc, vmalloc, touch_only) },
	{ ROW("vmalloc", "vmalloc x vmalloc x access (V1)", setup_third_runs, 1), VM_EAGER,
	  CPUS(3, "vmalloc", "vmalloc", "access"), RUN(vmalloc, vmalloc, touch_only) },
	{ ROW("vmalloc_two", "vmalloc x vmalloc, two slots (V1)", setup_two_running, 2), VM_EAGER,
	  CPUS(2, "vmalloc", "vmalloc"), RUN(vmalloc, vmalloc_both_and_touch) },
	{ ROW("remove", "remove and add x fork (K20, K21)", setup_added, 1), .range = "DM", .policy = "",
	  .needs = NEEDS_REMOVAL, CPUS(2, "fork", "hot_remove, hot_add"), RUN(fork_walk_and_touch, remove_and_add) },
	{ ROW("lazy_mm", "lazy mm x sync (K22)", setup_watched, 1), DM,
	  CPUS(2, "exit", "hot_add"), RUN(exit_and_touch, hot_add) },
	{ ROW("lazy_other", "lazy mm on the other CPU x sync (K22)", setup_second_watched, 1), DM,
	  CPUS(2, "hot_add", "exit"), RUN(hot_add, exit_and_touch) },
	{ ROW("lazy_adder", "sync by a lazy CPU (K22)", setup_held_running, 1), DM,
	  CPUS(2, "exit, hot_add", "access"), RUN(exit_add_and_touch, touch_only) },
	{ ROW("sleeper_exit", "switch and exit x sync (K22)", setup_asleep_watched, 1), DM,
	  CPUS(2, "switch, exit", "hot_add"), RUN(switch_and_exit, hot_add) },
	{ ROW("switch_both", "two CPUs switch to one old mm", setup_asleep, 1), DM,
	  CPUS(2, "switch", "switch"), RUN(switch_and_touch, switch_and_touch) },
	{ ROW("use_mm", "use_mm x sync (K22)", setup_held, 1), DM,
	  CPUS(2, "use_mm", "hot_add"), RUN(use_mm_and_touch, hot_add) },
	{ ROW("running", "running CPU x sync", setup_process, 1), DM,
	  CPUS(2, "access", "hot_add"), RUN(touch_only, hot_add) },
	{ ROW("efi", "call into the firmware x sync", setup_init, 1), DM,
	  CPUS(2, "EFI call", "hot_add"), RUN(efi_call, hot_add) },
	{ ROW("efi_lazy", "lazy CPU back from the firmware x sync", setup_lazy_on_held, 1), DM,
	  CPUS(2, "EFI call", "hot_add"), RUN(efi_call_and_touch, hot_add) },
	{ ROW("cpa_cpa", "CPA x CPA", setup_process, 1), .range = "DM", .policy = "", .needs = NEEDS_32BIT,
	  CPUS(2, "CPA", "CPA"), RUN(cpa, cpa) },
	{ ROW("cpa", "CPA x fork (K23)", setup_init, 1), .range = "DM", .policy = "", .needs = NEEDS_32BIT,
	  CPUS(2, "fork", "CPA"), RUN(fork_and_touch_boot, cpa) },
	{ ROW("pin_all", "pin_all x fork (K15)", setup_init, 1), .range = "DM", .policy = "", .needs = NEEDS_32BIT,
	  CPUS(2, "fork", "pin_all"), RUN(fork_and_touch_boot, pin_all) },
	{ 0 },
};
/* clang-format on */
