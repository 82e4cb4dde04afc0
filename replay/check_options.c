#include "replay/check_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "replay/native/litmus.h"

/* Lines of an interleaving: what fits everywhere, and beyond what the eye does not follow. */
#define WIDTH_MIN 80u
#define WIDTH_DEFAULT 100u
#define WIDTH_MAX 120u

#define DEFAULT_ROUNDS 2000000u
#define DEFAULT_LIMIT 200000u

enum {
	OPT_DESIGN = 256,
	OPT_SCENARIO,
	OPT_MEMORY,
	OPT_ERA,
	OPT_GEOMETRY,
	OPT_LOCK,
	OPT_ENGINE,
	OPT_SCHEDULE,
	OPT_FORMAT,
	OPT_ROUNDS,
	OPT_BARRIER,
	OPT_LIMIT,
	OPT_WIDTH,
};

static const struct argp_option table[] = {
	{ "design", OPT_DESIGN, "LIST", 0,
	  "designs to check (all, negative controls too); NAME:fix=K7,K10 repairs bugs of a design that has them; "
	  "./FILE.so is a design of your own",
	  1 },
	{ "scenario", OPT_SCENARIO, "LIST", 0, "NAME, NAME/RANGE or NAME/RANGE/POLICY (all); `mmreplay list scenarios`",
	  1 },
	{ NULL, 'v', NULL, 0, "print the interleaving that breaks a design, with the fewest changes of CPU", 1 },
	{ "schedule", OPT_SCHEDULE, "FILE", 0, "run the interleavings in FILE, which -v printed, again", 1 },
	{ "memory", OPT_MEMORY, "MODEL", 0, "tso: x86, with store buffers (default); sc: without", 2 },
	{ "era", OPT_ERA, "NAME", 0, "only what that kernel does about new vmalloc entries (each scenario's own)", 2 },
	{ "geometry", OPT_GEOMETRY, "NAME", 0, "a real page-table geometry (the least one that makes sense)", 2 },
	{ "lock", OPT_LOCK, "NAME", 0,
	  "blocking, or ticket, qspinlock word by word (blocking; both others for designs that look at lock words)",
	  2 },
	{ "limit", OPT_LIMIT, "N", 0, "executions of one cell, then it is given up as bounded (200000); 0: none", 2 },
	{ "engine", OPT_ENGINE, "NAME", 0,
	  "check: every interleaving (default); native: the fork x sync race on this machine's CPUs", 3 },
	{ "rounds", OPT_ROUNDS, "N", 0, "native: races of each variant (2000000)", 3 },
	{ "barrier", OPT_BARRIER, "LIST", 0, "native: none, wmb, rmw-fork, mb-fork, mb-sync, mb (all)", 3 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "table or json", 4 },
	{ "width", OPT_WIDTH, "N", 0, "characters in a line of an interleaving, 80 to 240 (the terminal's, up to 120)",
	  4 },
	{ 0 },
};

static uint64_t number(struct argp_state *state, const char *what, const char *arg, uint64_t min, uint64_t max)
{
	char *end;
	errno = 0;
	unsigned long long v = strtoull(arg, &end, 10);
	if (end == arg || *end || *arg == '-' || errno || v < min || v > max)
		argp_error(state, "--%s: '%s' is not a number from %llu to %llu", what, arg, (unsigned long long)min,
			   (unsigned long long)max);
	return v;
}

/* Is @arg @b (true) or @a (false)? */
static bool either(struct argp_state *state, const char *what, const char *arg, const char *a, const char *b)
{
	if (strcmp(arg, a) && strcmp(arg, b))
		argp_error(state, "--%s: '%s' is not %s or %s", what, arg, a, b);
	return !strcmp(arg, b);
}

static void designs(struct check_options *o, struct argp_state *state, const char *arg)
{
	struct mmr_err e = { 0 };
	if (design_choose(arg, "check", o->design, CHECK_LIST_MAX, &o->ndesigns, &e))
		argp_error(state, "--design: %s", e.text);
}

static void add_scenario(struct check_options *o, const struct scenario *s)
{
	for (unsigned i = 0; i < o->nscenarios; i++)
		if (o->scenario[i] == s)
			return;
	o->scenario[o->nscenarios++] = s;
}

