/*
 * Parts of workloads whose file is in order and whose history need not be: a
 * part is refused, with a reason, or written; and of a possible history every
 * part is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/mmw_input.h"
#include "tests/support/mmw_check.h"
#include "tracegen/subset.h"

/* A file of its own for each run: removed at once when it was made. */
static void part(const struct mmw_reader *r, const struct sub_options *o, bool possible)
{
	static volatile sig_atomic_t stop;
	static char out[64];
	struct sub_result result;
	struct mmr_err e = { 0 };
	struct mmw_check check;
	if (!*out)
		snprintf(out, sizeof(out), "/tmp/mmreplay-fuzz-%d.mmw", (int)getpid());
	int ret = sub_run(r, out, o, &stop, NULL, NULL, &result, &e);
	if (ret) {
		if (ret != e.code || !*e.text || !access(out, F_OK))
			abort();
		return;
	}
	if (mmw_check(out, NULL, NULL, &check, &e) || check.events != result.written || (possible && check.violations))
		abort();
	unlink(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = mmw_input(data, size);
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_check check;
	if (mmw_open(path, &r, &e))
		return 0;
	uint64_t end = mmw_header(r)->duration_ns;
	bool possible = !mmw_check(path, NULL, NULL, &check, &e) && !check.violations;
	struct sub_options o = { .to = { SUB_SINCE_START, end - end / 3 } };
	part(r, &o, possible);
	o.from = (struct sub_when){ SUB_SINCE_START, end / 2 };
	o.anonymise = true;
	part(r, &o, possible);
	o.root[o.roots++] = (struct sub_root){ true, 2 };
	part(r, &o, possible);
	o = (struct sub_options){ .roots = 2, .root = { { true, 1 }, { false, 1000 } } };
	part(r, &o, possible);
	mmw_close(r);
	return 0;
}
