#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/import.h"
#include "tracegen/import_order.h"

static const char *const unresolved_names[IU_NR] = {
	[IU_FORK] = "fork",
	[IU_EXEC] = "exec",
	[IU_EXIT] = "exit",
	[IU_FREE] = "free",
	[IU_VFREE] = "vfree",
	[IU_STATE] = "statedump",
	[IU_CONTENTION] = "contention",
	[IU_LAYOUT] = "unknown_layout",
};

static const char *const assumed_names[IA_NR] = {
	[IA_PARENT_ADOPTED] = "fork_by_unseen_parent",
	[IA_LEADER_ADOPTED] = "thread_of_unseen_leader",
	[IA_FORK_FLAGS] = "fork_flags_unknown_own_mm",
	[IA_FORK_GROUP] = "fork_group_unknown_own_process",
	[IA_FORK_FROM_NEWTASK] = "fork_from_newtask_only",
	[IA_FLAGS_BY_CPU] = "fork_flags_by_cpu",
	[IA_EXEC_BY_CALL] = "exec_from_execve",
	[IA_EXEC_BY_UNSEEN] = "exec_by_unseen_thread",
	[IA_EXIT_BY_CALL] = "exit_from_exit_group",
	[IA_EXIT_BY_REUSE] = "exit_from_tid_reuse",
	[IA_EXIT_BY_FREE] = "exit_from_free",
	[IA_EXIT_BY_EXEC] = "exit_from_exec",
	[IA_VFREE_BY_REUSE] = "vfree_from_address_reuse",
	[IA_SWITCH_UNSEEN] = "switch_of_unseen_task",
	[IA_ZOMBIE] = "zombie_at_start_left_out",
	[IA_OUT_OF_ORDER] = "out_of_order",
	[IA_NO_CLOCK] = "no_clock",
	[IA_CLOCKS] = "clocks_taken_as_one",
	[IA_LEFT_OUT] = "recorder_left_out",
	[IA_CONTENTION_NAMELESS] = "contention_caller_unknown",
};

bool imp_count_name(const char *name)
{
	for (unsigned i = 0; i < IU_NR; i++)
		if (!strcmp(name, unresolved_names[i]))
			return true;
	for (unsigned i = 0; i < IA_NR; i++)
		if (!strcmp(name, assumed_names[i]))
			return true;
	return !strcmp(name, "command_name_left_out");
}

int imp_init(struct imp *im, struct mmw_writer *w, struct mmr_err *e)
{
	memset(im, 0, sizeof(*im));
	im->w = w;
	im->e = e;
	int ret = imp_tasks_init(&im->tasks);
	if (!ret)
		ret = imp_areas_init(&im->areas);
	return ret;
}

void imp_free(struct imp *im)
{
	imp_tasks_free(&im->tasks);
	imp_areas_free(&im->areas);
	imp_waits_free(&im->waits);
	imp_order_free(im->order);
	for (unsigned i = 0; i < im->hosts; i++) {
		free(im->host[i].name);
		free(im->host[i].cpu);
	}
}

void imp_no_memory(struct imp *im)
{
	if (!im->failed)
		im->failed = mmr_err_sys(im->e, -ENOMEM, "tasks of the trace");
}

int imp_host(struct imp *im, const char *name)
{
	if (!name)
		name = "";
	for (unsigned i = 0; i < im->hosts; i++)
		if (!strcmp(im->host[i].name, name))
			return (int)i;
	if (im->hosts == IMP_HOSTS_MAX)
		return -1;
	char *copy = strdup(name);
	if (!copy)
		return -1;
	im->host[im->hosts].name = copy;
	return (int)im->hosts++;
}

struct imp_cpu *imp_cpu(struct imp *im, unsigned host, unsigned cpu)
{
	struct imp_host *h = &im->host[host];
	if (cpu < h->cpus)
		return &h->cpu[cpu];
	uint32_t n = (cpu + 16) & ~15u;
	struct imp_cpu *bigger = realloc(h->cpu, n * sizeof(*bigger));
	if (!bigger) {
		imp_no_memory(im);
		return NULL;
	}
	for (uint32_t i = h->cpus; i < n; i++)
		bigger[i] = (struct imp_cpu){ .cur = -1 };
	h->cpu = bigger;
	h->cpus = n;
	return &h->cpu[cpu];
}

static uint64_t time_of(struct imp *im, const struct imp_raw *r)
{
	if (r->before)
		return (uint64_t)im->last - (uint64_t)im->origin;
	if (r->ns < im->last) {
		im->assumed[IA_OUT_OF_ORDER]++;
		return (uint64_t)im->last - (uint64_t)im->origin;
	}
	im->last = r->ns;
	return (uint64_t)r->ns - (uint64_t)im->origin;
}

void imp_emit(struct imp *im, const struct imp_raw *r, enum ev_type type, unsigned flags, uint32_t task, uint32_t arg,
	      uint32_t mm, uint32_t comm, uint32_t aux)
{
	if (im->failed)
		return;
	if (!im->added) {
		if (!r->before && r->ns < im->origin)
			im->origin = r->ns;
		im->last = im->origin;
	}
	struct mmw_event ev = {
		.time_ns = time_of(im, r),
		.task = task,
		.arg = arg,
		.mm = mm,
		.comm = comm,
		.aux = aux,
		.type = (uint8_t)type,
		.flags = (uint8_t)flags,
		.cpu = r->cpu,
	};
	im->added++;
	im->failed = mmw_add(im->w, &ev, im->e);
}

void imp_emit_lost(struct imp *im, const struct imp_raw *r, uint32_t stream, const char *what, uint64_t count)
{
	mmw_info_count(im->w, MMW_INFO_LOST, what, count);
	if (__builtin_add_overflow(im->lost, count, &im->lost))
		im->lost = UINT64_MAX;
	imp_emit(im, r, EV_LOST, 0, 0, stream, 0, 0, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
}

void imp_write_counts(struct imp *im)
{
	for (unsigned i = 0; i < IU_NR; i++)
		if (im->unresolved[i])
			mmw_info_count(im->w, MMW_INFO_UNRESOLVED, unresolved_names[i], im->unresolved[i]);
	for (unsigned i = 0; i < IA_NR; i++)
		if (im->assumed[i])
			mmw_info_count(im->w, MMW_INFO_ASSUMED, assumed_names[i], im->assumed[i]);
	mmw_set_peaks(im->w, im->tasks.peak_tasks, im->tasks.peak_mms);
	mmw_set_duration(im->w, im->events ? (uint64_t)im->end - (uint64_t)im->origin : 0);
}
