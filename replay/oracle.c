#include "replay/oracle.h"

#include <stdlib.h>

/* ---- which mms count ---- */

#define MARK_USED 1u /* some task's ->mm */
#define MARK_LOADED 2u /* in some CPU's cr3 */

/* marks[i] for the i-th mm object: MARK_*; users[i]: tasks that have it. */
struct census {
	u8 *marks;
	u32 *users;
	u64 mms;
};

static bool census_take(struct kernel *k, struct census *c)
{
	c->mms = eng_objects(k, POOL_MM);
	c->marks = calloc(c->mms + 1, sizeof(*c->marks));
	c->users = calloc(c->mms + 1, sizeof(*c->users));
	if (!c->marks || !c->users)
		return false;
	for (u64 i = 0; i < eng_objects(k, POOL_TASK); i++) {
		struct task_struct *t = eng_object(k, POOL_TASK, i);
		struct mm_struct *mm = stamp_live(t) ? READ_ONCE(t->mm) : NULL;
		if (!mm)
			continue;
		if (!stamp_live(mm))
			kernel_violation(k, "I3", "a task has a freed mm", t->id, mm->id, -1);
		u64 at = eng_object_index(k, POOL_MM, mm);
		c->marks[at] |= MARK_USED;
		c->users[at]++;
	}
	for (u64 i = 0; i < c->mms; i++) {
		struct mm_struct *mm = eng_object(k, POOL_MM, i);
		if (!stamp_live(mm) || mm == k->init_mm)
			continue;
		for (u32 cpu = 0; cpu < k->ncpus; cpu++)
			if (READ_ONCE(k->cpus[cpu]->cr3) == READ_ONCE(mm->pgd))
				c->marks[i] |= MARK_LOADED;
	}
	return true;
}

static void census_drop(struct census *c)
{
	free(c->marks);
	free(c->users);
}

/* ---- one directory ---- */

static bool boot_slot(const struct geometry *g, u32 slot)
{
	for (const u32 *b = g->boot_slots; *b; b++)
		if (*b == slot)
			return true;
	return false;
}

static bool repaired_by_fault(const struct geometry *g, u32 slot)
{
	return slot >= g->vmalloc_first && slot <= g->vmalloc_last;
}

/* I1b, I5: the kernel part of a directory that somebody uses or has loaded. */
static u64 check_kernel_part(struct kernel *k, struct mm_struct *mm, struct ptdesc *pgd)
{
	u64 pairs = 0;
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++) {
		u64 ref = READ_ONCE(*reference_slot(k, s)), v = READ_ONCE(*pgd_slot(pgd, s));
		if (ref && !boot_slot(k->geo, s))
			pairs++;
		if (v == ref)
			continue;
		if (v)
			kernel_violation(k, "I5", "a kernel slot is neither empty nor the reference's", 0, mm->id,
					 (int)s);
		else if (!repaired_by_fault(k->geo, s))
			kernel_violation(k, "I1b", "a kernel slot of the reference is missing", 0, mm->id, (int)s);
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

/* I6: as many directories as mms, and as many as the design believes. */
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
	struct census c = { 0 };
	u64 pairs = 0, mms = 0;
	if (!census_take(k, &c)) {
		census_drop(&c);
		return UINT64_MAX;
	}
	for (u64 i = 0; i < c.mms; i++) {
		struct mm_struct *mm = eng_object(k, POOL_MM, i);
		if (!stamp_live(mm) || mm == k->init_mm)
			continue;
		mms++;
		struct ptdesc *pgd = READ_ONCE(mm->pgd);
		if (!stamp_live(pgd)) {
			kernel_violation(k, "I3", "an mm has a freed page directory", 0, mm->id, -1);
			continue;
		}
		if (READ_ONCE(mm->users) != c.users[i] + READ_ONCE(mm->held))
			kernel_violation(k, "I6", "an mm's users are not the tasks that have it", 0, mm->id, -1);
		if (c.marks[i])
			pairs += check_kernel_part(k, mm, pgd);
		check_user_part(k, mm, pgd, c.users[i] > 0);
	}
	check_counts(k, d, mms);
	census_drop(&c);
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

/* What a CPU with @mm loaded finds in @slot, a repairing fault included. */
static u64 effective(struct kernel *k, struct mm_struct *mm, u32 slot)
{
	u64 v = READ_ONCE(*pgd_slot(READ_ONCE(mm->pgd), slot));
	return !v && repaired_by_fault(k->geo, slot) ? READ_ONCE(*reference_slot(k, slot)) : v;
}

u64 oracle_digest(struct kernel *k)
{
	u64 sum = 0;
	for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
		sum += mix((u64)s << 48 ^ READ_ONCE(*reference_slot(k, s)));
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
		if (!stamp_live(mm) || mm == k->init_mm || !READ_ONCE(mm->users))
			continue;
		u64 view = 0;
		for (u32 s = k->geo->kernel_boundary; s < k->geo->nslots; s++)
			view += mix((u64)s << 48 ^ effective(k, mm, s));
		sum += mix(mix(mm->id) ^ view ^ READ_ONCE(mm->users));
	}
	return sum;
}
