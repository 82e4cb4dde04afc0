#include "tracegen/import_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tracer_names[IMP_TRACERS] = { "lttng-kernel", "perf", "mmreplay-ust" };

/* The environment entry @name as text; false: there is none. */
static bool env(const bt_trace *t, const char *name, char *buf, size_t size)
{
	const bt_value *v = bt_trace_borrow_environment_entry_value_by_name_const(t, name);
	if (!v)
		return false;
	if (bt_value_get_type(v) == BT_VALUE_TYPE_STRING)
		snprintf(buf, size, "%s", bt_value_string_get(v));
	else if (bt_value_get_type(v) == BT_VALUE_TYPE_SIGNED_INTEGER)
		snprintf(buf, size, "%" PRId64, bt_value_integer_signed_get(v));
	else
		return false;
	return buf[0];
}

static void append(char *list, size_t size, const char *value)
{
	size_t n = strlen(value), used = strlen(list);
	for (const char *p = list; n && (p = strstr(p, value)); p += n)
		if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ','))
			return;
	if (n)
		snprintf(list + used, size - used, "%s%s", used ? ", " : "", value);
}

static const uint32_t life_kinds =
	1u << IK_FORK | 1u << IK_NEWTASK | 1u << IK_EXEC | 1u << IK_EXIT | 1u << IK_FREE | 1u << IK_PERF_FORK;

/* Which events the trace can have, whose they are, and who shows task life. */
static uint32_t declared(const bt_trace_class *tc, uint32_t *tracers, uint32_t *life)
{
	uint32_t kinds = 0;
	for (uint64_t i = 0; i < bt_trace_class_get_stream_class_count(tc); i++) {
		const bt_stream_class *sc = bt_trace_class_borrow_stream_class_by_index_const(tc, i);
		for (uint64_t j = 0; j < bt_stream_class_get_event_class_count(sc); j++) {
			const bt_event_class *ec = bt_stream_class_borrow_event_class_by_index_const(sc, j);
			const char *name = bt_event_class_get_name(ec);
			const struct imp_map *row = name ? imp_map_find(name) : NULL;
			if (!row)
				continue;
			kinds |= 1u << row->kind;
			*tracers |= 1u << row->tracer;
			if (life_kinds & 1u << row->kind)
				*life |= 1u << row->tracer;
		}
	}
	return kinds;
}

static void tracer_of(struct imp_source *s, const bt_trace *t, uint32_t tracers)
{
	char name[128] = "", major[64], minor[64], patch[64], version[256] = "";
	for (unsigned i = 0; i < IMP_TRACERS; i++)
		if (tracers & 1u << i)
			append(s->tracer, sizeof(s->tracer), tracer_names[i]);
	if (!tracers && env(t, "tracer_name", name, sizeof(name)))
		append(s->tracer, sizeof(s->tracer), name);
	if (env(t, "tracer_major", major, sizeof(major)) && env(t, "tracer_minor", minor, sizeof(minor)))
		snprintf(version, sizeof(version), "%s.%s%s%s", major, minor,
			 env(t, "tracer_patchlevel", patch, sizeof(patch)) ? "." : "",
			 env(t, "tracer_patchlevel", patch, sizeof(patch)) ? patch : "");
	else
		env(t, "version", version, sizeof(version));
	append(s->version, sizeof(s->version), version);
}

/* Times can be merged when both count from 1970, or both from the boot of one host. */
static int clock_of(struct imp_source *s, struct imp *im, const bt_stream *stream, const char *host, const char *path)
{
	const bt_clock_class *c =
		bt_stream_class_borrow_default_clock_class_const(bt_stream_borrow_class_const(stream));
	if (!c)
		return 0;
	const char *name = bt_clock_class_get_name(c);
	append(s->clock, sizeof(s->clock), name ? name : "unnamed");
	if (bt_clock_class_origin_is_unix_epoch(c))
		s->epoch = true;
	else if (!s->boot) {
		s->boot = true;
		snprintf(s->boot_host, sizeof(s->boot_host), "%s", host);
	} else {
		if (strcmp(host, s->boot_host))
			return mmr_err(im->e, -EINVAL,
				       "%s: its clock counts from the boot of %s, another trace's from that of %s: "
				       "their times "
				       "cannot be compared",
				       path, host, s->boot_host);
		im->assumed[IA_CLOCKS]++;
	}
	if (s->epoch && s->boot)
		return mmr_err(
			im->e, -EINVAL,
			"%s: of these traces one counts time from 1970, another from boot: they cannot be merged",
			path);
	return 0;
}

