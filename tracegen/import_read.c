/* The babeltrace2 graphs: a source.ctf.fs for each trace, our sink, and what their errors mean. */
#include <babeltrace2/babeltrace.h>

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tracegen/import_run.h"

struct reader {
	const struct imp_inputs *in;
	struct imp_shared *sh;
	struct mmr_err *e;
	const char *symbols; /* a list that the user names, NULL none */
	const bt_plugin *plugin;
	const bt_component_class_source *fs;
	/* Traces of one group are read through one component: by trace, the first of its group. */
	unsigned *group;
	struct imp_run run;
};

/* ---- errors ---- */

static const char *reading(const struct reader *rd, unsigned feed)
{
	return rd->in->trace[rd->sh->trace[feed]].path;
}

/* babeltrace2 failed. Its log has gone to standard error, where the parent reads more than its causes say. */
static int bt_failed(struct reader *rd, unsigned feed)
{
	const bt_error *error = bt_current_thread_take_error();
	const char *reason = "babeltrace2 gives no reason";
	if (error && bt_error_get_cause_count(error))
		reason = bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0));
	rd->sh->babeltrace2 = true;
	rd->sh->fatal = feed;
	mmr_err(rd->e, -EINVAL, "%s: cannot be read: %s", reading(rd, feed), reason);
	if (error)
		bt_error_release(error);
	return -EINVAL;
}

/* A feed has ended with an error. */
static int feed_failed(struct reader *rd, struct imp_feed *f)
{
	if (!f->text.text[0])
		return bt_failed(rd, f->number);
	rd->sh->fatal = f->number;
	return mmr_err(rd->e, f->error, "%s: %s", reading(rd, f->number), f->text.text);
}

/* ---- sources ---- */

static bt_value *one_input(const char *path)
{
	bt_value *params = bt_value_map_create(), *inputs;
	if (params && (bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) ||
		       bt_value_array_append_string_element(inputs, path)))
		BT_VALUE_PUT_REF_AND_RESET(params);
	return params;
}

/* What physical traces of one logical trace have in common (their UUID), "" when it stands alone. */
static void group_of(struct reader *rd, const char *path, char *group, size_t size)
{
	bt_value *params = bt_value_map_create();
	const bt_value *result = NULL, *g;
	bt_query_executor *q = NULL;
	group[0] = '\0';
	if (!params || bt_value_map_insert_string_entry(params, "input", path) ||
	    bt_value_map_insert_string_entry(params, "type", "directory"))
		goto out;
	q = bt_query_executor_create(bt_component_class_source_as_component_class_const(rd->fs),
				     "babeltrace.support-info", params);
	if (q && bt_query_executor_query(q, &result) == BT_QUERY_EXECUTOR_QUERY_STATUS_OK && bt_value_is_map(result)) {
		g = bt_value_map_borrow_entry_value_const(result, "group");
		if (g && bt_value_is_string(g))
			snprintf(group, size, "%s", bt_value_string_get(g));
	}
out:
	bt_current_thread_clear_error();
	bt_value_put_ref(result);
	bt_query_executor_put_ref(q);
	bt_value_put_ref(params);
}

/* Chunks of a session and snapshots of one belong together: the same UUID. */
static int find_groups(struct reader *rd)
{
	unsigned n = rd->in->count;
	char(*name)[128] = calloc(n, sizeof(*name));
	rd->group = calloc(n, sizeof(*rd->group));
	if (!name || !rd->group) {
		free(name);
		return mmr_err_sys(rd->e, -ENOMEM, "%u traces", n);
	}
	for (unsigned i = 0; i < n; i++) {
		rd->sh->trace[0] = i;
		rd->sh->steps++;
		/* The question parses the metadata: not for one trace alone. */
		if (n > 1)
			group_of(rd, rd->in->trace[i].path, name[i], sizeof(name[i]));
		rd->group[i] = i;
		for (unsigned j = 0; j < i && name[i][0] && rd->group[i] == i; j++)
			if (!strcmp(name[i], name[j]))
				rd->group[i] = j;
	}
	free(name);
	return 0;
}

