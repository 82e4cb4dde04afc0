/*
 * broken_clear_page - a directory's page comes as the allocator left it, with the
 * pattern that it writes over what is freed.
 */
#include "replay/dialect/kernel.h"

static inline void leave_page(pgd_t *page, u32 n)
{
	for (u32 i = 0; i < n; i++)
		WRITE_ONCE(page[i], 0x6b6b6b6b6b6b6b6b);
}

/* The directories that boot makes are clean. */
#define clear_page(page, n) leave_page(page, n)
#include "replay/dialect/mm.h"
#undef clear_page

#define VARIANT broken_clear_page
#define VARIANT_SAYS                                                                                                   \
	.source = "mutant of task_list", .about = "clear_page() clears nothing",                                       \
	.expect = "fork x sync: I2, I4 or I5", .flags = DESIGN_NEGATIVE
#include "replay/designs/task_list.c"
