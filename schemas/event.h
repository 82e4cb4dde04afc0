/*
 * event.h - the vocabulary of workload events, shared by every subject.
 *
 * The numbers are part of the .mmw format (mmw.h): never reuse or renumber
 * one; add at the end.
 */
#ifndef MMR_EVENT_H
#define MMR_EVENT_H

#include <stdint.h>

/*
 * What the fields of struct mmw_event mean for each type. task is the actor:
 * the task in whose context the event happened (0: none is known). Ids are
 * dense, from 1, one per generation; 0 is "none".
 *
 * type        task     arg                 mm                  aux
 * present     it       its group leader    its mm (0: kthread) its tid   was there before the trace
 * fork        parent   child               child's new mm      child's   (mm 0: kernel thread)
 * vfork       parent   child               the shared mm       child's   EV_WAIT: parent waits
 * thread      creator  child               the shared mm       child's
 * exec        it       old leader, or 0    its new mm          -         EV_LEADER: took over the leader
 * exit        it       group leader        the mm it left      -         EV_LAST: the group is gone
 * free        it       parent (0 unknown)  -                   -
 * switch      next     previous task       -                   -
 * vmalloc     it or 0  area                top-level slot      pages
 * vfree       it or 0  area                top-level slot      pages
 * purge       it or 0  -                   -                   areas purged
 * hot_add     0        -                   -                   top-level slot, EV_ANY_SLOT: the next free one
 * hot_remove  0        -                   -                   top-level slot
 * sync        0        -                   -                   top-level slot: a walk with nothing new
 * online      0        -                   -                   cpu
 * offline     0        -                   -                   cpu
 * fault       it       -                   -                   top-level slot
 * pin_all     0        -                   -                   -
 * unpin_all   0        -                   -                   -
 * lost        0        stream              -                   events the tracer dropped here (saturating)
 * parent      it       its parent          -                   -         of one that was present; nothing happens
 *
 * A tid is the number that the kernel gave the new task; 0: nobody says. One
 * that takes over its leader (exec, EV_LEADER) goes on under the leader's.
 */
enum ev_type {
	EV_NONE = 0,
	EV_PRESENT,
	EV_FORK,
	EV_VFORK,
	EV_THREAD,
	EV_EXEC,
	EV_EXIT,
	EV_FREE,
	EV_SWITCH,
	EV_VMALLOC,
	EV_VFREE,
	EV_PURGE,
	EV_HOT_ADD,
	EV_HOT_REMOVE,
	EV_SYNC,
	EV_ONLINE,
	EV_OFFLINE,
	EV_FAULT,
	EV_PIN_ALL,
	EV_UNPIN_ALL,
	EV_LOST,
	EV_PARENT,
	EV_NR
};

/* The format reserves room for this many types, so that EV_NR can grow. */
#define EV_MAX 32

enum ev_flag {
	EV_F_WAIT = 1 << 0, /* vfork: the parent sleeps until the child's exec or exit */
	EV_F_LEADER = 1 << 1, /* exec by a thread that was not the leader */
	EV_F_LAST = 1 << 2, /* exit: no task of the group is left */
	EV_F_KTHREAD = 1 << 3, /* present, fork: a kernel thread, without mm */
	EV_F_ADOPTED = 1 << 4, /* present: never seen in a state dump, inferred from an event that names it */
	EV_F_INJECTED = 1 << 5, /* not in the trace: put there by --inject */
};

#define EV_ANY_SLOT UINT32_MAX

/* The name of @type as in the table above, NULL when it is not known. */
const char *ev_name(unsigned type);

/* The type called @name, EV_NONE when there is none. */
enum ev_type ev_by_name(const char *name);

/* One line about @type for `mmreplay list events`; never NULL for a known type. */
const char *ev_describe(unsigned type);

#endif
