/* The machine runs until the events are written. */
#include "tracegen/generate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schemas/command.h"

#define CHECK_EVERY 16384 /* timers between looks at the stop flag */

static const struct gen_profile *const profiles[] = { &gen_fork_storm, &gen_build_farm,    &gen_thread_pool,
						      &gen_exec_chain, &gen_vmalloc_churn, &gen_hotplug,
						      &gen_bbs_2019 };

const struct gen_profile *gen_profile(unsigned i)
{
	return i < sizeof(profiles) / sizeof(*profiles) ? profiles[i] : NULL;
}

const struct gen_profile *gen_profile_by_name(const char *name)
{
	const struct gen_profile *p;
	for (unsigned i = 0; (p = gen_profile(i)); i++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

const char *gen_value_text(const struct gen_profile *p, unsigned key, uint64_t value, char text[32])
{
	if (!(p->thousandths >> key & 1)) {
		snprintf(text, 32, "%" PRIu64, value);
		return text;
	}
	int n = snprintf(text, 32, "%" PRIu64 ".%03u", value / 1000, (unsigned)(value % 1000));
	while (text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
	return text;
}

/* What decides the bytes; its hash stands for the content. */
static void describe(struct mmw_writer *w, const struct gen_options *o)
{
	char set[512] = "", all[640], number[32];
	for (unsigned i = 0; o->profile->keys[i].name; i++) {
		size_t n = strlen(set);
		snprintf(set + n, sizeof(set) - n, "%s%s=%s", i ? " " : "", o->profile->keys[i].name,
			 gen_value_text(o->profile, i, o->set[i], number));
	}
	snprintf(all, sizeof(all), "%s %s events=%" PRIu64 " cpus=%u seed=%" PRIu64 " %s", MMR_VERSION,
		 o->profile->name, o->events, o->cpus, o->seed, set);
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	for (const char *s = all; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211u;
	mmw_info_text(w, MMW_INFO_SOURCE, "tracer", "generate");
	mmw_info_text(w, MMW_INFO_SOURCE, "profile", o->profile->name);
	snprintf(number, sizeof(number), "%" PRIu64, o->seed);
	mmw_info_text(w, MMW_INFO_SOURCE, "seed", number);
	mmw_info_text(w, MMW_INFO_SOURCE, "set", set);
	mmw_info_text(w, MMW_INFO_SOURCE, "generator", "mmreplay " MMR_VERSION);
	mmw_info_text(w, MMW_INFO_SOURCE, "clock", "virtual");
	snprintf(number, sizeof(number), "%016" PRIx64, hash);
	mmw_info_text(w, MMW_INFO_SOURCE, "source_hash", number);
}

static int run(struct gen *g, const struct gen_options *o)
{
	struct gen_timer timer;
	for (uint64_t n = 0; g->left; n++) {
		if (n % CHECK_EVERY == 0) {
			if (o->stop && *o->stop)
				return mmr_err(g->e, -EINTR, "stopped");
			if (o->progress)
				o->progress(o->progress_arg, o->events - g->left, o->events);
		}
		if (!gen_queue_pop(&g->queue, &timer))
			return mmr_err(g->e, -EINVAL, "profile %s came to rest after %" PRIu64 " events",
				       o->profile->name, o->events - g->left);
		struct gen_task *k = gen_task(g, timer.task);
		if (k->timer != timer.order)
			continue;
		k->timer = 0;
		g->now = timer.time_ns;
		if (k->dead)
			gen_free(g, timer.task);
		else
			o->profile->run(g, timer.task);
	}
	return g->error;
}

int gen_run(const struct gen_options *o, const char *path, struct mmr_err *e)
{
	struct gen g = { .profile = o->profile, .cpus = o->cpus, .left = o->events, .rng = o->seed, .e = e };
	memcpy(g.set, o->set, sizeof(g.set));
	int ret = gen_world_init(&g);
	if (ret)
		mmr_err_sys(e, ret, "%s", path);
	else
		ret = mmw_create(path, &g.w, e);
	if (!ret) {
		describe(g.w, o);
		o->profile->setup(&g);
		ret = run(&g, o);
		mmw_set_peaks(g.w, g.peak_tasks, g.peak_mms);
		if (ret)
			mmw_abort(g.w);
		else
			ret = mmw_finish(g.w, e);
	}
	gen_world_free(&g);
	return ret;
}