/* The source component of the group that begins with trace @first. */
static int add_source(struct reader *rd, struct imp_feed *f, unsigned first, const bt_component_source **source)
{
	char name[16];
	bt_value *params = one_input(rd->in->trace[first].path), *inputs;
	if (!params)
		return mmr_err_sys(rd->e, -ENOMEM, "%s", rd->in->trace[first].path);
	inputs = bt_value_map_borrow_entry_value(params, "inputs");
	for (unsigned i = first + 1; i < rd->in->count; i++)
		if (rd->group[i] == first && bt_value_array_append_string_element(inputs, rd->in->trace[i].path)) {
			bt_value_put_ref(params);
			return mmr_err_sys(rd->e, -ENOMEM, "%s", rd->in->trace[i].path);
		}
	snprintf(name, sizeof(name), "trace%u", first);
	rd->sh->trace[f->number] = first;
	rd->sh->steps++;
	int ret = bt_graph_add_source_component(f->graph, rd->fs, name, params, BT_LOGGING_LEVEL_WARNING, source);
	bt_value_put_ref(params);
	return ret ? bt_failed(rd, f->number) : 0;
}

/* All sources in @f's graph; @source: by trace, NULL but for the first of a group. Counts their ports. */
static int add_sources(struct reader *rd, struct imp_feed *f, const bt_component_source **source, uint32_t *ports)
{
	f->sh = rd->sh;
	f->graph = bt_graph_create(0);
	if (!f->graph)
		return mmr_err_sys(rd->e, -ENOMEM, "babeltrace2");
	*ports = 0;
	for (unsigned i = 0; i < rd->in->count; i++) {
		if (rd->group[i] != i)
			continue;
		int ret = add_source(rd, f, i, &source[i]);
		if (ret)
			return ret;
		*ports += (uint32_t)bt_component_source_get_output_port_count(source[i]);
	}
	return 0;
}

/* Our sink in @f's graph, connected to @f's share of the ports. */
static int add_sink(struct reader *rd, struct imp_feed *f, const bt_component_source **source)
{
	const bt_component_class_sink *class = imp_feed_class();
	const bt_component_sink *sink = NULL;
	uint32_t port = 0, mine = 0;
	if (!class)
		return mmr_err_sys(rd->e, -ENOMEM, "babeltrace2");
	int ret = bt_graph_add_sink_component_with_initialize_method_data(f->graph, class, "import", NULL, f,
									  BT_LOGGING_LEVEL_WARNING, &sink);
	bt_component_class_sink_put_ref(class);
	for (unsigned i = 0; i < rd->in->count && !ret; i++) {
		uint64_t n = source[i] ? bt_component_source_get_output_port_count(source[i]) : 0;
		for (uint64_t j = 0; j < n && !ret; j++, port++) {
			if (port % f->feeds != f->number)
				continue;
			rd->sh->steps++;
			f->port[port].trace = i;
			ret = bt_graph_connect_ports(
				f->graph, bt_component_source_borrow_output_port_by_index_const(source[i], j),
				bt_component_sink_borrow_input_port_by_index_const(sink, mine++), NULL);
		}
	}
	return ret ? bt_failed(rd, f->number) : 0;
}

/* ---- the whole ---- */

static unsigned feeds_for(uint32_t ports)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = cpus < 1 ? 1 : cpus > IMP_FEEDS_MAX ? IMP_FEEDS_MAX : (unsigned)cpus;
	return n < ports ? n : ports;
}

static int open_feeds(struct reader *rd, uint64_t event_cap, const bt_component_source **source)
{
	struct imp_run *run = &rd->run;
	uint32_t ports;
	int ret = add_sources(rd, &run->feed[0], source, &run->ports);
	if (ret)
		return ret;
	if (!run->ports)
		return mmr_err(rd->e, -EINVAL, "%s: holds no stream", rd->in->trace[0].path);
	run->port = calloc(run->ports, sizeof(*run->port));
	if (!run->port)
		return mmr_err_sys(rd->e, -ENOMEM, "%" PRIu32 " streams", run->ports);
	run->feeds = feeds_for(run->ports);
	for (unsigned i = 0; i < run->feeds; i++) {
		struct imp_feed *f = &run->feed[i];
		f->number = i;
		f->feeds = run->feeds;
		f->port = run->port;
		f->ports = run->ports;
		f->event_cap = event_cap;
		f->capture.chains = &run->chains;
		if (i) {
			ret = add_sources(rd, f, source, &ports);
			if (!ret && ports != run->ports)
				ret = mmr_err(rd->e, -EINVAL, "%s: it changes while it is read", rd->in->trace[0].path);
		}
		if (!ret && imp_feed_init(f))
			ret = mmr_err_sys(rd->e, -ENOMEM, "%" PRIu32 " streams", run->ports);
		if (!ret)
			ret = add_sink(rd, f, source);
		if (!ret && imp_feed_prime(f))
			ret = feed_failed(rd, f);
		if (ret)
			return ret;
	}
	return 0;
}

