/*
 * The .mmw reader, fed with anything: it must refuse or read, never break, and
 * what it accepts must bear `info` and the life-cycle checker, which allocate
 * by the header's numbers.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mmw.h"
#include "tests/fuzz/mmw_input.h"
#include "tests/support/mmw_check.h"
#include "tracegen/info.h"

static void use(const char *path, const struct mmw_reader *r)
{
	static volatile sig_atomic_t stop;
	struct mmr_err e = { 0 };
	struct mmw_check c;
	struct info info;
	for (uint32_t i = 0; i < mmw_header(r)->infos + 2u; i++) {
		struct mmw_info in = mmw_info(r, i);
		if (strlen(in.key) > MMW_INFO_KEY_MAX || strlen(in.text) > MMW_INFO_VALUE_MAX)
			abort();
	}
	for (uint32_t i = 0; i < mmw_header(r)->strings + 2u; i++)
		if (strlen(mmw_comm(r, i)) > MMW_COMM_MAX)
			abort();
	if (info_collect(&info, path, r, INFO_INTERVALS, &stop, &e)) {
		/* Refused: with a reason. */
		if (!e.code || !*e.text)
			abort();
		return;
	}
	info_free(&info);
	if (mmw_check(path, NULL, NULL, &c, &e) || c.events != mmw_header(r)->events)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = mmw_input(data, size);
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	if (mmw_open(path, &r, &e)) {
		if (!e.code || !*e.text || r)
			abort();
		return 0;
	}
	use(path, r);
	mmw_close(r);
	return 0;
}
