#include "tracegen/subset_parts.h"

#include <stdio.h>

/* In the order in which they first appear: the same name is the same one throughout, and says nothing else. */
static uint32_t replacement(struct sub *s, bool kthread)
{
	char name[32];
	snprintf(name, sizeof(name), "%s-%03u", kthread ? "kthread" : "comm", kthread ? ++s->kthreads : ++s->names);
	return mmw_string(s->w, name);
}

uint32_t sub_name(struct sub *s, uint32_t comm, bool kthread)
{
	if (!comm)
		return 0;
	uint32_t *name = &s->name[comm];
	if (!*name)
		*name = 1 + (s->o->anonymise ? replacement(s, kthread) : mmw_string(s->w, mmw_comm(s->r, comm)));
	return *name - 1;
}
