/* subset_parts.h - what the rooms of a subset share (subset.h says which there are). */
#ifndef MMR_TG_SUBSET_PARTS_H
#define MMR_TG_SUBSET_PARTS_H

#include "tracegen/idmap.h"
#include "tracegen/subset.h"

/*
 * A task of the tree (of all, without one), from its birth until nobody can
 * name it any more: it is freed, and no thread has it as leader. Tasks and mms
 * are named by their numbers in the input; new is that in the output.
 */
struct sub_task {
	struct idmap_entry e;
	uint32_t new; /* 0: not told; it exited before the beginning, or the beginning is still to come */
	uint32_t tid, comm, mm, leader, parent;
	uint32_t members; /* of a leader: how many of its group live */
	bool exited, kthread, adopted;
};

struct sub_mm {
	struct idmap_entry e;
	uint32_t new, users; /* users: living tasks of the tree */
};

struct sub_area {
	struct idmap_entry e;
	uint32_t new, slot;
};

/* A CPU that is down, a top-level slot to which memory was added. */
struct sub_thing {
	struct idmap_entry e;
};

/* With a tree: a process that was there, as the first reading has shown it. */
struct sub_kin {
	struct idmap_entry e;
	uint32_t parent; /* 0: not said */
	uint8_t inside; /* of the tree; subset_tree.c */
};

struct sub {
	const struct mmw_reader *r;
	const struct sub_options *o;
	struct sub_result *result;
	struct mmr_err *e;
	struct mmw_writer *w;
	const char *path; /* of the input, for messages */

	uint64_t from, to; /* what is kept: from <= time < to */
	bool to_the_end; /* and what happens at the very end */
	bool begun; /* the events at hand are within */
	bool frees; /* the input has free events */
	uint64_t event; /* ordinal of the one at hand */

	struct idmap kin;
	struct idmap tasks, mms, areas, slots, down;
	uint32_t any_slots; /* added in a slot of the replay's choice */
	bool pinned;

	uint32_t task_ids, mm_ids, area_ids; /* given out */
	uint32_t live_tasks, live_mms, peak_tasks, peak_mms;

	uint32_t *name; /* by name in the input: 1 + that in the output; 0: not used yet */
	uint32_t names, kthreads; /* replaced so far */
};

/* ---- subset_tree.c ---- */

/* Read all and decide who of those that were there belongs to the tree. 0 or -errno. */
int sub_tree_read(struct sub *s, const volatile sig_atomic_t *stop);
/* Is @ev, a birth of a process, one of a root? */
bool sub_tree_root(const struct sub *s, const struct mmw_event *ev);
/* Is the present leader @task inside? */
bool sub_tree_present(const struct sub *s, uint32_t task);

/* ---- subset_events.c ---- */

/* One event of the input, in order. 0 or -errno. */
int sub_event(struct sub *s, const struct mmw_event *ev);
/* Hand an event to the writer; its time is rebased here. */
int sub_emit(struct sub *s, struct mmw_event ev);
int sub_no_memory(struct sub *s);
/* Not a possible history: -EBADMSG, with the event at hand, @ev. */
int sub_wrong(struct sub *s, const struct mmw_event *ev, const char *why);
/* Count one as left out. 0. */
int sub_left_out(struct sub *s, enum sub_count why);
struct sub_task *sub_find(const struct sub *s, uint32_t task); /* NULL: not in the books */
/* Its number in the output, 0 for who is not told. */
uint32_t sub_new_of(const struct sub *s, uint32_t task);

/* ---- subset_life.c ---- */

int sub_present(struct sub *s, const struct mmw_event *ev);
int sub_birth(struct sub *s, const struct mmw_event *ev);
int sub_exec(struct sub *s, const struct mmw_event *ev);
int sub_exits(struct sub *s, const struct mmw_event *ev);
int sub_frees(struct sub *s, const struct mmw_event *ev);
int sub_parent(struct sub *s, const struct mmw_event *ev);
/* Tell that @t is there. */
int sub_tell_present(struct sub *s, struct sub_task *t, uint64_t time_ns, uint16_t cpu);

/* ---- subset_state.c ---- */

/* The beginning: tell what is there. 0 or -errno. */
int sub_begin(struct sub *s);

/* ---- subset_names.c ---- */

/* The name in the output of @comm, a name in the input, of a kernel thread or not. */
uint32_t sub_name(struct sub *s, uint32_t comm, bool kthread);

/* ---- subset_contention.c ---- */

/* Less than the whole time was asked for. */
bool sub_is_stretch(const struct sub *s);
/* How the kernel waited for its locks: of the stretch, as far as the input says when. 0 or -ENOMEM. */
int sub_contention_write(struct sub *s);

/* ---- subset_source.c ---- */

/* 0 or -ENOMEM. */
int sub_source_write(struct sub *s);

#endif
