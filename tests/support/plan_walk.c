#include "tests/support/plan_walk.h"

#include <stdlib.h>

bool plan_find(const struct plan *p, uint32_t event, uint32_t *worker, uint32_t *at)
{
	for (*worker = 0; *worker < p->workers; ++*worker)
		for (*at = 0; *at < p->streams[*worker].n; ++*at)
			if (p->streams[*worker].ops[*at].event == event)
				return true;
	return false;
}

bool plan_ordered(const struct plan *p, uint32_t earlier, uint32_t later)
{
	uint32_t we, ae, wl, al, *need = calloc(p->workers, sizeof(*need));
	if (!need || !plan_find(p, earlier, &we, &ae) || !plan_find(p, later, &wl, &al))
		abort();
	need[wl] = al + 1; /* its own position: all before are done, and its waits */
	for (bool more = true; more;) {
		more = false;
		for (uint32_t w = 0; w < p->workers; w++) {
			const struct wait *at = p->streams[w].waits;
			for (uint32_t i = 0; i < need[w]; at += p->streams[w].ops[i++].waits)
				for (unsigned j = 0; j < p->streams[w].ops[i].waits; j++)
					if (need[at[j].worker] < at[j].position) {
						need[at[j].worker] = at[j].position;
						more = true;
					}
		}
	}
	bool yes = we == wl ? ae < al : need[we] > ae;
	free(need);
	return yes;
}

uint64_t plan_carry_out(const struct plan *p)
{
	uint32_t *done = calloc(p->workers, sizeof(*done)), *wait = calloc(p->workers, sizeof(*wait));
	uint64_t total = 0, last = UINT64_MAX;
	if (!done || !wait)
		abort();
	while (total != last) {
		last = total;
		for (unsigned k = 0; k < p->workers; k++) {
			const struct stream *s = &p->streams[k];
			for (; done[k] < s->n; done[k]++, total++) {
				const struct rop *op = &s->ops[done[k]];
				bool ready = true;
				for (unsigned j = 0; j < op->waits; j++)
					ready &= done[s->waits[wait[k] + j].worker] >= s->waits[wait[k] + j].position;
				if (!ready)
					break;
				wait[k] += op->waits;
			}
		}
	}
	free(done);
	free(wait);
	return total - (uint64_t)p->checkpoints * p->workers;
}
