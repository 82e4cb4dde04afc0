/*
 * import_tasks.h - who is alive: tasks by generation, their groups and mms.
 *
 * A tid is reused within a second on a busy machine, so a tid names nobody: a
 * slot says which generation is alive under it now, and which dead ones still
 * wait for their free event. Only those are kept; ids are given out densely
 * and never reused. One thread. "No memory" is NULL, or -ENOMEM.
 */
#ifndef MMR_TG_IMPORT_TASKS_H
#define MMR_TG_IMPORT_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "tracegen/pool.h"

#define IMP_TID_MAX (4 * 1024 * 1024) /* the kernel's PID_MAX_LIMIT */

struct imp_mm {
	uint32_t id; /* 0: of tasks that are left out */
	uint32_t users;
};

struct imp_task;

struct imp_group {
	struct imp_task *leader; /* alive or dead; NULL once it is forgotten */
	struct imp_task *members; /* the living ones, through prev and next */
	uint32_t leader_id, live; /* leader_id 0: left out */
};

enum imp_task_flag {
	IT_KTHREAD = 1,
	IT_ADOPTED = 2, /* not from a state dump: an event named it */
	IT_BEFORE = 4, /* was there before the trace */
	IT_LEFT_OUT = 8, /* the recorder's own: tracked, not written */
	IT_SILENT = 32, /* present, and not written yet: its name may still come (imp.silent) */
	IT_OLD_LEADER = 16, /* dead, at the tid of the thread that took over */
};

struct imp_task {
	uint32_t id; /* 0: left out, or a zombie nobody knew */
	uint32_t comm;
	uint32_t parent_id;
	int32_t parent_tid;
	struct imp_slot *slot;
	struct imp_group *group; /* the dead keep it only as the leader of a living group */
	struct imp_mm *mm; /* NULL: kernel thread, or dead */
	struct imp_task *prev, *next; /* in the group, or among the dead of a slot */
	struct imp_task *silent; /* the next one that waits for its name (imp.silent) */
	uint8_t flags;
};

enum imp_slot_bit {
	IS_NEWTASK = 1, /* a newtask event has come, its fork has not */
	IS_TGID = 2, /* perf_fork has said the group of the child to come */
	IS_SYSFLAGS = 4, /* inside a clone-like system call with these flags */
	IS_SYSEXEC = 8, /* inside execve */
	IS_RENAMED = 16, /* exec by a thread: it has got its name, its exec event comes */
	IS_SHOWN = 32, /* a live event named this tid while a state dump is under way */
};

struct imp_slot {
	uint64_t key;
	struct imp_slot *chain;
	struct imp_task *live;
	struct imp_task *dead, *dead_last; /* not freed yet, the oldest first, through next */
	uint32_t new_flags, new_comm, sys_flags, sys_comm, renamed;
	int32_t tid, new_parent, new_tgid;
	int32_t led_from; /* the living one took over as leader and had this tid before; 0 no */
	uint8_t bits, host, dead_count;
};

struct imp_tasks {
	struct pool slots, tasks, groups, mms;
	struct imp_slot **bucket;
	uint32_t buckets, used;
	uint32_t task_ids, mm_ids; /* given out so far */
	uint32_t live_tasks, live_mms, peak_tasks, peak_mms;
};

int imp_tasks_init(struct imp_tasks *t);
void imp_tasks_free(struct imp_tasks *t);

struct imp_slot *imp_slot_find(const struct imp_tasks *t, unsigned host, int32_t tid); /* NULL: nothing known */
struct imp_slot *imp_slot_make(struct imp_tasks *t, unsigned host, int32_t tid);
/* All slots, one after another: begin with *@at 0 and @s NULL; NULL at the end. None may be added or forgotten meanwhile. */
struct imp_slot *imp_slot_next(const struct imp_tasks *t, uint32_t *at, struct imp_slot *s);
/* Forget @s if it holds nothing. */
void imp_slot_tidy(struct imp_tasks *t, struct imp_slot *s);
/* A state dump is over: forget what was kept for it. */
void imp_slots_sweep(struct imp_tasks *t);

/* A new mm without users; give it to a task at once. */
struct imp_mm *imp_mm_new(struct imp_tasks *t, bool left_out);
/*
 * A new generation at @s, where none may be alive, in @group (NULL: its own,
 * as leader), using @mm (NULL: none). @flags: enum imp_task_flag.
 */
struct imp_task *imp_task_new(struct imp_tasks *t, struct imp_slot *s, struct imp_group *group, struct imp_mm *mm,
			      unsigned flags);
/* @task leaves its mm for @mm (NULL: none); the last user's going ends an mm. */
void imp_task_set_mm(struct imp_tasks *t, struct imp_task *task, struct imp_mm *mm);
/*
 * @task leaves mm and group. @keep: its free event is still to come, so it
 * waits among the dead of its slot; else it is gone. True: the group is gone.
 */
bool imp_task_die(struct imp_tasks *t, struct imp_task *task, bool keep);
/* A dead one that was never alive here, with id 0. */
int imp_task_add_zombie(struct imp_tasks *t, struct imp_slot *s);
/* Take the dead @task out of its slot and forget it (the slot stays: imp_slot_tidy). */
void imp_task_forget(struct imp_tasks *t, struct imp_task *task);
/* Whom a free event for the tid of @s means: the oldest dead generation; NULL when none is known. */
struct imp_task *imp_task_to_free(const struct imp_tasks *t, const struct imp_slot *s);
/*
 * exec by a thread: @task goes on at slot @to, its leader's, where nobody may be
 * alive. The old leader, if it is still among the dead, waits for its free at
 * the thread's old tid (exchange_tids()). Returns the old leader's id, 0 when
 * there was none but @task.
 */
uint32_t imp_task_lead(struct imp_tasks *t, struct imp_task *task, struct imp_slot *to);
/* The group whose leader has @tgid, while any of it lives; NULL. */
struct imp_group *imp_group_find(const struct imp_tasks *t, unsigned host, int32_t tgid);

#endif