int imp_source_init(struct imp_source *s, unsigned traces)
{
	*s = (struct imp_source){ .host_of = malloc(traces * sizeof(*s->host_of)) };
	for (unsigned i = 0; i < traces && s->host_of; i++)
		s->host_of[i] = -1;
	return s->host_of ? 0 : -ENOMEM;
}

void imp_source_free(struct imp_source *s)
{
	free(s->host_of);
	s->host_of = NULL;
}

int imp_source_add(struct imp_source *s, struct imp *im, const bt_stream *stream, unsigned trace, const char *path)
{
	const bt_trace *t = bt_stream_borrow_trace_const(stream);
	char host[256] = "", kernel[256] = "";
	if (s->host_of[trace] >= 0)
		return s->host_of[trace];
	if (!env(t, "hostname", host, sizeof(host)))
		env(t, "host", host, sizeof(host));
	if (!env(t, "kernel_release", kernel, sizeof(kernel)))
		env(t, "release", kernel, sizeof(kernel));
	int ret = clock_of(s, im, stream, host, path);
	if (ret)
		return ret;
	int n = imp_host(im, host);
	if (n < 0)
		return mmr_err(im->e, -E2BIG, "%s: traces of more than %d hosts", path, IMP_HOSTS_MAX);
	struct imp_host *h = &im->host[n];
	uint32_t tracers = 0;
	h->declared |= declared(bt_trace_borrow_class_const(t), &tracers, &h->tracers);
	if (h->tracers & (h->tracers - 1))
		return mmr_err(
			im->e, -EINVAL,
			"%s: another trace shows the same tasks of host '%s' by another tracer: import one of them",
			path, host);
	append(s->host, sizeof(s->host), host);
	append(s->kernel, sizeof(s->kernel), kernel);
	tracer_of(s, t, tracers);
	s->host_of[trace] = (int16_t)n;
	return n;
}

static void text(const struct imp *im, const char *key, const char *value)
{
	if (value[0])
		mmw_info_text(im->w, MMW_INFO_SOURCE, key, value);
}

/* Of the hosts whose tasks are shown, the worst. */
static const char *state_dump(const struct imp *im)
{
	bool any = false, begun = true, complete = true;
	for (unsigned i = 0; i < im->hosts; i++) {
		const struct imp_host *h = &im->host[i];
		if (!h->tracers)
			continue;
		any = true;
		begun = begun && h->dumping;
		complete = complete && h->dumped;
	}
	return any && complete ? "complete" : any && begun ? "incomplete" : "none";
}

void imp_source_write(const struct imp_source *s, const struct imp *im, const struct imp_inputs *in, uint32_t streams,
		      const struct imp_capture *capture)
{
	char buf[MMW_INFO_VALUE_MAX + 1] = "";
	text(im, "tracer", s->tracer);
	text(im, "tracer_version", s->version);
	text(im, "host", capture->host[0] ? capture->host : s->host);
	text(im, "kernel", capture->kernel[0] ? capture->kernel : s->kernel);
	text(im, "clock", s->clock);
	text(im, "command", capture->command);
	for (unsigned i = 0; i < in->count; i++)
		append(buf, sizeof(buf), in->trace[i].path);
	text(im, "input", buf);
	snprintf(buf, sizeof(buf), "%u", in->count);
	text(im, "traces", buf);
	snprintf(buf, sizeof(buf), "%" PRIu32, streams);
	text(im, "streams", buf);
	text(im, "state_dump", state_dump(im));
	if (s->epoch && im->events) {
		snprintf(buf, sizeof(buf), "%" PRId64, im->origin);
		text(im, "start_epoch_ns", buf);
	}
	uint64_t hash = imp_hash(in->hash, &im->events, sizeof(im->events));
	hash = imp_hash(hash, im->seen, sizeof(im->seen));
	snprintf(buf, sizeof(buf), "%016" PRIx64, hash);
	text(im, "source_hash", buf);
}
