/*
 * switch_gen_late_count - switch_gen that reads the generation after the copy
 * (KERNEL_FACTS.md D8): an addition in between is counted and not copied.
 */
#include "replay/dialect/kernel.h"

static void count_after_copy(struct kernel *k, struct mm_struct *mm);
static void compare_after_copy(struct kernel *k, struct mm_struct *mm);

#define VARIANT switch_gen_late_count
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of D8", .about = "switch_gen, the generation is read after the copy",                        \
	.expect = "fork x sync: I1", .flags = DESIGN_NEGATIVE
#define VARIANT_HOOKS .pgd_alloc = count_after_copy, .switch_mm = compare_after_copy
#include "replay/designs/switch_gen.c"

static void count_after_copy(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	copy_kernel_part(k, mm);
	WRITE_ONCE(gen_of(mm)->gen, smp_load_acquire(&w->gen));
}

static void compare_after_copy(struct kernel *k, struct mm_struct *mm)
{
	struct world *w = k->design;
	if (smp_load_acquire(&gen_of(mm)->gen) == smp_load_acquire(&w->gen))
		return;
	copy_present_kernel_part(k, mm);
	smp_store_release(&gen_of(mm)->gen, smp_load_acquire(&w->gen));
}
