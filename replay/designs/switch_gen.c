/*
 * switch_gen - no list, no walk: a generation compared at each switch
 * (KERNEL_FACTS.md D8, Andy Lutomirski 2015; wli's tickets of 2004).
 *
 * Every change of the reference makes one more generation. A directory whose
 * generation is behind is copied again when it is about to be loaded, with
 * interrupts off. Those that are loaded already are put right by an interrupt
 * on every CPU, which the change waits for: an interrupt comes before the whole
 * of a switch, which then finds the new generation, or after it.
 *
 * The generation is read before the copy: read after it, a directory could
 * claim what it has not. A vmalloc that finds an entry present waits until the
 * round of whoever installed it is over (V1).
 */
#include "replay/dialect/pgd.h"
#include "replay/dialect/walk.h"

struct world {
	SHARED(u64) gen;
	SHARED(u8) everywhere[NSLOTS_MAX]; /* the round of this slot's installer is over */
};

/* mm->private */
struct mm_gen {
	SHARED(u64) gen;
};

static struct mm_gen *gen_of(struct mm_struct *mm)
{
	return mm_private(mm);
}

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		WRITE_ONCE(w->everywhere[s], READ_ONCE(*reference_slot(k, s)) != 0);
}

/* Nobody else knows the directory yet. */
static void pgd_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	u64 gen = smp_load_acquire(&w->gen);
	copy_kernel_part(k, mm);
	WRITE_ONCE(gen_of(mm)->gen, gen);
}

/* Another CPU may be doing the same, or have it loaded. */
static void switch_mm(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	u64 gen = smp_load_acquire(&w->gen);
	if (likely(smp_load_acquire(&gen_of(mm)->gen) == gen))
		return;
	copy_present_kernel_part(k, mm);
	smp_store_release(&gen_of(mm)->gen, gen);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	fetch_add(&w->gen, 1);
	on_each_cpu(k, follow_loaded, slot);
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	set_pmd_everywhere(k, slot);
	smp_store_release(&w->everywhere[slot], 1);
}

static void wait_for_installer(struct kernel *k, u32 slot)
{
	struct world *w = k->design;
	wait_for(&w->everywhere[slot], VAL);
}

/* What nobody has loaded is copied again before it is. */
static void pin(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct world *w = k->design;
	fetch_add(&w->gen, 1);
	for (u32 i = 0; i < k->ncpus; i++)
		visit(k, READ_ONCE(k->cpus[i]->active_mm->pgd));
}

static bool stale(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	return READ_ONCE(gen_of(mm)->gen) != READ_ONCE(w->gen);
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.mm_size = sizeof(struct mm_gen),
	.world_init = world_init,
	.pgd_alloc = pgd_alloc,
	.switch_mm = switch_mm,
	.sync = sync_global_pgds,
	.broadcast = set_pmd_everywhere,
	.pin = pin,
	.present = wait_for_installer,
	.stale = stale,
	VARIANT_HOOKS,
};

PGD_DESIGN(switch_gen, hooks, .source = "Andy Lutomirski, 2015 (D8)",
	   .about = "generation compared at each switch, IPI to running CPUs on an addition", .expect = "holds");