static int learn(struct reader *rd)
{
	struct imp_run *run = &rd->run;
	if (imp_source_init(&run->source, rd->in->count))
		return mmr_err_sys(rd->e, -ENOMEM, "%u traces", rd->in->count);
	for (uint32_t i = 0; i < run->ports; i++) {
		struct imp_port *p = &run->port[i];
		int ret = imp_port_learn(p, &run->source, &run->im, rd->in->trace[p->trace].path);
		if (ret)
			return ret;
	}
	return 0;
}

static int open_all(struct reader *rd, uint64_t event_cap)
{
	const bt_component_source **source = calloc(rd->in->count, sizeof(*source));
	bt_logging_set_global_level(BT_LOGGING_LEVEL_WARNING);
	/* Where in the metadata an error is: the parser says it in its log only, and has a level of its own. */
	setenv("BABELTRACE_PLUGIN_CTF_METADATA_LOG_LEVEL", "ERROR", 1);
	if (!source)
		return mmr_err_sys(rd->e, -ENOMEM, "%u traces", rd->in->count);
	int ret = 0;
	if (bt_plugin_find("ctf", BT_TRUE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &rd->plugin) ==
	    BT_PLUGIN_FIND_STATUS_OK)
		rd->fs = bt_plugin_borrow_source_component_class_by_name_const(rd->plugin, "fs");
	if (!rd->fs)
		ret = mmr_err(rd->e, -ENOPKG,
			      "babeltrace2's source.ctf.fs cannot be found: is libbabeltrace2 complete?");
	rd->sh->steps++;
	if (!ret)
		ret = find_groups(rd);
	if (!ret)
		ret = open_feeds(rd, event_cap, source);
	if (!ret)
		ret = learn(rd);
	free(source);
	return ret;
}

/* Events that the trace declares and does not hold, while it does hold system calls that say the same. */
static uint32_t missing(const struct imp *im)
{
	uint32_t kinds = 0;
	for (unsigned i = 0; i < im->hosts; i++) {
		uint32_t native = ~im->host[i].stand_in;
		if (native & 1u << IK_EXEC && !im->seen[IK_EXEC] && im->seen[IK_SYS_EXEC])
			kinds |= 1u << IK_EXEC;
		if (native & 1u << IK_EXIT && !im->seen[IK_EXIT] &&
		    (im->seen[IK_SYS_EXIT] || im->seen[IK_SYS_EXIT_GROUP]))
			kinds |= 1u << IK_EXIT;
	}
	return kinds;
}

/* Wait for the threads, and add up what they counted. */
static void gather(struct reader *rd)
{
	struct imp *im = &rd->run.im;
	for (unsigned i = 0; i < rd->run.feeds; i++) {
		struct imp_feed *f = &rd->run.feed[i];
		imp_feed_stop(f);
		im->events += f->events;
		im->assumed[IA_NO_CLOCK] += f->no_clock;
		im->unresolved[IU_LAYOUT] += f->bad_layout;
		if (f->first <= f->last && f->last > im->end)
			im->end = f->last;
	}
}

struct named {
	const char *name;
	uint64_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* Events by name, in the order of the names: how many threads there were does not show. */
static int count_events(struct reader *rd, struct mmw_writer *w)
{
	size_t n = 0, room = 0;
	for (unsigned i = 0; i < rd->run.feeds; i++)
		room += rd->run.feed[i].classes.used;
	struct named *all = calloc(room + 1, sizeof(*all));
	if (!all)
		return mmr_err_sys(rd->e, -ENOMEM, "event classes");
	for (unsigned i = 0; i < rd->run.feeds; i++)
		for (const struct imp_class *k = rd->run.feed[i].classes.first; k; k = k->next) {
			const char *name = bt_event_class_get_name(k->key);
			if (k->count)
				all[n++] = (struct named){ name ? name : "<unknown>", k->count };
		}
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++)
		mmw_info_count(w, MMW_INFO_SOURCE_EVENT, all[i].name, all[i].count);
	free(all);
	return 0;
}

