#include "schemas/event.h"

#include <string.h>

static const struct {
	const char *name;
	const char *about;
} vocabulary[EV_NR] = {
	[EV_PRESENT] = { "present", "a task that was there before the trace; set up, not replayed" },
	[EV_FORK] = { "fork", "a process with an mm of its own" },
	[EV_VFORK] = { "vfork", "a process that shares its parent's mm until exec or exit" },
	[EV_THREAD] = { "thread", "a thread of the creator's group" },
	[EV_EXEC] = { "exec", "a new mm replaces the old one" },
	[EV_EXIT] = { "exit", "a task leaves its mm and its group" },
	[EV_FREE] = { "free", "the task object is freed, after a grace period" },
	[EV_SWITCH] = { "switch", "a CPU changes to another task" },
	[EV_VMALLOC] = { "vmalloc", "an area of kernel virtual memory is handed out" },
	[EV_VFREE] = { "vfree", "such an area is given back, lazily" },
	[EV_PURGE] = { "purge", "areas given back are unmapped for good" },
	[EV_HOT_ADD] = { "hot_add", "memory in a new top-level slot of the direct map" },
	[EV_HOT_REMOVE] = { "hot_remove", "such memory taken away" },
	[EV_SYNC] = { "sync", "a walk over all PGDs that finds nothing new" },
	[EV_ONLINE] = { "online", "a CPU comes up" },
	[EV_OFFLINE] = { "offline", "a CPU goes down" },
	[EV_FAULT] = { "fault", "an access to kernel memory through the loaded PGD" },
	[EV_PIN_ALL] = { "pin_all", "all PGDs pinned under stop_machine (Xen suspend)" },
	[EV_UNPIN_ALL] = { "unpin_all", "all PGDs unpinned under stop_machine" },
	[EV_LOST] = { "lost", "a gap: events that the tracer dropped" },
	[EV_PARENT] = { "parent", "whose child a task is that was there before the trace; nothing to replay" },
};

const char *ev_name(unsigned type)
{
	return type < EV_NR ? vocabulary[type].name : NULL;
}

const char *ev_describe(unsigned type)
{
	return type < EV_NR ? vocabulary[type].about : NULL;
}

enum ev_type ev_by_name(const char *name)
{
	for (unsigned i = 1; i < EV_NR; i++)
		if (!strcmp(vocabulary[i].name, name))
			return (enum ev_type)i;
	return EV_NONE;
}
