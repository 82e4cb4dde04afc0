/* The babeltrace2 graph: a source.ctf.fs for each trace, our sink, and what their errors mean. */
#include <babeltrace2/babeltrace.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/import_sink.h"

struct reader {
	const struct imp_inputs *in;
	struct imp_shared *sh;
	struct mmr_err *e;
	const bt_plugin *plugin;
	const bt_component_class_source *fs;
	bt_graph *graph;
	const bt_component_source **source; /* the graph's */
	unsigned sources;
	unsigned *first; /* of each source: its first trace */
	struct imp_sink sink;
};

/* ---- errors ---- */

/* The words of a cause without what only babeltrace2's authors can use. */
static void plain(char *buf, size_t size, const char *msg)
{
	snprintf(buf, size, "%s", msg);
	for (char *p = buf; (p = strpbrk(p, "\n\t"));)
		*p = ' ';
	/* "...: stream=0x55..., name=..." is for debuggers. */
	char *addr = strstr(buf, "-addr=");
	if (addr) {
		while (addr > buf && *addr != ':' && *addr != ',')
			addr--;
		*addr = '\0';
	}
	size_t n = strlen(buf);
	while (n && (buf[n - 1] == '.' || buf[n - 1] == ' ' || buf[n - 1] == ':'))
		buf[--n] = '\0';
}

