#include "tests/support/imported.h"

#include <err.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/mmw_check.h"
#include "tests/support/mmw_text.h"

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

static void report(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	fprintf(stderr, "event %" PRIu64 ": %s\n", event, text);
}

static void look(struct imported *i)
{
	struct mmw_check check;
	if (mmw_check(i->path, report, NULL, &check, &i->e) || mmw_open(i->path, &i->r, &i->e))
		errx(1, "%s", i->e.text);
	i->violations = check.violations;
	i->text = mmw_to_text(i->path, false);
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
