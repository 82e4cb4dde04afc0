/*
 * mmreplay.c - the command table, nothing else: which verbs there are, which
 * lists, and what the parts lend each other (schemas/command.h).
 */
#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/analyze.h"
#include "replay/replay.h"
#include "schemas/cmd_list.h"
#include "schemas/command.h"
#include "schemas/safe.h"
#include "tracegen/selftrace.h"
#include "tracegen/tracegen.h"
#include "ui/ui.h"

static const struct mmr_verb verbs[] = {
	{ "record", "record this machine's process life, live", cmd_record },
	{ "generate", "make a synthetic workload", cmd_generate },
	{ "import", "compile traces into a workload", cmd_import },
	{ "info", "what a workload, a trace or a results store holds", cmd_info },
	{ "replay", "run a workload under each design and store what its locks did", cmd_replay },
	{ "calibrate", "measure what things cost on this machine, for simulated ones", cmd_calibrate },
	{ "check", "every interleaving of small histories: does a design hold, and what breaks it", cmd_check },
	{ "report", "the designs side by side, and a verdict", cmd_report },
	{ "compare", "two sessions, designs, runs or stores held against each other", cmd_compare },
	{ "query", "run an SQL statement on a results store", cmd_query },
	{ "list", "what designs, locks, eras, profiles, events, views... there are", cmd_list },
	{ "ui", "browse a results store in the terminal", cmd_ui },
	{ 0 },
};

/* One row a line. */
/* clang-format off */
static const struct mmr_catalogue catalogues[] = {
	{ "designs", list_designs },
	{ "scenarios", list_scenarios },
	{ "engines", list_engines },
	{ "locks", list_locks },
	{ "eras", list_eras },
	{ "geometries", list_geometries },
	{ "topologies", list_topologies },
	{ "events", list_events },
	{ "profiles", list_profiles },
	{ "sources", list_sources },
	{ "views", list_views },
	{ 0 },
};
/* clang-format on */

static const struct mmr_services services = {
	.import = tg_import,
	.results_open = results_open,
	.calibration_read = calibration_read,
	.results_info = results_info,
	.trace_open = tg_trace_open,
	.trace_start = tg_trace_start,
	.trace_look = tg_trace_look,
	.trace_end = tg_trace_end,
};

static volatile sig_atomic_t stop_signal;

static void on_stop(int sig)
{
	/* A second ^C means now. */
	if (stop_signal)
		_exit(128 + sig);
	__atomic_store_n(&stop_signal, sig, __ATOMIC_RELAXED); /* worker threads poll it */
}

static int help(void)
{
	printf("usage: mmreplay VERB [ARGUMENTS]\n\n"
	       "Replays a production workload's process life against competing designs of a\n"
	       "kernel memory-management mechanism, and says which holds its locks longest.\n\n");
	for (const struct mmr_verb *v = verbs; v->name; v++)
		printf("  %-10s %s\n", v->name, v->summary);
	printf("\n`mmreplay help VERB` or `mmreplay VERB --help` says more.\n");
	return fflush(stdout) ? MMR_FAILED : MMR_OK;
}

static const struct mmr_verb *find(const char *name)
{
	for (const struct mmr_verb *v = verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

static int run(const struct mmr_verb *v, struct mmr_ctx *ctx, int argc, char **argv)
{
	char name[64];
	snprintf(name, sizeof(name), "mmreplay %s", v->name);
	argv[0] = name;
	cmd_begin(v->name);
	return v->run(ctx, argc, argv);
}

int main(int argc, char **argv)
{
	char line[4096] = "";
	for (int i = 0; i < argc; i++) {
		char word[1024];
		safe_copy(word, sizeof(word), argv[i]);
		strncat(line, i ? " " : "", sizeof(line) - strlen(line) - 1);
		strncat(line, word, sizeof(line) - strlen(line) - 1);
	}
	struct mmr_ctx ctx = { verbs, catalogues, &services, line, &stop_signal, isatty(STDERR_FILENO) };
	argp_err_exit_status = MMR_BAD_INPUT;
	struct sigaction sa = { .sa_handler = on_stop };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	/* Under nohup the hang-up is somebody else's. */
	struct sigaction hup;
	if (!sigaction(SIGHUP, NULL, &hup) && hup.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);

	if (argc < 2) {
		fprintf(stderr, "usage: mmreplay VERB [ARGUMENTS]; `mmreplay help` lists the verbs\n");
		return MMR_BAD_INPUT;
	}
	const char *name = argv[1];
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("mmreplay %s\n", MMR_VERSION);
		return MMR_OK;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h")) {
		if (argc < 3 || name[0] == '-')
			return help();
		const struct mmr_verb *v = find(argv[2]);
		if (!v)
			return cmd_fail(&ctx, MMR_BAD_INPUT, "no verb called '%s'; `mmreplay help` lists them",
					argv[2]);
		char *args[] = { argv[2], (char *)"--help", NULL };
		return run(v, &ctx, 2, args);
	}
	const struct mmr_verb *v = find(name);
	if (!v)
		return cmd_fail(&ctx, MMR_BAD_INPUT, "no verb called '%s'; `mmreplay help` lists them", name);
	return run(v, &ctx, argc - 1, argv + 1);
}
