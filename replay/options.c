#include "replay/options.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/surround.h"

/* The two that the question is about. */
#define DEFAULT_DESIGNS "pgd_list,task_list"
#define DEFAULT_ERA "v4.1"
#define DEFAULT_SAMPLE_EVERY 64

enum {
	OPT_DB = 256,
	OPT_DESIGN,
	OPT_ENGINE,
	OPT_TOPOLOGY,
	OPT_EXACT,
	OPT_THREADS,
	OPT_LOCK,
	OPT_ERA,
	OPT_GEOMETRY,
	OPT_ORDER,
	OPT_PACE,
	OPT_SPEED,
	OPT_PARTITION,
	OPT_COPIES,
	OPT_REPEAT,
	OPT_RESUME,
	OPT_NO_REFERENCE,
	OPT_INJECT,
	OPT_MEASURE,
	OPT_SURROUND,
	OPT_DELAY,
	OPT_SEED,
	OPT_TRACE,
	OPT_JOBS = 'j',
};

static const struct argp_option table[] = {
	{ "db", OPT_DB, "FILE", 0, "results store, made if it is not there (mmreplay.db)", 0 },
	{ "design", OPT_DESIGN, "LIST", 0,
	  "designs to run (" DEFAULT_DESIGNS "); `mmreplay list designs` names them. NAME:fix=K7,K10 repairs bugs of a "
	  "design that has them; ./FILE.so is a design of your own (`make design`)",
	  1 },
	{ "engine", OPT_ENGINE, "NAME", 0, "what runs it (native); `mmreplay list engines`", 1 },
	{ "topology", OPT_TOPOLOGY, "SPEC", 0, TOPOLOGY_HELP, 1 },
	{ "exact", OPT_EXACT, NULL, 0, "simulate without the shortcuts that make it fast", 1 },
	{ "threads", OPT_THREADS, "LIST", 0,
	  "worker counts (1,2,.. up to the CPUs there are; simulated by `auto`: to 64)", 1 },
	{ "lock", OPT_LOCK, "LIST", 0, "spinlock kinds (the era's); `mmreplay list locks`", 1 },
	{ "era", OPT_ERA, "NAME", 0, "kernel version that presets lock and geometry (" DEFAULT_ERA ")", 1 },
	{ "geometry", OPT_GEOMETRY, "NAME", 0, "page-table geometry (the era's)", 1 },
	{ "order", OPT_ORDER, "MODE", 0,
	  "what an event waits for: resource (what it depends on), total (the event before it), task (its task's own "
	  "order), free (only what cannot go otherwise)",
	  2 },
	{ "pace", OPT_PACE, "MODE", 0,
	  "asap: as fast as possible; recorded: no event before its recorded time, and latencies from then on", 2 },
	{ "speed", OPT_SPEED, "LIST", 0, "with --pace recorded: so many times as fast as recorded (1), each a setting",
	  2 },
	{ "partition", OPT_PARTITION, "HOW", 0,
	  "which worker gets an event: that of its cpu, of its task (new ones stay with their parent's unless that is "
	  "far ahead), balanced (of its task; new ones go to who has least to do), or auto (cpu when the counts are "
	  "equal, else task)",
	  2 },
	{ "copies", OPT_COPIES, "K", 0, "replay K disjoint copies of the workload at once (1)", 2 },
	{ "repeat", OPT_REPEAT, "N", 0,
	  "runs of each, interleaved (9; as recorded, which takes its time: 3; where the seed decides everything: 1)",
	  2 },
	{ "jobs", OPT_JOBS, "N", 0,
	  "simulated runs at once (as many as there are CPUs here); what they tell is the same", 2 },
	{ "resume", OPT_RESUME, NULL, 0,
	  "do what is left of a sweep that was stopped: runs that the store holds as done are not run again", 2 },
	{ "no-reference", OPT_NO_REFERENCE, NULL, 0,
	  "without the short runs of `null` in between that tell `compare` how far the machine moved", 2 },
	{ "inject", OPT_INJECT, "SPEC", 0,
	  "hot_add:RATE[,max=N] adds top-level slots; hot_remove likewise removes them, sync walks, pin pins and "
	  "unpins all directories; RATE per second of recorded time",
	  3 },
	{ "measure", OPT_MEASURE, "HOW", 0,
	  "off, sampled[=N] (1 operation in N, 64) or full; simulated, measuring costs nothing: full", 3 },
	{ "surround", OPT_SURROUND, "HOW", 0,
	  "none: only the modelled work; calibrated[=NS]: each operation is followed by so much work as the trace "
	  "shows "
	  "after such operations: the median gap to the CPU's next event, of gaps up to NS (1000000)",
	  3 },
	{ "delay", OPT_DELAY, "LOCK=NS", 0, "lengthen every hold of LOCK by NS nanoseconds", 3 },
	{ "trace", OPT_TRACE, "DIR", 0,
	  "write each operation and each lock taken and given back to a new CTF trace, for babeltrace2 or Trace "
	  "Compass; needs lttng-sessiond",
	  3 },
	{ "seed", OPT_SEED, "N", 0, "for the choice of timed operations (1)", 3 },
	{ 0 },
};

