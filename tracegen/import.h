/*
 * import.h - how trace events become workload events.
 *
 *   cmd_import.c      the verb, and import on the fly for the other parts
 *   import_inputs.c   what the user named: trace directories, or why not
 *   import_child.c    the confined child process that does the reading
 *   import_read.c     the babeltrace2 graphs
 *   import_explain.c  what their errors mean
 *   import_feed.c     our sink component class, one port per stream, in threads of their own
 *   import_port.c     messages to records
 *   import_run.c      the merge: from the feeds' records to the rooms below
 *   import_merge.c    the heap over the ports
 *   import_table.c    the event map
 *   import_class.c    event classes, resolved once; reading fields
 *   import_order.c    a bounded window that sorts our own LTTng-UST events
 *   import_fork.c     births
 *   import_life.c     exec, exit, free, switch; who handles what
 *   import_present.c  what was there before: state dumps, adopted tasks
 *   import_syscall.c  clone flags from system calls; stand-ins for exec and exit
 *   import_vm.c       vmalloc
 *   import_contention.c  waits for the kernel's locks
 *   import_chains.c   call chains, and whom they name
 *   import_tasks.c    who is alive
 *   import_areas.c    live vmalloc areas
 *   import_emit.c     the way out: writer, times, counts
 *   import_source.c   where the trace comes from
 *
 * All of the reading is in the child process. From import_run.c down it is one
 * thread, and everything hangs on one struct imp. Memory follows what is alive
 * in the trace, not its length. An error (of the writer, or no memory) is kept in imp.failed and
 * ends the reading; functions that return void put theirs there.
 */
#ifndef MMR_TG_IMPORT_H
#define MMR_TG_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/mmw.h"
#include "tracegen/import_areas.h"
#include "tracegen/import_contention.h"
#include "tracegen/import_table.h"
#include "tracegen/import_tasks.h"

/* Counts of what could not be resolved; the names are in import_emit.c. */
enum imp_unresolved {
	IU_FORK, /* its tids make no sense */
	IU_EXEC,
	IU_EXIT,
	IU_FREE,
	IU_VFREE,
	IU_STATE, /* a state dump's entry that makes no sense */
	IU_CONTENTION, /* a wait for a lock without its beginning, or its end */
	IU_LAYOUT, /* an event of a known name without the fields it should have */
	IU_NR
};

/* Counts of what was resolved by an assumption. */
enum imp_assumed {
	IA_PARENT_ADOPTED,
	IA_LEADER_ADOPTED,
	IA_FORK_FLAGS,
	IA_FORK_GROUP,
	IA_FORK_FROM_NEWTASK,
	IA_FLAGS_BY_CPU,
	IA_EXEC_BY_CALL,
	IA_EXEC_BY_UNSEEN,
	IA_EXIT_BY_CALL,
	IA_EXIT_BY_REUSE,
	IA_EXIT_BY_FREE,
	IA_EXIT_BY_EXEC,
	IA_VFREE_BY_REUSE,
	IA_SWITCH_UNSEEN,
	IA_ZOMBIE,
	IA_OUT_OF_ORDER,
	IA_NO_CLOCK, /* counted by the feeds */
	IA_CLOCKS,
	IA_LEFT_OUT,
	IA_CONTENTION_NAMELESS,
	IA_NR
};

struct imp_cpu {
	int32_t cur; /* the task on it, as far as switches have shown; -1 unknown */
	uint32_t sys_flags; /* of a clone-like call by nobody knows whom */
	bool has_sys_flags;
};

/* One host: one space of tids, CPUs and addresses. */
struct imp_host {
	char *name;
	uint32_t tracers; /* bits by enum imp_tracer: who shows task life here */
	uint32_t declared; /* bits by enum imp_kind: some trace of this host has such events */
	uint32_t stand_in; /* bits IK_EXEC, IK_EXIT: system calls stand in for these events */
	struct imp_cpu *cpu;
	uint32_t cpus;
	int32_t recorder_tgid, child_tgid; /* 0: none */
	bool dumping, dumped; /* a state dump has begun; is complete */
};

#define IMP_HOSTS_MAX 250

struct imp_order;

struct imp {
	struct mmw_writer *w; /* borrowed */
	struct mmr_err *e; /* borrowed */
	int failed;
	uint32_t force_stand_in; /* as imp_host.stand_in, for all hosts */

