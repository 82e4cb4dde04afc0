#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/info.h"

#define CHECK_EVERY 65536 /* events between looks at the stop flag */

static int by_forks(const void *a, const void *b)
{
	const struct info_command *x = a, *y = b;
	if (x->forks != y->forks)
		return x->forks < y->forks ? 1 : -1;
	if (x->threads != y->threads)
		return x->threads < y->threads ? 1 : -1;
	if (x->execs != y->execs)
		return x->execs < y->execs ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int read_events(struct info *info, struct info_life *life, volatile sig_atomic_t *stop, struct mmr_err *e)
{
	struct mmw_cursor *c;
	struct mmw_event ev;
	int ret = mmw_cursor_open(info->r, &c, e);
	for (uint64_t n = 0; !ret || ret == 1; n++) {
		if (n % CHECK_EVERY == 0 && *stop) {
			ret = mmr_err(e, -EINTR, "%s: stopped", info->path);
			break;
		}
		ret = mmw_next(c, &ev, e);
		if (ret <= 0)
			break;
		struct info_command *cmd = &info->commands[ev.comm];
		cmd->forks += ev.type == EV_FORK || ev.type == EV_VFORK;
		cmd->threads += ev.type == EV_THREAD;
		cmd->execs += ev.type == EV_EXEC;
		if (info_life_event(life, &ev)) {
			ret = mmr_err_sys(e, -ENOMEM, "%s: its tasks", info->path);
			break;
		}
	}
	mmw_cursor_close(c);
	return ret;
}

/* Equal stretches but for the rest of a nanosecond; the end belongs to the last. */
static int make_intervals(struct info *info, uint32_t intervals)
{
	uint64_t all = info->h->duration_ns;
	info->intervals = all && intervals ? intervals : 1;
	if (info->intervals > all && all)
		info->intervals = (uint32_t)all;
	info->interval = calloc(info->intervals, sizeof(*info->interval));
	if (!info->interval)
		return -ENOMEM;
	for (uint32_t i = 0; i < info->intervals; i++) {
		info->interval[i].start_ns = (uint64_t)((unsigned __int128)all * i / info->intervals);
		info->interval[i].end_ns = (uint64_t)((unsigned __int128)all * (i + 1) / info->intervals);
	}
	return 0;
}

static int allocate(struct info *info, uint32_t intervals)
{
	info->commands = calloc(info->h->strings + 1u, sizeof(*info->commands));
	info->process = calloc(1, sizeof(*info->process));
	info->thread = calloc(1, sizeof(*info->thread));
	if (!info->commands || !info->process || !info->thread || make_intervals(info, intervals))
		return -ENOMEM;
	hist_init(&info->process->us);
	hist_init(&info->thread->us);
	return 0;
}

int info_collect(struct info *info, const char *path, const struct mmw_reader *r, uint32_t intervals,
		 volatile sig_atomic_t *stop, struct mmr_err *e)
{
	*info = (struct info){ .path = path, .r = r, .h = mmw_header(r) };
	const char *streams = mmw_source(r, "streams");
	if (streams)
		info->streams = strtoull(streams, NULL, 10);
	struct info_life *life = allocate(info, intervals) ? NULL : info_life_new(info);
	if (!life) {
		info_free(info);
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	}
	for (uint32_t i = 0; i <= info->h->strings; i++)
		info->commands[i].name = mmw_comm(r, i);
	int ret = read_events(info, life, stop, e);
	info_life_end(life);
	info_life_free(life);
	if (ret) {
		info_free(info);
		return ret;
	}
	qsort(info->commands, info->h->strings + 1u, sizeof(*info->commands), by_forks);
	for (const struct info_command *c = info->commands; info->ncommands <= info->h->strings; c++) {
		if (!c->forks && !c->threads)
			break;
		info->ncommands++;
	}
	return 0;
}

void info_free(struct info *info)
{
	free(info->commands);
	free(info->interval);
	free(info->process);
	free(info->thread);
	info->commands = NULL;
	info->interval = NULL;
	info->process = info->thread = NULL;
}

double info_rate(const struct info *info, uint64_t count)
{
	return info->h->duration_ns ? (double)count * 1e9 / (double)info->h->duration_ns : 0;
}

double info_interval_rate(const struct info_interval *i, uint64_t count)
{
	return i->end_ns > i->start_ns ? (double)count * 1e9 / (double)(i->end_ns - i->start_ns) : 0;
}

double info_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

uint64_t info_lifetime(const struct info_lifetimes *l, double q)
{
	uint64_t ns = hist_quantile(&l->us, q) * 1000;
	/* Whole microseconds: the ends are known better. */
	return ns < l->min_ns ? l->min_ns : ns > l->max_ns ? l->max_ns : ns;
}

const char *info_state_dump(const struct info *info)
{
	const char *says = mmw_source(info->r, "state_dump"), *tracer = mmw_source(info->r, "tracer");
	if (says)
		return says;
	return tracer && !strcmp(tracer, "generate") ? "complete" : "unknown";
}