/* Copies @arg to the options' own text and cuts it at the commas. */
static unsigned split(struct argp_state *state, const char *what, const char *arg, const char **out)
{
	struct options *o = state->input;
	size_t used = 0;
	if (!arg)
		return 0; /* argp passes none only where none is asked for */
	while (o->text[used] || (used && o->text[used - 1]))
		used += strlen(o->text + used) + 1;
	if (used + strlen(arg) + 2 > sizeof(o->text))
		argp_error(state, "--%s: the list is too long", what);
	char *s = strcpy(o->text + used, arg), *save;
	unsigned n = 0;
	for (char *w = strtok_r(s, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		if (n == LIST_MAX)
			argp_error(state, "--%s: more than %d entries", what, LIST_MAX);
		out[n++] = w;
	}
	if (!n)
		argp_error(state, "--%s: the list is empty", what);
	return n;
}

static uint64_t number(struct argp_state *state, const char *what, const char *arg, uint64_t min, uint64_t max)
{
	char *end;
	if (!arg)
		return min;
	errno = 0;
	unsigned long long v = strtoull(arg, &end, 10);
	if (end == arg || *end || *arg == '-' || errno || v < min || v > max)
		argp_error(state, "--%s: '%s' is not a number from %llu to %llu", what, arg, (unsigned long long)min,
			   (unsigned long long)max);
	return v;
}

static void pace(struct options *o, struct argp_state *state, const char *arg)
{
	if (strcmp(arg, "asap") && strcmp(arg, "recorded"))
		argp_error(state, "--pace: '%s' is not asap or recorded", arg);
	o->recorded = *arg == 'r';
}

static void speed_list(struct options *o, struct argp_state *state, const char *arg)
{
	const char *word[LIST_MAX];
	o->nspeeds = split(state, "speed", arg, word);
	for (unsigned i = 0; i < o->nspeeds; i++) {
		char *end;
		o->speeds[i] = strtod(word[i], &end);
		if (end == word[i] || *end || !(o->speeds[i] >= 1e-3) || !(o->speeds[i] <= 1e6))
			argp_error(state, "--speed: '%s' is not a number from 0.001 to 1000000", word[i]);
	}
}

static void surround(struct options *o, struct argp_state *state, const char *arg)
{
	o->surround_bound_ns = 0;
	snprintf(o->surround_text, sizeof(o->surround_text), "%s", arg);
	if (!strcmp(arg, "calibrated"))
		o->surround_bound_ns = SURROUND_BOUND_NS;
	else if (!strncmp(arg, "calibrated=", 11))
		o->surround_bound_ns = number(state, "surround calibrated", arg + 11, 1, 1000000000);
	else if (strcmp(arg, "none"))
		argp_error(state, "--surround: '%s' is not none, calibrated or calibrated=NS", arg);
}

static void thread_list(struct options *o, struct argp_state *state, const char *arg)
{
	const char *word[LIST_MAX];
	o->nthreads = split(state, "threads", arg, word);
	for (unsigned i = 0; i < o->nthreads; i++)
		o->threads[i] = (unsigned)number(state, "threads", word[i], 1, THREADS_MAX);
}

static void lock_list(struct options *o, struct argp_state *state, const char *arg)
{
	o->nlocks = split(state, "lock", arg, o->locks);
}

static void measure(struct options *o, struct argp_state *state, const char *arg)
{
	if (!strcmp(arg, "off")) {
		o->measure = MEASURE_OFF;
		o->measure_name = "off";
		o->sample_every = 0;
	} else if (!strcmp(arg, "full")) {
		o->measure = MEASURE_FULL;
		o->measure_name = "full";
		o->sample_every = 1;
	} else if (!strncmp(arg, "sampled", 7) && (!arg[7] || arg[7] == '=')) {
		o->measure = MEASURE_SAMPLED;
		o->measure_name = "sampled";
		if (arg[7])
			o->sample_every = (unsigned)number(state, "measure sampled", arg + 8, 2, 1000000);
	} else {
		argp_error(state, "--measure: '%s' is not off, sampled, sampled=N or full", arg);
	}
}

static void append_text(char *to, size_t size, const char *word)
{
	if (*to)
		strncat(to, " ", size - strlen(to) - 1);
	strncat(to, word, size - strlen(to) - 1);
}

static void add_injection(struct options *o, struct argp_state *state, const char *arg)
{
	struct mmr_err e;
	if (o->ninject == LIST_MAX)
		argp_error(state, "--inject: more than %d of them", LIST_MAX);
	if (injection_parse(arg, &o->inject[o->ninject], &e))
		argp_error(state, "%s", e.text);
	o->ninject++;
	append_text(o->inject_text, sizeof(o->inject_text), arg);
}

static void add_delay(struct options *o, struct argp_state *state, const char *arg)
{
	struct lock_delay *d = &o->delay[o->ndelay];
	const char *eq = strchr(arg, '=');
	if (!eq || eq == arg || (size_t)(eq - arg) >= sizeof(d->lock))
		argp_error(state, "--delay: '%s' is not LOCK=NS", arg);
	if (o->ndelay == LIST_MAX)
		argp_error(state, "--delay: more than %d of them", LIST_MAX);
	memcpy(d->lock, arg, (size_t)(eq - arg));
	d->lock[eq - arg] = '\0';
	d->ns = number(state, "delay", eq + 1, 1, 1000000000);
	o->ndelay++;
	append_text(o->delay_text, sizeof(o->delay_text), arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	switch (key) {
	case OPT_DB:
		o->db = arg;
		return 0;
	case OPT_DESIGN:
		o->design_arg = arg;
		return 0;
	case OPT_ENGINE:
		o->engine = engine_find(arg);
		if (!o->engine)
			argp_error(state, "--engine: no engine called '%s'; `mmreplay list engines` names them", arg);
		return 0;
	case OPT_TOPOLOGY:
		o->topology_spec = arg;
		return 0;
	case OPT_EXACT:
		o->exact = true;
		return 0;
	case OPT_THREADS:
		thread_list(o, state, arg);
		return 0;
	case OPT_LOCK:
		lock_list(o, state, arg);
		return 0;
	case OPT_ERA:
		o->era = era_find(arg);
		if (!o->era)
			argp_error(state, "--era: no era called '%s'; `mmreplay list eras` names them", arg);
		return 0;
	case OPT_GEOMETRY:
		o->geometry = geometry_find(arg);
		if (!o->geometry)
			argp_error(state, "--geometry: none called '%s'; `mmreplay list geometries` names them", arg);
		return 0;
	case OPT_ORDER:
		if (order_parse(arg, &o->order))
			argp_error(state, "--order: '%s' is not resource, total, task or free", arg);
		return 0;
	case OPT_PACE:
		pace(o, state, arg);
		return 0;
	case OPT_SPEED:
		speed_list(o, state, arg);
		return 0;
	case OPT_PARTITION:
		if (partition_parse(arg, &o->partition))
			argp_error(state, "--partition: '%s' is not cpu, task, balanced or auto", arg);
		return 0;
	case OPT_COPIES:
		o->copies = (unsigned)number(state, "copies", arg, 1, COPIES_MAX);
		return 0;
	case OPT_JOBS:
		o->jobs = (unsigned)number(state, "jobs", arg, 1, JOBS_MAX);
		return 0;
	case OPT_RESUME:
		o->resume = true;
		return 0;
	case OPT_REPEAT:
		o->repeat = (unsigned)number(state, "repeat", arg, 1, 1000);
		return 0;
	case OPT_NO_REFERENCE:
		o->reference = false;
		return 0;
	case OPT_INJECT:
		add_injection(o, state, arg);
		return 0;
	case OPT_MEASURE:
		measure(o, state, arg);
		return 0;
	case OPT_SURROUND:
		surround(o, state, arg);
		return 0;
	case OPT_DELAY:
		add_delay(o, state, arg);
		return 0;
	case OPT_TRACE:
		if (!*arg)
			argp_error(state, "--trace takes a directory");
		o->trace = arg;
		return 0;
	case OPT_SEED:
		o->seed = number(state, "seed", arg, 0, INT64_MAX);
		return 0;
	case ARGP_KEY_ARG:
		if (o->input)
			argp_error(state, "one INPUT at a time; the second is '%s'", arg);
		o->input = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->measure_name)
			measure(o, state, o->engine->simulated ? "full" : "sampled");
		options_complete(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	static const struct argp argp = {
		table,
		parse,
		"INPUT",
		"Replays a workload under each design and stores what its locks did.\v"
		"INPUT is a .mmw file or a trace directory, which is imported on the fly. Every\n"
		"combination of LISTs is run, the repeats interleaved. Exit status 1 when an\n"
		"invariant was broken.",
		NULL,
		NULL,
		NULL
	};
	*o = (struct options){
		.db = "mmreplay.db",
		.engine = engine_at(0),
		.design_arg = DEFAULT_DESIGNS,
		.era = era_find(DEFAULT_ERA),
		.order = ORDER_RESOURCE,
		.copies = 1,
		.reference = true,
		.surround_text = "none",
		.sample_every = DEFAULT_SAMPLE_EVERY,
		.seed = 1,
	};
	argp_parse(&argp, argc, argv, 0, NULL, o);
}