	struct imp_tasks tasks;
	struct imp_areas areas;
	struct imp_waits waits;
	uint64_t kernel_base; /* where perf says that the kernel's text begins; 0 unknown */
	struct imp_order *order; /* NULL: no trace needs it */
	struct imp_host host[IMP_HOSTS_MAX];
	unsigned hosts;
	struct imp_task *silent, *silent_last; /* present ones that wait for their names */

	int64_t origin; /* the time of the first event */
	int64_t end; /* the time of the last event; set by who has read them all */
	int64_t last; /* the latest time handed to the writer */
	uint64_t events, added; /* read, written */
	uint64_t seen[IK_NR];
	uint64_t unresolved[IU_NR], assumed[IA_NR];
	uint64_t lost;
};

/* 0 or -ENOMEM. @w and @e must outlive it. */
int imp_init(struct imp *im, struct mmw_writer *w, struct mmr_err *e);
void imp_free(struct imp *im);

/* The host called @name (NULL: unknown), made when it is new; -1: too many, or no memory. */
int imp_host(struct imp *im, const char *name);
struct imp_cpu *imp_cpu(struct imp *im, unsigned host, unsigned cpu); /* NULL: no memory (failed is set) */
static inline bool imp_declares(const struct imp *im, unsigned host, enum imp_kind kind)
{
	return im->host[host].declared & 1u << kind;
}
/* Which events are to be had is known for all hosts: decide what stands in for what. */
void imp_settle(struct imp *im);

/* Take in one event of interest: through the window, or at once. @now: by the clocks. */
void imp_take(struct imp *im, const struct imp_raw *r, int64_t now);
/* What babeltrace2 says was dropped; not through the window. */
void imp_discarded(struct imp *im, const struct imp_raw *r);
/* Apply one event, in its place in time. */
void imp_apply(struct imp *im, const struct imp_raw *r);
/* Everything is read: what is known only now. Counts go to the writer's tables. */
void imp_end(struct imp *im);

/* Out of memory: sets failed. */
void imp_no_memory(struct imp *im);

/* ---- between the rooms ---- */

/* The living task @tid of @r's host, also one that only a newtask event has shown; NULL. */
struct imp_task *imp_live(struct imp *im, const struct imp_raw *r, int32_t tid);
struct imp_slot *imp_make(struct imp *im, const struct imp_raw *r, int32_t tid); /* NULL: failed is set */
static inline bool imp_tid_ok(int32_t tid)
{
	return tid > 0 && tid <= IMP_TID_MAX;
}
void imp_fork(struct imp *im, const struct imp_raw *r);
void imp_newtask(struct imp *im, const struct imp_raw *r);
void imp_exec(struct imp *im, const struct imp_raw *r, uint32_t comm);
void imp_exit(struct imp *im, const struct imp_raw *r, struct imp_task *t);
/* All of @t's group but @t exit. */
void imp_exit_others(struct imp *im, const struct imp_raw *r, struct imp_task *t, enum imp_assumed why);

void imp_dump_task(struct imp *im, const struct imp_raw *r);
void imp_dump_end(struct imp *im, const struct imp_raw *r);
void imp_perf_before(struct imp *im, const struct imp_raw *r);
void imp_tell_silent(struct imp *im);
/* A task older than the trace that only @r shows. @tgid -1: taken for a leader. */
struct imp_task *imp_adopt(struct imp *im, const struct imp_raw *r, int32_t tid, int32_t tgid, uint32_t comm,
			   enum imp_assumed why);

void imp_syscall(struct imp *im, const struct imp_raw *r);
/* The clone flags of a fork by @ptid that no newtask has told; false: unknown. */
bool imp_flags_of_call(struct imp *im, const struct imp_raw *r, int32_t ptid, uint32_t *flags);

void imp_vmalloc(struct imp *im, const struct imp_raw *r);
void imp_vfree(struct imp *im, const struct imp_raw *r);
void imp_purge(struct imp *im, const struct imp_raw *r);

/* The writer's number of @name. */
static inline uint32_t imp_name(struct imp *im, const char *name)
{
	return mmw_string(im->w, name);
}

/* Hand an event to the writer, at @r's time and CPU. */
void imp_emit(struct imp *im, const struct imp_raw *r, enum ev_type type, unsigned flags, uint32_t task, uint32_t arg,
	      uint32_t mm, uint32_t comm, uint32_t aux);
/* The tracer dropped @count events (or packets) of @stream; @what names the count. */
void imp_emit_lost(struct imp *im, const struct imp_raw *r, uint32_t stream, const char *what, uint64_t count);
void imp_write_counts(struct imp *im);
/* Is @name one under which import counts what it could not resolve, or assumed? */
bool imp_count_name(const char *name);

#endif
