#include "tracegen/import_sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/import_order.h"

typedef bt_component_class_sink_consume_method_status consume_status;
#define CONSUME(what) BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_##what

/* So many messages before the graph gets a word in. */
#define BUDGET 16384

static struct imp_sink *sink_of(bt_self_component_sink *self)
{
	return bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
}

static int out_of_memory(struct imp_sink *s)
{
	imp_no_memory(&s->im);
	return s->error = -ENOMEM;
}

/* ---- a port's messages ---- */

/* The next batch of @p: 1 got some, 0 the stream has ended, -1 babeltrace2's error is set. */
static int fill(struct imp_sink *s, struct imp_port *p)
{
	p->at = p->count = 0;
	s->sh->trace = p->trace;
	switch (bt_message_iterator_next(p->it, &p->msgs, &p->count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return 1;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		return 0;
	default:
		return -1;
	}
}

static bool ns_of(const bt_clock_snapshot *c, int64_t *ns)
{
	return bt_clock_snapshot_get_ns_from_origin(c, ns) == BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK;
}

/* The time of the message at hand; what has none of its own happens with the one before. */
static bool next_time(struct imp_port *p)
{
	const bt_message *m = p->msgs[p->at];
	if (!p->clock || bt_message_get_type(m) != BT_MESSAGE_TYPE_EVENT)
		return true;
	return ns_of(bt_message_event_borrow_default_clock_snapshot_const(m), &p->ns);
}

/* What CLOCK_MONOTONIC in a field lacks to be on the trace's clock. */
static int64_t clock_offset(const bt_clock_class *c)
{
	int64_t seconds, ns;
	uint64_t cycles, freq = bt_clock_class_get_frequency(c);
	bt_clock_class_get_offset(c, &seconds, &cycles);
	if (!freq || __builtin_mul_overflow(seconds, 1000000000ll, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)((unsigned __int128)cycles * 1000000000u / freq), &ns))
		return 0;
	return ns;
}

