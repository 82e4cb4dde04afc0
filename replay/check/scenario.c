/* Which scenarios there are, on which sizes; a world for each to begin in. */
#include "replay/check/scenario.h"

#include <errno.h>
#include <string.h>

#include "replay/dialect/kernel.h"
#include "replay/oracle.h"

const struct scenario *scenario_all(unsigned *n)
{
	*n = 0;
	while (check_scenarios[*n].name)
		++*n;
	return check_scenarios;
}

/* Takes @part from the head of *@word, up to a slash or the end. */
static bool word_is(const char **word, const char *part)
{
	size_t n = strlen(part);
	if (strncmp(*word, part, n) || ((*word)[n] && (*word)[n] != '/'))
		return false;
	*word += n + ((*word)[n] == '/');
	return true;
}

bool scenario_is(const struct scenario *s, const char *word)
{
	if (!word_is(&word, s->name))
		return false;
	if (*word && !word_is(&word, s->range))
		return false;
	return !*word || (word_is(&word, s->policy) && !*word);
}

/* ---- sizes ---- */

/* Three user slots, one kernel slot from the boot on, and the new ones of one range behind it. */
#define SMALL(geometry_name, about_, slots_, direct_last_, vmalloc_first_, vmalloc_last_)                              \
	{                                                                                                              \
		.name = (geometry_name), .about = (about_), .nslots = (slots_), .kernel_boundary = 3,                  \
		.direct_first = 3, .direct_last = (direct_last_), .vmalloc_first = (vmalloc_first_),                   \
		.vmalloc_last = (vmalloc_last_), .boot_slots = { 3 }, .user_slots = { 0, 1, 2 },                       \
	}

static const struct geometry small[] = {
	SMALL("DM-1", "3 user slots, 2 of the direct map", 5, 4, 1, 0),
	SMALL("DM-2", "3 user slots, 3 of the direct map", 6, 5, 1, 0),
	SMALL("VM-1", "3 user slots, 1 of the direct map, 1 of the vmalloc range", 5, 3, 4, 4),
	SMALL("VM-2", "3 user slots, 1 of the direct map, 2 of the vmalloc range", 6, 3, 4, 5),
};

static bool in_direct_map(const struct scenario *s)
{
	return !strcmp(s->range, "DM");
}

const struct geometry *scenario_geometry(const struct scenario *s)
{
	return &small[(in_direct_map(s) ? 0 : 2) + (s->new_slots > 1)];
}

unsigned geometry_bits(const struct geometry *g)
{
	/* The real ones of 32 bits have no page of 512 top-level entries. */
	return !strncmp(g->name, "i386", 4) ? 32 : 64;
}

static bool present_at_boot(const struct geometry *g, u32 slot)
{
	for (const u32 *b = g->boot_slots; *b; b++)
		if (*b == slot)
			return true;
	return false;
}

/* The first slot from @from on that is not there from the boot; 0: none up to @last. */
static u32 new_slot(const struct geometry *g, u32 from, u32 last)
{
	while (from <= last && present_at_boot(g, from))
		from++;
	return from && from <= last ? from : 0;
}

void scenario_policy(const struct scenario *s, const struct design_ops *d, u32 *sync_policy, bool *fault_handler)
{
	bool eager = s->needs & NEEDS_EAGER;
	*sync_policy = eager || d->flags & DESIGN_OWNS_SYNC ? SYNC_EAGER : SYNC_LAZY;
	*fault_handler = !eager;
}

/* ---- the beginning and the end of every history ---- */

static void remember(struct history *h, const void *object, u32 id)
{
	if (h->nfirst < sizeof(h->first) / sizeof(*h->first))
		h->first[h->nfirst++] = (struct first_name){ object, id };
}

static void remember_names(struct kernel *k, struct history *h)
{
	h->nfirst = 0;
	for (u64 i = 0; i < eng_objects(k, POOL_TASK); i++) {
		struct task_struct *t = eng_object(k, POOL_TASK, i);
		if (stamp_live(t))
			remember(h, t, t->id);
	}
	for (u64 i = 0; i < eng_objects(k, POOL_MM); i++) {
		struct mm_struct *mm = eng_object(k, POOL_MM, i);
		if (stamp_live(mm))
			remember(h, mm, mm->id);
	}
}

/* Runs as CPU 0. The first process runs there; the other CPUs are idle on the reference. */
static void begin(struct kernel *k, void *arg)
{
	struct history *h = arg;
	h->d->boot(k);
	h->init = h->d->fork(k, NULL, ID_INIT, ID_INIT, 0);
	h->kthreadd = h->d->fork(k, h->init, ID_KTHREADD, 0, FORK_KTHREAD);
	for (u32 i = 0; i < k->ncpus; i++)
		k->cpus[i]->curr = h->kthreadd;
	h->s->setup(k, h);
	remember_names(k, h);
}

static void end(struct kernel *k, void *arg)
{
	const struct history *h = arg;
	oracle_check(k, h->d);
}

int history_bind(struct history *h, const struct scenario *s, const struct design_ops *d, const struct geometry *g,
		 struct mmr_err *e)
{
	bool dm = in_direct_map(s);
	u32 from = dm ? g->direct_first : g->vmalloc_first, last = dm ? g->direct_last : g->vmalloc_last;
	*h = (struct history){ .d = d, .s = s, .boot_slot = g->boot_slots[0] };
	h->slot = new_slot(g, from, last);
	h->other = h->slot ? new_slot(g, h->slot + 1, last) : 0;
	if (!h->slot || (s->new_slots > 1 && !h->other))
		return mmr_err(e, -EINVAL, "geometry %s has no room for %u new slots of the %s", g->name, s->new_slots,
			       dm ? "direct map" : "vmalloc range");
	h->programs = (struct check_programs){
		.cpus = s->cpus,
		.setup = begin,
		.final = end,
		.world_size = d->world_size ? *d->world_size : 0,
		.mm_size = d->mm_size ? *d->mm_size : 0,
	};
	memcpy(h->programs.program, s->program, sizeof(s->program));
	return 0;
}
