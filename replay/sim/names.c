/*
 * names.c (sim) - what lies on a cache line, in the kernel's names.
 *
 * Lines of the world are named by the lock on them, or by the field that begins
 * or goes on there; lines of objects by the fields on them.
 */
#include <stdio.h>

#include "replay/sim/machine.h"

u8 names_add(struct machine *m, const char *name)
{
	for (u32 i = 0; i < m->line_names; i++)
		if (!strcmp(m->line_name[i], name))
			return (u8)i;
	if (m->line_names == LINE_NAMES)
		return 0;
	snprintf(m->line_name[m->line_names], sizeof(m->line_name[0]), "%s", name);
	return (u8)m->line_names++;
}

struct field {
	const char *name;
	size_t at;
};

#define FIELD(type, member)                                                                                            \
	{                                                                                                              \
#member, offsetof(struct type, member)                                                                 \
	}
static const struct field task_fields[] = { FIELD(task_struct, stamp),       FIELD(task_struct, mm),
					    FIELD(task_struct, alloc_lock),  FIELD(task_struct, flags),
					    FIELD(task_struct, exit_state),  FIELD(task_struct, tasks),
					    FIELD(task_struct, thread_node), { NULL, 0 } };
static const struct field signal_fields[] = { FIELD(signal_struct, stamp),  FIELD(signal_struct, nr_threads),
					      FIELD(signal_struct, count),  FIELD(signal_struct, thread_head),
					      FIELD(signal_struct, leader), { NULL, 0 } };
static const struct field mm_fields[] = { FIELD(mm_struct, stamp),   FIELD(mm_struct, pgd),
					  FIELD(mm_struct, users),   FIELD(mm_struct, count),
					  FIELD(mm_struct, cpumask), FIELD(mm_struct, page_table_lock),
					  FIELD(mm_struct, private), { NULL, 0 } };
static const struct field ptdesc_fields[] = {
	FIELD(ptdesc, stamp), FIELD(ptdesc, pt_list), FIELD(ptdesc, pt_mm), { NULL, 0 }
};
static const struct field table_fields[] = { FIELD(ptable, stamp), { NULL, 0 } };
static const struct {
	const char *name;
	const struct field *fields;
} object[POOL_NR] = {
	[POOL_TASK] = { "task_struct", task_fields }, [POOL_SIGNAL] = { "signal_struct", signal_fields },
	[POOL_MM] = { "mm_struct", mm_fields },       [POOL_PTDESC] = { "ptdesc", ptdesc_fields },
	[POOL_TABLE] = { "ptable", table_fields },
};

static u8 page_line(struct machine *m, u32 i)
{
	return names_add(m,
			 i * 8 + 7 < m->c->geometry->kernel_boundary ? "pgd page, user part" : "pgd page, kernel part");
}

static u8 object_line(struct machine *m, enum pool pool, u32 i)
{
	char name[64];
	size_t n = (size_t)snprintf(name, sizeof(name), "%s:", object[pool].name);
	const char *between = " ";
	const struct field *last = NULL;
	for (const struct field *f = object[pool].fields; f->name; f++) {
		if (f->at / 64 < i)
			last = f;
		if (f->at / 64 != i || n >= sizeof(name) - 1)
			continue;
		n += (size_t)snprintf(name + n, sizeof(name) - n, "%s%s", between, f->name);
		between = ", ";
	}
	/* It begins on the line before. */
	if (*between == ' ' && n < sizeof(name) - 1)
		snprintf(name + n, sizeof(name) - n, " %s", last ? last->name : "?");
	return names_add(m, name);
}

void names_make(struct machine *m)
{
	struct kernel *k = &m->w->k;
	struct line *design = sim_line_of(sim_self, k->design);
	names_add(m, "other");
	u8 world = names_add(m, "struct kernel"), own = names_add(m, "design");
	for (struct line *l = m->line; l < design; l++)
		l->name = world;
	sim_line_of(sim_self, &k->tasks)->name = names_add(m, "tasks");
	for (u32 i = 0; i < sizeof(k->done) / 64; i++)
		sim_line_of(sim_self, (char *)k->done + 64ul * i)->name = names_add(m, "done");
	for (u64 at = 0; m->design->world_size && at < *m->design->world_size; at += 64) {
		char name[64];
		snprintf(name, sizeof(name), "design + %llu", (unsigned long long)at);
		design[at / 64].name = at / 64 < 16 ? names_add(m, name) : own;
	}
	for (u32 i = 0; i < OBJECT_LINES; i++) {
		m->page_name[i] = page_line(m, i);
		for (unsigned pool = 0; pool < POOL_NR; pool++)
			if (i < m->arena[pool].stride / 64)
				m->object_name[pool][i] = object_line(m, (enum pool)pool, i);
	}
	u8 cpu = names_add(m, "struct cpu");
	for (u32 i = 0; i < m->cpus; i++)
		sim_line_of(sim_self, k->cpus[i])->name = cpu;
	u8 progress = names_add(m, "replay: progress"), table = names_add(m, "replay: task table");
	for (u32 i = 0; i < m->cpus; i++)
		sim_line_of(sim_self, m->progress + (u64)i * PAIR_OF_LINES)->name = progress;
	for (struct line *l = sim_line_of(sim_self, m->task); l <= sim_line_of(sim_self, m->task + m->c->plan->handles);
	     l++)
		l->name = table;
}