static void scenarios(struct check_options *o, struct argp_state *state, char *arg)
{
	unsigned n;
	const struct scenario *all = scenario_all(&n);
	char *save = NULL;
	for (char *word = strtok_r(arg, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		bool known = false;
		for (unsigned i = 0; i < n && o->nscenarios < CHECK_LIST_MAX; i++)
			if (scenario_is(&all[i], word)) {
				known = true;
				add_scenario(o, &all[i]);
			}
		if (!known)
			argp_error(state, "--scenario: none called '%s'; `mmreplay list scenarios` names them", word);
	}
	if (!o->nscenarios)
		argp_error(state, "--scenario: the list is empty");
}

static void barriers(struct check_options *o, struct argp_state *state, char *arg)
{
	char *save = NULL;
	for (char *word = strtok_r(arg, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		unsigned v = 0;
		while (v < LITMUS_VARIANTS && strcmp(litmus_variant[v].name, word))
			v++;
		if (v == LITMUS_VARIANTS)
			argp_error(state, "--barrier: '%s' is not none, wmb, rmw-fork, mb-fork, mb-sync or mb", word);
		o->barriers |= 1u << v;
	}
	if (!o->barriers)
		argp_error(state, "--barrier: the list is empty");
}

static void lock(struct check_options *o, struct argp_state *state, const char *arg)
{
	if (strcmp(arg, "blocking") && strcmp(arg, "ticket") && strcmp(arg, "qspinlock"))
		argp_error(state, "--lock: '%s' is not blocking, ticket or qspinlock", arg);
	o->lock = arg;
}

/* All designs of the engine, each once, by name. */
static void default_designs(struct check_options *o)
{
	unsigned n;
	const struct design_ops *const *d = design_all(&n);
	for (unsigned i = 0; i < n && o->ndesigns < CHECK_LIST_MAX; i++) {
		struct design_choice *last = o->ndesigns ? &o->design[o->ndesigns - 1] : NULL;
		if (strcmp(d[i]->engine, "check") || (last && !strcmp(last->ops->name, d[i]->name)))
			continue;
		struct design_choice *c = &o->design[o->ndesigns++];
		*c = (struct design_choice){ .ops = d[i] };
		strncat(c->label, d[i]->name, sizeof(c->label) - 1);
	}
	o->all_designs = true;
}

static void fill_defaults(struct check_options *o, struct argp_state *state)
{
	unsigned n;
	struct mmr_err e = { 0 };
	const struct scenario *all = scenario_all(&n);
	if (o->schedule && (o->nscenarios || o->native || o->json))
		argp_error(state, "--schedule: the file says what runs, and it is told as a table");
	if (o->native && (o->ndesigns || o->nscenarios || o->lock || o->era || o->geometry || o->verbose))
		argp_error(state, "--engine native races plain code: it takes --rounds, --barrier and --format only");
	if (o->verbose && o->json)
		argp_error(state, "-v: interleavings are for people; not with --format json");
	if (o->era && o->geometry && choice_fits(o->era, o->geometry, NULL, &e))
		argp_error(state, "%s", e.text);
	if (!o->ndesigns)
		default_designs(o);
	if (!o->nscenarios) {
		o->all_scenarios = true;
		for (unsigned i = 0; i < n; i++)
			add_scenario(o, &all[i]);
	}
	/* Of those that nobody named, some may have no such cell. */
	for (unsigned d = 0; o->lock && !o->all_designs && d < o->ndesigns; d++)
		if (!design_find(o->design[d].ops->name, "check", o->lock))
			argp_error(state, "--lock: %s was not built for %s", o->design[d].ops->name, o->lock);
	if (!o->native && (o->barriers || o->rounds))
		argp_error(state, "--rounds and --barrier go with --engine native");
	if (!o->rounds)
		o->rounds = DEFAULT_ROUNDS;
	if (!o->barriers)
		o->barriers = (1u << LITMUS_VARIANTS) - 1;
	struct winsize w;
	if (!o->width)
		o->width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? WIDTH_DEFAULT
			   : w.ws_col < WIDTH_MIN                            ? WIDTH_MIN
			   : w.ws_col > WIDTH_MAX                            ? WIDTH_MAX
									     : w.ws_col;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_options *o = state->input;
	switch (key) {
	case OPT_DESIGN:
		designs(o, state, arg);
		return 0;
	case OPT_SCENARIO:
		scenarios(o, state, arg);
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case OPT_SCHEDULE:
		o->schedule = arg;
		return 0;
	case OPT_MEMORY:
		o->memory = either(state, "memory", arg, "tso", "sc") ? MEMORY_SC : MEMORY_TSO;
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
	case OPT_LOCK:
		lock(o, state, arg);
		return 0;
	case OPT_LIMIT:
		o->limit = number(state, "limit", arg, 0, UINT64_MAX / 2);
		return 0;
	case OPT_ENGINE:
		o->native = either(state, "engine", arg, "check", "native");
		return 0;
	case OPT_ROUNDS:
		o->rounds = number(state, "rounds", arg, 1, 1000000000000ull);
		return 0;
	case OPT_BARRIER:
		barriers(o, state, arg);
		return 0;
	case OPT_FORMAT:
		o->json = either(state, "format", arg, "table", "json");
		return 0;
	case OPT_WIDTH:
		o->width = (unsigned)number(state, "width", arg, WIDTH_MIN, 240);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': designs and scenarios are named with --design and --scenario", arg);
		return 0;
	case ARGP_KEY_END:
		fill_defaults(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void check_options_parse(struct check_options *o, int argc, char **argv)
{
	static const struct argp argp = {
		table,
		parse,
		"",
		"Runs each design through small histories in every interleaving that its CPUs\n"
		"can produce, and says whether an invariant breaks.\v"
		"A cell holds, is broken (with the invariant), bounded (given up at --limit) or\n"
		"excluded (it makes no sense there). Exit status 1 when a design that --design\n"
		"names is broken and is neither a negative control nor one with bugs of its\n"
		"time that were not repaired; without --design, when a scenario has no design\n"
		"that breaks it or none that holds, or a negative control is broken nowhere.",
		NULL,
		NULL,
		NULL
	};
	*o = (struct check_options){ .limit = DEFAULT_LIMIT };
	argp_parse(&argp, argc, argv, 0, NULL, o);
}