static const struct imp_capture *capture_of(const struct reader *rd)
{
	for (unsigned i = 0; i < rd->run.feeds; i++)
		if (rd->run.feed[i].capture.host[0])
			return &rd->run.feed[i].capture;
	return &rd->run.feed[0].capture;
}

/* The capture is of the machine that we are on: its symbols are at hand. */
static bool is_here(const struct reader *rd)
{
	const struct imp_capture *c = capture_of(rd);
	const struct imp_source *s = &rd->run.source;
	struct utsname here;
	return !uname(&here) && !strcmp(here.nodename, c->host[0] ? c->host : s->host) &&
	       !strcmp(here.release, c->kernel[0] ? c->kernel : s->kernel);
}

/* How the kernel waited for its locks. */
static int write_contention(struct reader *rd, struct mmw_writer *w)
{
	struct imp *im = &rd->run.im;
	struct imp_names names = { .path = rd->symbols, .chosen = rd->symbols, .base = im->kernel_base };
	if (!names.path && is_here(rd))
		names.path = "/proc/kallsyms";
	int ret = imp_waits_write(&im->waits, &rd->run.chains, &names, im->origin, w,
				  &im->assumed[IA_CONTENTION_NAMELESS], rd->e);
	if (!ret && rd->run.chains.no_memory)
		ret = -ENOMEM;
	return ret == -ENOMEM ? mmr_err_sys(rd->e, ret, "lock contention") : ret;
}

static int finish(struct reader *rd, struct mmw_writer *w)
{
	struct imp *im = &rd->run.im;
	imp_end(im);
	imp_source_write(&rd->run.source, im, rd->in, rd->run.ports, capture_of(rd));
	int ret = write_contention(rd, w);
	imp_write_counts(im);
	if (!ret)
		ret = count_events(rd, w);
	for (unsigned i = 0; i < IU_NR; i++)
		rd->sh->unresolved += im->unresolved[i];
	rd->sh->read = im->events;
	rd->sh->added = im->added;
	rd->sh->lost = im->lost;
	return im->failed ? im->failed : ret;
}

static void release(struct reader *rd)
{
	for (unsigned i = 0; i < IMP_FEEDS_MAX; i++)
		imp_feed_end(&rd->run.feed[i]);
	bt_plugin_put_ref(rd->plugin);
	imp_source_free(&rd->run.source);
	imp_free(&rd->run.im);
	imp_chains_free(&rd->run.chains);
	free(rd->run.port);
	free(rd->group);
	free(rd);
}

int imp_read(const struct imp_inputs *in, struct mmw_writer *w, const char *symbols, uint64_t event_cap,
	     uint32_t stand_in, struct imp_shared *sh)
{
	struct reader *rd = calloc(1, sizeof(*rd));
	if (!rd)
		return mmr_err_sys(&sh->error, -ENOMEM, "%s", in->trace[0].path);
	rd->in = in;
	rd->sh = sh;
	rd->e = &sh->error;
	rd->symbols = symbols;
	imp_chains_init(&rd->run.chains);
	/* An arena of the allocator for each thread would be taken from the address space that the trace may use. */
	mallopt(M_ARENA_MAX, IMP_FEEDS_MAX + 1);
	int ret = imp_init(&rd->run.im, w, rd->e);
	if (ret)
		mmr_err_sys(rd->e, ret, "%s", in->trace[0].path);
	rd->run.im.force_stand_in = stand_in;
	if (!ret)
		ret = open_all(rd, event_cap);
	if (!ret) {
		ret = imp_run_merge(&rd->run);
		if (ret && !rd->run.im.failed)
			ret = feed_failed(rd, &rd->run.feed[rd->run.failed_feed]);
		gather(rd);
	}
	if (!ret && !stand_in && missing(&rd->run.im)) {
		sh->stand_in = missing(&rd->run.im);
		ret = -EAGAIN;
	}
	if (!ret)
		ret = finish(rd, w);
	sh->bad_input = ret && ret != -ENOPKG && ret != -ENOMEM && !rd->run.im.failed;
	release(rd);
	return ret;
}