static int begin_stream(struct imp_sink *s, struct imp_port *p, const bt_stream *stream, const char *path)
{
	const bt_stream_class *sc = bt_stream_borrow_class_const(stream);
	const bt_clock_class *c = bt_stream_class_borrow_default_clock_class_const(sc);
	int host = imp_source_add(&s->source, &s->im, stream, path);
	if (host < 0)
		return host;
	p->host = (uint8_t)host;
	p->clock = c != NULL;
	p->offset_ns = c ? clock_offset(c) : 0;
	p->discarded_events_clock = bt_stream_class_discarded_events_have_default_clock_snapshots(sc);
	p->discarded_packets_clock = bt_stream_class_discarded_packets_have_default_clock_snapshots(sc);
	p->cpu_member = -1;
	const bt_field_class *ctx = bt_stream_class_borrow_packet_context_field_class_const(sc);
	for (uint64_t i = 0; ctx && i < bt_field_class_structure_get_member_count(ctx); i++) {
		const bt_field_class_structure_member *m =
			bt_field_class_structure_borrow_member_by_index_const(ctx, i);
		const bt_field_class *fc = bt_field_class_structure_member_borrow_field_class_const(m);
		if (!strcmp(bt_field_class_structure_member_get_name(m), "cpu_id") &&
		    bt_field_class_type_is(bt_field_class_get_type(fc), BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
			p->cpu_member = (int)i;
	}
	return 0;
}

/* ---- messages ---- */

static void on_event(struct imp_sink *s, struct imp_port *p, const bt_message *m)
{
	struct imp *im = &s->im;
	const bt_event *ev = bt_message_event_borrow_event_const(m);
	struct imp_class *k = imp_class_of(&s->classes, bt_event_borrow_class_const(ev));
	if (__builtin_expect(!k, 0)) {
		out_of_memory(s);
		return;
	}
	k->count++;
	int64_t ns = p->clock ? p->ns : im->started ? im->end : 0;
	bool before = k->perf_record && ns == 0;
	if (__builtin_expect(!p->clock, 0))
		im->assumed[IA_NO_CLOCK]++;
	if (k->kind == IK_NONE || k->bad_layout) {
		im->unresolved[IU_LAYOUT] += k->bad_layout;
		if (before)
			im->events++;
		else
			imp_tick(im, ns);
		return;
	}
	struct imp_raw r = { .ns = ns, .cpu = p->cpu, .host = p->host, .before = before };
	imp_class_read(im, k, ev, p->offset_ns, &r);
	if (before)
		im->events++;
	else
		imp_tick(im, r.ns);
	imp_take(im, &r, ns);
}

static void on_packet(struct imp_port *p, const bt_packet *packet)
{
	if (p->cpu_member < 0)
		return;
	const bt_field *ctx = bt_packet_borrow_context_field_const(packet);
	const bt_field *cpu = bt_field_structure_borrow_member_field_by_index_const(ctx, (uint64_t)p->cpu_member);
	p->cpu = (uint16_t)bt_field_integer_unsigned_get_value(cpu);
}

static void on_lost(struct imp_sink *s, struct imp_port *p, const bt_message *m, bool packets)
{
	uint64_t count = 0;
	int64_t ns = p->clock ? p->ns : s->im.end;
	char what[64];
	bool known;
	if (packets) {
		known = bt_message_discarded_packets_get_count(m, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE;
		if (p->discarded_packets_clock)
			ns_of(bt_message_discarded_packets_borrow_beginning_default_clock_snapshot_const(m), &ns);
	} else {
		known = bt_message_discarded_events_get_count(m, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE;
		if (p->discarded_events_clock)
			ns_of(bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(m), &ns);
	}
	if (!known)
		count = 1; /* "some" */
	if (!count)
		return;
	snprintf(what, sizeof(what), "%s, cpu %u", packets ? "discarded packets" : "discarded events", p->cpu);
	struct imp_raw r = { .kind = IK_LOST, .ns = ns, .cpu = p->cpu, .host = p->host };
	/* It is told when the next packet begins, and lies before that: no disorder of the trace's. */
	if (r.ns < s->im.last || s->im.order)
		r.ns = s->im.last;
	imp_emit_lost(&s->im, &r, (uint32_t)(p - s->port), what, count);
}

static void on_message(struct imp_sink *s, struct imp_port *p, const bt_message *m)
{
	switch (bt_message_get_type(m)) {
	case BT_MESSAGE_TYPE_EVENT:
		on_event(s, p, m);
		return;
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		on_packet(p, bt_message_packet_beginning_borrow_packet_const(m));
		return;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		on_lost(s, p, m, false);
		return;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		on_lost(s, p, m, true);
		return;
	default:
		return;
	}
}

/* ---- the component ---- */

static int no_time(struct imp_sink *s, const struct imp_port *p)
{
	(void)p;
	return s->error = mmr_err(s->im.e, -EINVAL, "event %" PRIu64 ": its time does not fit 64 bits of nanoseconds",
				  s->im.events);
}

static void apply_raw(void *im, const struct imp_raw *r)
{
	imp_apply(im, r);
}

/* The first batch of every port: which hosts and which kinds of events there are must be known before any event. */
static int prime(struct imp_sink *s)
{
	if (imp_merge_init(&s->merge, s->ports))
		return out_of_memory(s);
	for (; s->ready < s->ports; s->ready++) {
		struct imp_port *p = &s->port[s->ready];
		s->sh->steps++;
		p->ns = INT64_MIN;
		int ret = fill(s, p);
		if (ret < 0)
			return -1;
		if (!ret)
			continue;
		const bt_message *m = p->msgs[0];
		if (bt_message_get_type(m) == BT_MESSAGE_TYPE_STREAM_BEGINNING) {
			char path[32];
			snprintf(path, sizeof(path), "stream %" PRIu32, s->ready);
			ret = begin_stream(s, p, bt_message_stream_beginning_borrow_stream_const(m), path);
			if (ret)
				return s->error = ret;
		}
		imp_merge_push(&s->merge, INT64_MIN, s->ready);
	}
	imp_settle(&s->im);
	for (unsigned i = 0; i < s->im.hosts; i++)
		if (imp_declares(&s->im, i, IK_CAPTURE) && !s->im.order) {
			s->im.order = imp_order_new(apply_raw, &s->im, IMP_WINDOW_NS, IMP_WINDOW_EVENTS);
			if (!s->im.order)
				return out_of_memory(s);
		}
	s->primed = true;
	return 0;
}

/* Handle the message at hand of the port that goes first. 1, 0: all have ended, negative: error. */
static int step(struct imp_sink *s)
{
	struct imp_merge *heap = &s->merge;
	if (!heap->count)
		return 0;
	uint32_t n = heap->node[0].port;
	struct imp_port *p = &s->port[n];
	const bt_message *m = p->msgs[p->at];
	on_message(s, p, m);
	bt_message_put_ref(m);
	p->msgs[p->at++] = NULL;
	if (p->at == p->count) {
		s->sh->events = s->im.events;
		if (s->im.events > s->event_cap)
			return s->error = mmr_err(s->im.e, -EINVAL,
						  "after %" PRIu64
						  " events there is still no end: more than its files can hold",
						  s->im.events);
		int ret = fill(s, p);
		if (ret < 0)
			return ret;
		if (!ret) {
			imp_merge_pop(heap);
			return 1;
		}
	}
	if (!next_time(p))
		return no_time(s, p);
	if (p->ns == heap->node[0].key)
		return 1;
	if (imp_merge_stays(heap, p->ns, n))
		heap->node[0].key = p->ns;
	else
		imp_merge_rekey(heap, p->ns);
	return 1;
}

static consume_status consume(bt_self_component_sink *self)
{
	struct imp_sink *s = sink_of(self);
	int ret = s->primed ? 1 : prime(s);
	if (ret < 0)
		return CONSUME(ERROR);
	for (unsigned i = 0; i < BUDGET; i++) {
		ret = step(s);
		if (ret <= 0)
			break;
	}
	if (s->im.failed && !s->error)
		s->error = s->im.failed;
	s->sh->events = s->im.events;
	if (ret < 0 || s->error)
		return CONSUME(ERROR);
	return ret ? CONSUME(OK) : CONSUME(END);
}

static bt_component_class_initialize_method_status initialize(bt_self_component_sink *self,
							      bt_self_component_sink_configuration *config,
							      const bt_value *params, void *data)
{
	struct imp_sink *s = data;
	(void)config;
	(void)params;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), s);
	for (uint32_t i = 0; i < s->ports; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%" PRIu32, i);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL))
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_MEMORY_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status configured(bt_self_component_sink *self)
{
	struct imp_sink *s = sink_of(self);
	for (uint32_t i = 0; i < s->ports; i++) {
		s->sh->steps++;
		s->sh->trace = s->port[i].trace;
		if (bt_message_iterator_create_from_sink_component(
			    self, bt_self_component_sink_borrow_input_port_by_index(self, i), &s->port[i].it))
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

static void finalize(bt_self_component_sink *self)
{
	struct imp_sink *s = sink_of(self);
	for (uint32_t i = 0; s && i < s->ports; i++) {
		struct imp_port *p = &s->port[i];
		for (; p->at < p->count; p->at++)
			bt_message_put_ref(p->msgs[p->at]);
		BT_MESSAGE_ITERATOR_PUT_REF_AND_RESET(p->it);
	}
}

const bt_component_class_sink *imp_sink_class(void)
{
	bt_component_class_sink *c = bt_component_class_sink_create("mmreplay-import", consume);
	if (!c)
		return NULL;
	bt_component_class_sink_set_initialize_method(c, initialize);
	bt_component_class_sink_set_graph_is_configured_method(c, configured);
	bt_component_class_sink_set_finalize_method(c, finalize);
	return c;
}
