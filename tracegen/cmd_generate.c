/* `mmreplay generate PROFILE -o FILE.mmw`: a synthetic workload. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/generate.h"
#include "tracegen/tracegen.h"

#define EVENTS_MAX 2000000000u /* task ids have 32 bits; the file takes 64 GB */
#define CPUS_MAX 4096u
#define SETS_MAX 64

struct args {
	struct gen_options o;
	const char *profile, *path;
	char *set[SETS_MAX];
	unsigned nset;
};

/* Decimal; k, M and G stand for thousands, where @scaled. */
static bool number(const char *s, bool scaled, uint64_t *out)
{
	char *end;
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	uint64_t v = strtoull(s, &end, 10), by = 1;
	if (errno)
		return false;
	if (scaled && *end) {
		by = *end == 'k' || *end == 'K' ? 1000u : *end == 'M' ? 1000000u : *end == 'G' ? 1000000000u : 0u;
		end++;
	}
	return by && !*end && !__builtin_mul_overflow(v, by, out);
}

/* Decimal with up to three places, in 1/1000. */
static bool thousandths(const char *s, uint64_t *out)
{
	char whole[24];
	size_t n = strcspn(s, ".");
	if (n >= sizeof(whole))
		return false;
	memcpy(whole, s, n);
	whole[n] = '\0';
	if (!number(whole, false, out) || __builtin_mul_overflow(*out, 1000u, out))
		return false;
	if (!s[n])
		return true;
	uint64_t part = 0;
	unsigned unit = 1000;
	for (s += n + 1; *s >= '0' && *s <= '9' && unit > 1; s++)
		part += (uint64_t)(*s - '0') * (unit /= 10);
	return !*s && unit < 1000 && !__builtin_add_overflow(*out, part, out);
}

static uint64_t bounded(struct argp_state *state, const char *option, const char *arg, uint64_t min, uint64_t max)
{
	uint64_t v = 0;
	if (!number(arg, true, &v) || v < min || v > max)
		argp_error(state, "%s is a number from %" PRIu64 " to %" PRIu64 ", not '%s'", option, min, max, arg);
	return v;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;
	switch (key) {
	case 'o':
		a->path = arg;
		return 0;
	case 'n':
		a->o.events = bounded(state, "--events", arg, 1, EVENTS_MAX);
		return 0;
	case 'c':
		a->o.cpus = (uint32_t)bounded(state, "--cpus", arg, 1, CPUS_MAX);
		return 0;
	case 's':
		if (!number(arg, false, &a->o.seed))
			argp_error(state, "--seed is a number from 0 to %" PRIu64 ", not '%s'", UINT64_MAX, arg);
		return 0;
	case 'S':
		if (a->nset == SETS_MAX)
			argp_error(state, "more than %d times --set", SETS_MAX);
		a->set[a->nset++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->profile)
			argp_error(state, "one PROFILE at a time");
		a->profile = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->profile)
			argp_error(state, "which PROFILE? `mmreplay list profiles` names them");
		if (!a->path)
			argp_error(state, "where to? -o FILE.mmw is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The part of --help that the table of profiles knows; freed by argp. */
static char *help(int key, const char *text, void *input)
{
	char *out = NULL;
	size_t size;
	const struct gen_profile *p;
	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	FILE *f = open_memstream(&out, &size);
	if (!f)
		return (char *)text;
	fputs("Profiles, and the keys of --set with their defaults and bounds:\n", f);
	for (unsigned i = 0; (p = gen_profile(i)); i++) {
		fprintf(f, "\n  %s: %s\n", p->name, p->about);
		for (unsigned n = 0; p->keys[n].name; n++) {
			const struct gen_key *k = &p->keys[n];
			char value[32], min[32], max[32];
			fprintf(f, "    %-14s %5s  %s..%-9s %s\n", k->name, gen_value_text(p, n, k->value, value),
				gen_value_text(p, n, k->min, min), gen_value_text(p, n, k->max, max), k->about);
		}
	}
	fputs("\nThe same profile, options and seed yield the same file, byte by byte.", f);
	return fclose(f) ? (char *)text : out;
}

static int wrong_key(struct mmr_ctx *ctx, const struct gen_profile *p, const char *set)
{
	char keys[256] = "";
	for (const struct gen_key *k = p->keys; k->name; k++) {
		size_t n = strlen(keys);
		snprintf(keys + n, sizeof(keys) - n, "%s%s", n ? ", " : "", k->name);
	}
	return cmd_fail(ctx, MMR_BAD_INPUT, "--set %s: %s has the keys %s, as KEY=VALUE", set, p->name, keys);
}

static int choose(struct mmr_ctx *ctx, struct args *a)
{
	const struct gen_profile *p = a->o.profile = gen_profile_by_name(a->profile);
	if (!p) {
		char names[256] = "";
		for (unsigned i = 0; (p = gen_profile(i)); i++) {
			size_t n = strlen(names);
			snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "", p->name);
		}
		return cmd_fail(ctx, MMR_BAD_INPUT, "no profile called '%s': there are %s", a->profile, names);
	}
	for (unsigned i = 0; p->keys[i].name; i++)
		a->o.set[i] = p->keys[i].value;
	for (unsigned n = 0; n < a->nset; n++) {
		const char *set = a->set[n], *eq = strchr(set, '=');
		unsigned i = 0;
		while (p->keys[i].name && eq &&
		       (strncmp(p->keys[i].name, set, (size_t)(eq - set)) || p->keys[i].name[eq - set]))
			i++;
		if (!eq || !p->keys[i].name)
			return wrong_key(ctx, p, set);
		bool ok = p->thousandths >> i & 1 ? thousandths(eq + 1, &a->o.set[i])
						  : number(eq + 1, true, &a->o.set[i]);
		char min[32], max[32];
		if (!ok || a->o.set[i] < p->keys[i].min || a->o.set[i] > p->keys[i].max)
			return cmd_fail(ctx, MMR_BAD_INPUT, "--set %s: %s is a number from %s to %s%s", set,
					p->keys[i].name, gen_value_text(p, i, p->keys[i].min, min),
					gen_value_text(p, i, p->keys[i].max, max),
					p->thousandths >> i & 1 ? ", with up to three decimals" : "");
	}
	return MMR_OK;
}

static void progress(void *arg, uint64_t done, uint64_t total)
{
	cmd_progress(arg, "generate", done, total);
}

int cmd_generate(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "output", 'o', "FILE.mmw", 0, "the workload file to write", 0 },
		{ "events", 'n', "N", 0, "how many events, besides the tasks that are there at the start (1000000)",
		  0 },
		{ "cpus", 'c', "N", 0, "CPUs of the machine that is played (4)", 0 },
		{ "seed", 's', "N", 0, "of the random numbers (1)", 0 },
		{ "set", 'S', "KEY=VALUE", 0, "a parameter of the profile, see below", 0 },
		{ 0 },
	};
	struct argp argp = { options, parse, "PROFILE", "Makes a synthetic workload.\v", NULL, help, NULL };
	struct args a = { .o = { .events = 1000000, .seed = 1, .cpus = 4, .stop = ctx->stop } };
	struct mmr_err e = { 0 };
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	int status = choose(ctx, &a);
	if (status)
		return status;
	a.o.progress = progress;
	a.o.progress_arg = ctx;
	int ret = gen_run(&a.o, a.path, &e);
	if (ret == -EINTR)
		return cmd_stopped(ctx);
	if (ret)
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	return cmd_done(ctx, MMR_OK);
}
