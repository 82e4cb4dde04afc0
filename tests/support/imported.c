#include "tests/support/imported.h"

#include <err.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/mmw_check.h"

/* What a test that failed halfway has left; removed when the program ends. */
static struct {
	char *dir[16];
	bool registered;
} scratch;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void scratch_remove(char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (unsigned i = 0; i < sizeof(scratch.dir) / sizeof(*scratch.dir); i++)
		if (scratch.dir[i] == dir)
			scratch.dir[i] = NULL;
	free(dir);
}

static void remove_rest(void)
{
	for (unsigned i = 0; i < sizeof(scratch.dir) / sizeof(*scratch.dir); i++)
		if (scratch.dir[i])
			scratch_remove(scratch.dir[i]);
}

char *scratch_make(void)
{
	char *dir;
	const char *tmp = getenv("TMPDIR");
	if (asprintf(&dir, "%s/mmreplay-test-XXXXXX", tmp && tmp[0] ? tmp : "/tmp") < 0 || !mkdtemp(dir))
		err(1, "scratch");
	if (!scratch.registered)
		atexit(remove_rest);
	scratch.registered = true;
	for (unsigned i = 0; i < sizeof(scratch.dir) / sizeof(*scratch.dir); i++)
		if (!scratch.dir[i]) {
			scratch.dir[i] = dir;
			break;
		}
	return dir;
}

static void tell(FILE *f, const struct mmw_reader *r, const struct mmw_event *ev)
{
	static const unsigned births = 1u << EV_PRESENT | 1u << EV_FORK | 1u << EV_VFORK | 1u << EV_THREAD;
	if (ev->type == EV_PARENT)
		return;
	fprintf(f, "%" PRIu64 " %s", ev->time_ns, ev_name(ev->type));
	static const struct {
		unsigned flag;
		const char *name;
	} flags[] = { { EV_F_WAIT, "wait" },
		      { EV_F_LEADER, "leader" },
		      { EV_F_LAST, "last" },
		      { EV_F_KTHREAD, "kthread" },
		      { EV_F_ADOPTED, "adopted" } };
	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (ev->flags & flags[i].flag)
			fprintf(f, ",%s", flags[i].name);
	fprintf(f, " %u>%u", ev->task, ev->arg);
	if (ev->mm)
		fprintf(f, " mm%u", ev->mm);
	/* The tids of births have a test of their own. */
	if (ev->aux && !(births & 1u << ev->type))
		fprintf(f, " aux%u", ev->aux);
	if (ev->comm)
		fprintf(f, " %s", mmw_comm(r, ev->comm));
	fputc('\n', f);
}

static void report(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	fprintf(stderr, "event %" PRIu64 ": %s\n", event, text);
}

static void look(struct imported *i)
{
	struct mmw_check check;
	struct mmw_cursor *c;
	struct mmw_event ev;
	size_t size;
	if (mmw_check(i->path, report, NULL, &check, &i->e) || mmw_open(i->path, &i->r, &i->e) ||
	    mmw_cursor_open(i->r, &c, &i->e))
		errx(1, "%s", i->e.text);
	i->violations = check.violations;
	FILE *f = open_memstream(&i->text, &size);
	while (mmw_next(c, &ev, &i->e) > 0)
		tell(f, i->r, &ev);
	fclose(f);
	mmw_cursor_close(c);
}

struct imported imported(const char *const *dirs)
{
	static volatile sig_atomic_t stop;
	const struct imp_limits limits = { .stall_s = 5, .memory = 256u << 20 };
	struct imported i = { 0 };
	struct imp_inputs in;
	unsigned n = 0;
	while (dirs[n])
		n++;
	snprintf(i.path, sizeof(i.path), "%s.mmw", dirs[0]);
	i.ret = imp_inputs_find(&in, (char *const *)dirs, n, &i.e);
	if (!i.ret)
		i.ret = imp_run(&in, i.path, &limits, &stop, NULL, NULL, &i.result, &i.e);
	imp_inputs_free(&in);
	if (!i.ret)
		look(&i);
	return i;
}

struct imported imported_one(const char *dir)
{
	return imported((const char *const[]){ dir, NULL });
}

void imported_free(struct imported *i)
{
	mmw_close(i->r);
	free(i->text);
}

uint64_t imported_count(const struct imported *i, enum mmw_info_group group, const char *key)
{
	for (uint32_t n = 0; n < mmw_header(i->r)->infos; n++) {
		struct mmw_info in = mmw_info(i->r, n);
		if (in.group == group && !strcmp(in.key, key))
			return in.count;
	}
	return 0;
}
