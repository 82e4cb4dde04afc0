#include "replay/oracle.h"

#include "replay/dialect/entry.h"

/* ---- who has what ---- */

/* mm->census: the tasks that have it, and above them the CPUs whose active_mm it is. pgd->census: loaded somewhere. */
#define CENSUS_CPU (1u << 20)

static u32 census_tasks(const struct mm_struct *mm)
{
	return mm->census & (CENSUS_CPU - 1);
}

static void census_take(struct kernel *k)
{
	for (u64 i = 0; i < eng_objects(k, POOL_MM); i++)
		((struct mm_struct *)eng_object(k, POOL_MM, i))->census = 0;
	for (u64 i = 0; i < eng_objects(k, POOL_PTDESC); i++)
		((struct ptdesc *)eng_object(k, POOL_PTDESC, i))->census = 0;
	for (u64 i = 0; i < eng_objects(k, POOL_TASK); i++) {
		struct task_struct *t = eng_object(k, POOL_TASK, i);
		struct mm_struct *mm = stamp_live(t) ? READ_ONCE(t->mm) : NULL;
		if (!mm)
			continue;
		if (!stamp_live(mm))
			kernel_violation(k, "I3", "a task has a freed mm", t->id, mm->id, -1);
		mm->census++;
	}
	for (u32 i = 0; i < k->ncpus; i++) {
		struct cpu *c = k->cpus[i];
		struct ptdesc *pgd = READ_ONCE(c->cr3);
		c->active_mm->census += CENSUS_CPU;
		if (!stamp_live(c->active_mm))
			kernel_violation(k, "I3", "a CPU has borrowed an mm that is freed", 0, c->active_mm->id, -1);
		if (!stamp_live(pgd))
			kernel_violation(k, "I3", "a CPU has loaded a page directory that is freed", 0,
					 c->active_mm->id, -1);
		pgd->census = 1;
	}
}

/* ---- one directory ---- */

static bool boot_slot(const struct geometry *g, u32 slot)
{
	for (const u32 *b = g->boot_slots; *b; b++)
		if (*b == slot)
			return true;
	return false;
}

/* An empty @slot that the next touch fills. */
static bool repaired_by_fault(struct kernel *k, u32 slot)
{
	return k->fault_handler && in_vmalloc(k->geo, slot);
}

/* Behind, and the design knows: it is brought up to date before it is loaded. */
static bool declared_stale(struct kernel *k, const struct design_ops *d, struct mm_struct *mm)
{
	return !READ_ONCE(mm->pgd)->census && d->stale(k, mm);
}

/* I2, and for a directory that somebody uses or has loaded I1b and I5. @mm NULL: the reference itself. */
static u64 check_kernel_part(struct kernel *k, const struct design_ops *d, struct mm_struct *mm, struct ptdesc *pgd)
{
	bool counts = mm && (census_tasks(mm) || READ_ONCE(mm->held) || pgd->census);
	bool stale = counts && declared_stale(k, d, mm);
	u32 id = mm ? mm->id : 0;
	u64 pairs = 0;
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++) {
		u64 ref = READ_ONCE(*reference_slot(k, s)), v = READ_ONCE(*pgd_slot(pgd, s));
		bool done = READ_ONCE(k->done[s]);
		if (v && !entry_live(k, v))
			kernel_violation(k, "I2", "a kernel slot names a table that is freed", 0, id, (int)s);
		else if (!mm && done && !v)
			kernel_violation(k, "I1b", "the reference lacks a slot that is in use", 0, id, (int)s);
		if (!counts)
			continue;
		/* What boot put there and nobody changed proves nothing. */
		pairs += done && (!boot_slot(k->geo, s) || ref & ENTRY_FLAGS);
		if (v == ref)
			continue;
		if (v && !(stale && same_table(v, ref)))
			kernel_violation(k, "I5", "a kernel slot is neither empty nor the reference's", 0, id, (int)s);
		else if (!v && done && !stale && !repaired_by_fault(k, s))
			kernel_violation(k, "I1b", "a kernel slot of the reference is missing", 0, id, (int)s);
	}
	return pairs;
}

/* I4: what dup_mmap filled, and nothing else; empty once the last user has gone. */
static void check_user_part(struct kernel *k, struct mm_struct *mm, struct ptdesc *pgd, bool used)
{
	for (u32 s = 0; s < k->geo->kernel_boundary; s++) {
		u64 want = 0;
		for (u32 i = 0; used && i < USER_SLOTS; i++)
			if (k->geo->user_slots[i] == s)
				want = user_entry(mm, i);
		if (READ_ONCE(*pgd_slot(pgd, s)) != want)
			kernel_violation(k, "I4", "a user slot was changed", 0, mm->id, (int)s);
	}
}

