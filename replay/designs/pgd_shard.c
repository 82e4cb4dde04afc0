/*
 * pgd_shard - pgd_list cut into one list and lock per CPU (KERNEL_FACTS.md D17).
 *
 * A directory goes on the list of the CPU that makes it and remembers which, so
 * creation and destruction meet others only when a task has moved. A walk takes
 * the lists one after the other: a directory that appears on one behind the
 * walk's back was filled under that list's lock after the walk had left it, so
 * it has what the walk brings.
 */
#include "replay/dialect/pgd.h"

#define SHARDS_MAX 64

struct shard {
	spinlock_t pgd_lock;
	struct list_head pgd_list;
} ____cacheline_aligned;

struct world {
	struct shard shard[SHARDS_MAX];
	u32 shards; /* constant after boot */
};

/* mm->private; constant while the mm lives. */
struct mm_shard {
	u32 index;
};

static void world_init(struct kernel *k)
{
	struct world *w = k->design;
	w->shards = k->ncpus < SHARDS_MAX ? k->ncpus : SHARDS_MAX;
	for (u32 i = 0; i < w->shards; i++) {
		spin_lock_init(k, &w->shard[i].pgd_lock, "pgd_lock");
		INIT_LIST_HEAD(&w->shard[i].pgd_list);
	}
}

static void pgd_alloc(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	struct ptdesc *pgd = READ_ONCE(mm->pgd);
	u32 index = this_cpu()->id % w->shards;
	struct shard *s = &w->shard[index];
	((struct mm_shard *)mm_private(mm))->index = index;
	spin_lock(&s->pgd_lock);
	copy_kernel_part(k, mm);
	WRITE_ONCE(pgd->pt_mm, mm);
	list_add(&pgd->pt_list, &s->pgd_list);
	spin_unlock(&s->pgd_lock);
}

static void pgd_free(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	struct shard *s = &w->shard[((struct mm_shard *)mm_private(mm))->index];
	spin_lock(&s->pgd_lock);
	list_del(&READ_ONCE(mm->pgd)->pt_list);
	spin_unlock(&s->pgd_lock);
}

static __always_inline void walk(struct kernel *k, u32 slot, visit_fn *visit)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	for (struct shard *s = w->shard; s < w->shard + w->shards; s++) {
		spin_lock(&s->pgd_lock);
		list_for_each_entry (pgd, &s->pgd_list, pt_list) {
			if (!pgd_live(k, pgd))
				break;
			spinlock_t *ptl = &READ_ONCE(pgd->pt_mm)->page_table_lock;
			spin_lock(ptl);
			visit(k, pgd, slot);
			spin_unlock(ptl);
		}
		spin_unlock(&s->pgd_lock);
	}
}

static void sync_global_pgds(struct kernel *k, u32 slot)
{
	walk(k, slot, sync_slot);
}

static void sync_global_pgds_removed(struct kernel *k, u32 slot)
{
	walk(k, slot, clear_slot);
}

static void set_pmd_everywhere(struct kernel *k, u32 slot)
{
	walk(k, slot, overwrite_slot);
}

static void pin(struct kernel *k, void (*visit)(struct kernel *k, struct ptdesc *pgd))
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	for (struct shard *s = w->shard; s < w->shard + w->shards; s++)
		list_for_each_entry (pgd, &s->pgd_list, pt_list)
			visit(k, pgd);
}

static u32 listed(struct kernel *k)
{
	struct world *w = k->design;
	struct ptdesc *pgd;
	u32 n = 0;
	for (struct shard *s = w->shard; s < w->shard + w->shards; s++)
		list_for_each_entry (pgd, &s->pgd_list, pt_list)
			n++;
	return n;
}

static const struct pgd_hooks hooks = {
	.world_size = sizeof(struct world),
	.mm_size = sizeof(struct mm_shard),
	.world_init = world_init,
	.pgd_alloc = pgd_alloc,
	.pgd_free = pgd_free,
	.sync = sync_global_pgds,
	.sync_removed = sync_global_pgds_removed,
	.broadcast = set_pmd_everywhere,
	.pin = pin,
	.listed = listed,
};

PGD_DESIGN(pgd_shard, hooks, .source = "after v6.1's per-memcg mm lists (D17)",
	   .about = "list and lock per CPU; a walk takes one after the other", .expect = "as pgd_list",
	   .flags = DESIGN_REMOVES);