/* One line of babeltrace2's chain of causes: the first is the reason, a later one may name the file. */
static int bt_failed(struct reader *rd, const char *doing)
{
	const bt_error *error = bt_current_thread_take_error();
	const char *path = rd->in->trace[rd->sh->trace].path;
	char reason[320] = "";
	if (rd->sink.error) {
		if (error)
			bt_error_release(error);
		char text[MMR_ERR_TEXT];
		snprintf(text, sizeof(text), "%s", rd->e->text);
		return mmr_err(rd->e, rd->sink.error, "%s%s%s", rd->sink.error == -EINVAL ? path : "",
			       rd->sink.error == -EINVAL ? ": " : "", text);
	}
	if (error && bt_error_get_cause_count(error))
		plain(reason, sizeof(reason), bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
	if (error)
		bt_error_release(error);
	if (rd->sink.im.events)
		return mmr_err(rd->e, -EINVAL, "%s: after event %" PRIu64 ": %s", path, rd->sink.im.events, reason);
	return mmr_err(rd->e, -EINVAL, "%s: %s: %s", path, doing, reason[0] ? reason : "babeltrace2 gives no reason");
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

/* All traces, those of one group (chunks of a session, snapshots) through one component. */
static int add_sources(struct reader *rd)
{
	unsigned n = rd->in->count;
	char(*group)[128] = calloc(n, sizeof(*group));
	bt_value **params = calloc(n, sizeof(*params));
	int ret = 0;
	rd->source = calloc(n, sizeof(*rd->source));
	rd->first = calloc(n, sizeof(*rd->first));
	if (!group || !params || !rd->source || !rd->first)
		ret = mmr_err_sys(rd->e, -ENOMEM, "%u traces", n);
	for (unsigned i = 0; i < n && !ret; i++) {
		const char *path = rd->in->trace[i].path;
		unsigned j = 0;
		rd->sh->trace = i;
		rd->sh->steps++;
		/* The question parses the metadata: not for one trace alone. */
		if (n > 1)
			group_of(rd, path, group[i], sizeof(group[i]));
		while (j < i && !(params[j] && group[i][0] && !strcmp(group[i], group[j])))
			j++;
		if (j == i)
			params[i] = one_input(path);
		else
			ret = bt_value_array_append_string_element(bt_value_map_borrow_entry_value(params[j], "inputs"),
								   path);
		if (ret || !params[j])
			ret = mmr_err_sys(rd->e, -ENOMEM, "%s", path);
	}
	for (unsigned i = 0; i < n && !ret; i++) {
		char name[16];
		if (!params[i])
			continue;
		snprintf(name, sizeof(name), "trace%u", i);
		rd->sh->trace = i;
		rd->sh->steps++;
		if (bt_graph_add_source_component(rd->graph, rd->fs, name, params[i], BT_LOGGING_LEVEL_NONE,
						  &rd->source[rd->sources]))
			ret = bt_failed(rd, "cannot be opened");
		rd->first[rd->sources++] = i;
	}
	for (unsigned i = 0; i < n && params; i++)
		bt_value_put_ref(params[i]);
	free(params);
	free(group);
	return ret;
}

static int add_sink(struct reader *rd)
{
	struct imp_sink *s = &rd->sink;
	const bt_component_class_sink *class;
	const bt_component_sink *sink = NULL;
	uint32_t port = 0;
	for (unsigned i = 0; i < rd->sources; i++)
		s->ports += (uint32_t)bt_component_source_get_output_port_count(rd->source[i]);
	if (!s->ports)
		return mmr_err(rd->e, -EINVAL, "%s: holds no stream", rd->in->trace[0].path);
	s->port = calloc(s->ports, sizeof(*s->port));
	class = s->port ? imp_sink_class() : NULL;
	if (!class)
		return mmr_err_sys(rd->e, -ENOMEM, "%" PRIu32 " streams", s->ports);
	int ret = bt_graph_add_sink_component_with_initialize_method_data(rd->graph, class, "import", NULL, s,
									  BT_LOGGING_LEVEL_NONE, &sink);
	bt_component_class_sink_put_ref(class);
	for (unsigned i = 0; i < rd->sources && !ret; i++) {
		uint64_t n = bt_component_source_get_output_port_count(rd->source[i]);
		for (uint64_t j = 0; j < n && !ret; j++, port++) {
			rd->sh->steps++;
			s->port[port].trace = rd->first[i];
			ret = bt_graph_connect_ports(
				rd->graph, bt_component_source_borrow_output_port_by_index_const(rd->source[i], j),
				bt_component_sink_borrow_input_port_by_index_const(sink, port), NULL);
		}
	}
	return ret ? bt_failed(rd, "cannot be opened") : 0;
}

/* ---- the whole ---- */

static int open_graph(struct reader *rd)
{
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	if (bt_plugin_find("ctf", BT_TRUE, BT_FALSE, BT_TRUE, BT_TRUE, BT_FALSE, &rd->plugin) !=
	    BT_PLUGIN_FIND_STATUS_OK)
		return mmr_err(rd->e, -ENOPKG,
			       "babeltrace2's plugin \"ctf\" cannot be found: is libbabeltrace2 complete?");
	rd->sh->steps++;
	rd->fs = bt_plugin_borrow_source_component_class_by_name_const(rd->plugin, "fs");
	rd->graph = rd->fs ? bt_graph_create(0) : NULL;
	if (!rd->graph)
		return mmr_err(rd->e, -ENOPKG, "babeltrace2 has no source.ctf.fs");
	int ret = add_sources(rd);
	return ret ? ret : add_sink(rd);
}

static int run_graph(struct reader *rd)
{
	for (;;) {
		switch (bt_graph_run_once(rd->graph)) {
		case BT_GRAPH_RUN_ONCE_STATUS_OK:
			continue;
		case BT_GRAPH_RUN_ONCE_STATUS_END:
			return 0;
		default:
			return bt_failed(rd, "cannot be read");
		}
	}
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

static void results(struct reader *rd)
{
	struct imp *im = &rd->sink.im;
	struct imp_shared *sh = rd->sh;
	for (unsigned i = 0; i < IU_NR; i++)
		sh->unresolved += im->unresolved[i];
	sh->events = im->events;
	sh->added = im->added;
	sh->lost = im->lost;
}

int imp_read(const struct imp_inputs *in, struct mmw_writer *w, uint64_t event_cap, uint32_t stand_in,
	     struct imp_shared *sh)
{
	struct reader *rd = calloc(1, sizeof(*rd));
	if (!rd)
		return mmr_err_sys(&sh->error, -ENOMEM, "%s", in->trace[0].path);
	*rd = (struct reader){ .in = in, .sh = sh, .e = &sh->error };
	rd->sink.sh = sh;
	rd->sink.event_cap = event_cap;
	int ret = imp_init(&rd->sink.im, w, &sh->error);
	rd->sink.im.force_stand_in = stand_in;
	if (!ret)
		ret = imp_classes_init(&rd->sink.classes);
	if (ret)
		mmr_err_sys(&sh->error, ret, "%s", in->trace[0].path);
	if (!ret)
		ret = open_graph(rd);
	if (!ret)
		ret = run_graph(rd);
	if (!ret && !stand_in && missing(&rd->sink.im)) {
		sh->stand_in = missing(&rd->sink.im);
		ret = -EAGAIN;
	}
	if (!ret) {
		imp_end(&rd->sink.im);
		ret = rd->sink.im.failed;
	}
	if (!ret) {
		imp_source_write(&rd->sink.source, &rd->sink.im, in, rd->sink.ports);
		imp_classes_count(&rd->sink.classes, w);
		results(rd);
	}
	sh->bad_input = ret && ret != -ENOPKG && !rd->sink.im.failed;
	bt_graph_put_ref(rd->graph);
	bt_plugin_put_ref(rd->plugin);
	imp_classes_free(&rd->sink.classes);
	imp_merge_free(&rd->sink.merge);
	imp_free(&rd->sink.im);
	free(rd->sink.port);
	free(rd->source);
	free(rd->first);
	free(rd);
	return ret;
}
