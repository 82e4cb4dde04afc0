/*
 * Replay's preparation, fed with workloads whose file is in order and whose
 * history need not be: it refuses what makes no sense, and what it accepts has
 * streams of known operations, with waits for workers and positions that exist.
 */
#include <errno.h>
#include <stdlib.h>

#include "replay/plan.h"
#include "tests/fuzz/mmw_input.h"

static void hold(const struct plan *p)
{
	for (unsigned i = 0; i < p->workers; i++) {
		const struct stream *s = &p->streams[i];
		uint64_t waits = 0;
		for (uint32_t n = 0; n < s->n; n++) {
			const struct rop *op = &s->ops[n];
			waits += op->waits;
			if (op->op != OP_CHECKPOINT && (op->op >= EV_NR || op->task > p->handles))
				abort();
		}
		if (waits > s->nwaits)
			abort();
		for (uint32_t n = 0; n < s->nwaits; n++)
			if (s->waits[n].worker >= p->workers || s->waits[n].position > p->streams[s->waits[n].worker].n)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct workload w;
	if (mmw_open(mmw_input(data, size), &r, &e))
		return 0;
	if (!workload_load(r, &w, &e)) {
		bool fits = !workload_fit(&w, 272, 512, 402, 465, &e);
		for (uint64_t i = 0; fits && i < w.n; i++) {
			const struct mmw_event *ev = &w.events[i];
			if (ev->type == EV_VMALLOC && (ev->mm < 402 || ev->mm > 465))
				abort();
		}
		for (unsigned workers = 1; workers <= 3; workers++) {
			struct plan p;
			int ret = plan_make(&w, workers, workers == 2 ? PARTITION_CPU : PARTITION_AUTO, &p, &e);
			if (ret && !*e.text)
				abort();
			if (ret)
				continue;
			hold(&p);
			plan_free(&p);
		}
		workload_free(&w);
	}
	mmw_close(r);
	return 0;
}
