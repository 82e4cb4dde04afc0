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

static int count_commands(struct info *info, volatile sig_atomic_t *stop, struct mmr_err *e)
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
	}
	mmw_cursor_close(c);
	return ret;
}

int info_collect(struct info *info, const char *path, const struct mmw_reader *r, volatile sig_atomic_t *stop,
		 struct mmr_err *e)
{
	*info = (struct info){ .path = path, .r = r, .h = mmw_header(r) };
	const char *streams = mmw_source(r, "streams");
	if (streams)
		info->streams = strtoull(streams, NULL, 10);
	info->commands = calloc(info->h->strings + 1u, sizeof(*info->commands));
	if (!info->commands)
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	for (uint32_t i = 0; i <= info->h->strings; i++)
		info->commands[i].name = mmw_comm(r, i);
	int ret = count_commands(info, stop, e);
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
	info->commands = NULL;
}

double info_rate(const struct info *info, uint64_t count)
{
	return info->h->duration_ns ? (double)count * 1e9 / (double)info->h->duration_ns : 0;
}