/* ---- I6 ---- */

static void check_references(struct kernel *k, struct mm_struct *mm)
{
	u32 users = census_tasks(mm) + READ_ONCE(mm->held);
	if (READ_ONCE(mm->users) != users)
		kernel_violation(k, "I6", "an mm's users are not the tasks that have it", 0, mm->id, -1);
	else if (READ_ONCE(mm->count) != (users > 0) + mm->census / CENSUS_CPU)
		kernel_violation(k, "I6", "an mm's count is not that of its users and CPUs", 0, mm->id, -1);
}

/* As many directories as mms, and as many as the design believes. */
static void check_counts(struct kernel *k, const struct design_ops *d, u64 mms)
{
	u64 pgds = 0;
	for (u64 i = 0; i < eng_objects(k, POOL_PTDESC); i++)
		pgds += stamp_live((struct ptdesc *)eng_object(k, POOL_PTDESC, i));
	pgds -= 3; /* init_mm's, the firmware's, the trampoline */
	if (pgds != mms)
		kernel_violation(k, "I6", "there are not as many page directories as mms", 0, 0, -1);
	u32 listed = d->listed(k);
	if (listed != ~0u && listed != pgds)
		kernel_violation(k, "I6", "the list is not as long as there are page directories", 0, 0, -1);
}

u64 oracle_check(struct kernel *k, const struct design_ops *d)
{
	u64 pairs = 0, mms = 0;
	census_take(k);
	check_kernel_part(k, d, NULL, READ_ONCE(k->init_mm->pgd));
	for (u64 i = 0; i < eng_objects(k, POOL_MM); i++) {
		struct mm_struct *mm = eng_object(k, POOL_MM, i);
		if (!stamp_live(mm) || mm == k->init_mm)
			continue;
		mms++;
		struct ptdesc *pgd = READ_ONCE(mm->pgd);
		if (!stamp_live(pgd)) {
			kernel_violation(k, "I3", "an mm has a freed page directory", 0, mm->id, -1);
			continue;
		}
		check_references(k, mm);
		pairs += check_kernel_part(k, d, mm, pgd);
		check_user_part(k, mm, pgd, READ_ONCE(mm->users) > 0);
	}
	check_counts(k, d, mms);
	return pairs;
}

/* ---- digest ---- */

static u64 mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

/*
 * Does a CPU that loads @mm find in @slot what the reference holds? Which table
 * that is differs from run to run, and says nothing.
 */
static bool sees_reference(struct kernel *k, struct mm_struct *mm, u32 slot, bool stale)
{
	u64 ref = READ_ONCE(*reference_slot(k, slot)), v = READ_ONCE(*pgd_slot(READ_ONCE(mm->pgd), slot));
	return v == ref || (stale && (!v || same_table(v, ref))) || (!v && repaired_by_fault(k, slot));
}

/* Slots that nobody asked for do not count: one design has filled them beforehand, another has not. */
static u64 kernel_view(struct kernel *k, const struct design_ops *d, struct mm_struct *mm)
{
	bool stale = mm && declared_stale(k, d, mm);
	u64 sum = 0;
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		if (READ_ONCE(k->done[s]))
			sum += mix((u64)s << 1 |
				   (mm ? sees_reference(k, mm, s, stale) : READ_ONCE(*reference_slot(k, s)) != 0));
	return sum;
}

u64 oracle_digest(struct kernel *k, const struct design_ops *d)
{
	census_take(k);
	u64 sum = kernel_view(k, d, NULL);
	for (u64 i = 0; i < eng_objects(k, POOL_TASK); i++) {
		struct task_struct *t = eng_object(k, POOL_TASK, i);
		/* Gone, but for a grace period that depends on the run. */
		if (!stamp_live(t) || READ_ONCE(t->exit_state) == EXIT_DEAD)
			continue;
		struct mm_struct *mm = READ_ONCE(t->mm);
		sum += mix(mix(t->id) ^ mix((mm ? (u64)mm->id + 1 : 0) << 32 ^ READ_ONCE(t->exit_state)) * 3);
	}
	for (u64 i = 0; i < eng_objects(k, POOL_MM); i++) {
		struct mm_struct *mm = eng_object(k, POOL_MM, i);
		if (stamp_live(mm) && mm != k->init_mm && READ_ONCE(mm->users))
			sum += mix(mix(mm->id) ^ kernel_view(k, d, mm) ^ READ_ONCE(mm->users));
	}
	return sum;
}
