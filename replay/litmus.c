/* What the race of fork and sync loses on this machine, by kind of barrier. */
#include "replay/litmus.h"

#include <stdio.h>

#include "replay/native/litmus.h"
#include "schemas/safe.h"

#define SEED 1

static void print_row(const struct litmus_variant *v, const struct litmus_count *r, bool json, bool first)
{
	if (!json) {
		printf("%-10s %14llu %12llu %8.2f  %s\n", v->name, (unsigned long long)r->rounds,
		       (unsigned long long)r->lost, r->seconds, v->about);
		return;
	}
	printf("%s\n  {\"scenario\": \"fork\", \"engine\": \"native\", \"barrier\": ", first ? "[" : ",");
	json_string(stdout, v->name);
	printf(", \"safe\": %s, \"rounds\": %llu, \"lost\": %llu, \"seconds\": %.3f}", v->safe ? "true" : "false",
	       (unsigned long long)r->rounds, (unsigned long long)r->lost, r->seconds);
}

int check_litmus(struct mmr_ctx *ctx, unsigned variants, uint64_t rounds, bool json)
{
	struct mmr_err e = { 0 };
	struct litmus_count r;
	uint64_t lost_unsafe = 0;
	int cpu[2], status = MMR_OK;
	bool first = true, unsafe = false;
	if (litmus_cpus(cpu, &e))
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	if (!json)
		printf("fork x sync on CPUs %d and %d\n\n%-10s %14s %12s %8s\n", cpu[0], cpu[1], "barrier", "rounds",
		       "lost", "seconds");
	for (unsigned v = 0; v < LITMUS_VARIANTS && !*ctx->stop; v++) {
		if (!(variants >> v & 1))
			continue;
		cmd_progress(ctx, "race", v, LITMUS_VARIANTS);
		if (litmus_run(v, rounds, SEED, cpu, ctx->stop, &r, &e)) {
			cmd_progress_end(ctx);
			return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
		}
		cmd_progress_end(ctx);
		print_row(&litmus_variant[v], &r, json, first);
		first = false;
		if (litmus_variant[v].safe && r.lost)
			status = cmd_fail(ctx, MMR_FAILED, "updates were lost with barrier %s", litmus_variant[v].name);
		unsafe |= !litmus_variant[v].safe;
		lost_unsafe += litmus_variant[v].safe ? 0 : r.lost;
	}
	if (json)
		printf("%s\n]\n", first ? "[" : "");
	if (*ctx->stop)
		return cmd_stopped(ctx);
	if (unsafe && !lost_unsafe)
		cmd_note(ctx, "no update was lost without a full barrier either: more --rounds may show one");
	return status;
}
