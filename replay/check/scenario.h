/*
 * scenario.h (check) - what is checked: small histories of one subject, with
 * the sizes, policies and lock kinds under which each makes sense.
 *
 * Everything here is constant but struct history, which belongs to the caller
 * of history_bind() and serves one check_run() at a time.
 */
#ifndef CHECK_SCENARIO_H
#define CHECK_SCENARIO_H

#include "replay/check/check.h"

/* scenario.needs */
#define NEEDS_REMOVAL 1u /* a design that can clear entries, or keeps them */
#define NEEDS_32BIT 2u /* i386: CPA's broadcast, unshared kernel PMDs */
#define NEEDS_EAGER 4u /* the installer syncs: an era without fault handler */

/* One row: a name may stand in several, which differ in range and policy. */
struct scenario {
	const char *name; /* what --scenario takes */
	const char *about; /* "fork x sync" */
	const char *range; /* "DM", "VM": where the slot lies */
	const char *policy; /* "lazy", "eager"; "" where it does not matter */
	u32 needs;
	unsigned cpus;
	const char *label[CHECK_CPUS]; /* heads of the columns: "fork", "hot_add" */
	unsigned new_slots; /* so many entries of its range come and go */
	void (*setup)(struct kernel *k, void *history); /* after the boot and the first two tasks */
	void (*program[CHECK_CPUS])(struct kernel *k, void *history);
};

/* A scenario under one design: what its programs know. Constant once setup has run. */
struct history {
	const struct design_ops *d;
	const struct scenario *s;
	u32 boot_slot, slot, other; /* in the reference from the boot; the new ones */
	struct task_struct *init, *kthreadd, *task[3];
	struct mm_struct *mm;
	struct check_programs programs;
	/* What setup left behind, by the names it had then: its memory may come back as something else. */
	struct first_name {
		const void *object;
		u32 id;
	} first[16];
	unsigned nfirst;
};

/* Ids of tasks and mms, as the columns show them: an mm has its first task's. */
enum { ID_INIT = 1, ID_KTHREADD = 2, ID_FIRST = 10, ID_CHILD = 20 };

const struct scenario *scenario_all(unsigned *n);

/*
 * Does @word, of a --scenario list, mean @s? NAME, NAME/RANGE or
 * NAME/RANGE/POLICY.
 */
bool scenario_is(const struct scenario *s, const char *word);

/* The least sizes in which @s makes sense. */
const struct geometry *scenario_geometry(const struct scenario *s);
/* How many bits is a machine of @g? 32 or 64. */
unsigned geometry_bits(const struct geometry *g);

/* SYNC_* and fault handler of @s under @d. */
void scenario_policy(const struct scenario *s, const struct design_ops *d, u32 *sync_policy, bool *fault_handler);

/*
 * Make @h->programs from a scenario and a design, on @g; pass @h as
 * check_config.arg. -EINVAL: @g has no room for the new slots.
 */
int history_bind(struct history *h, const struct scenario *s, const struct design_ops *d, const struct geometry *g,
		 struct mmr_err *e);

/* histories.c: the rows, ended by one without name. */
extern const struct scenario check_scenarios[];

#endif
