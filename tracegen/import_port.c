/* A stream's messages become records: of each event only what the event map wants. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tracegen/import_feed.h"

static bool ns_of(const bt_clock_snapshot *c, int64_t *ns)
{
	return bt_clock_snapshot_get_ns_from_origin(c, ns) == BT_CLOCK_SNAPSHOT_GET_NS_FROM_ORIGIN_STATUS_OK;
}

static inline void tick(struct imp_feed *f, int64_t ns)
{
	if (ns < f->first)
		f->first = ns;
	if (ns > f->last)
		f->last = ns;
}

static struct imp_raw *add_record(struct imp_port *p, struct imp_block *b)
{
	struct imp_record *rec = &b->rec[b->count++];
	rec->key = p->ns;
	rec->raw.ns = p->ns;
	rec->raw.cpu = p->cpu;
	rec->raw.host = p->host;
	rec->raw.before = false;
	return &rec->raw;
}

static int on_event(struct imp_feed *f, struct imp_port *p, struct imp_block *b, const bt_message *m)
{
	const bt_event *ev = bt_message_event_borrow_event_const(m);
	struct imp_class *k = imp_class_of(&f->classes, bt_event_borrow_class_const(ev));
	if (!k)
		return mmr_err_sys(&f->text, -ENOMEM, "event classes");
	if (!p->clock)
		f->no_clock++;
	else if (!ns_of(bt_message_event_borrow_default_clock_snapshot_const(m), &p->ns))
		return mmr_err(&f->text, -EINVAL, "event %" PRIu64 ": its time does not fit 64 bits of nanoseconds",
			       f->events);
	f->events++;
	k->count++;
	bool before = k->perf_record && p->ns == 0;
	if (k->kind == IK_NONE || k->bad_layout) {
		f->bad_layout += k->bad_layout;
		if (!before && p->clock)
			tick(f, p->ns);
		return 0;
	}
	struct imp_raw *r = add_record(p, b);
	r->before = before;
	imp_class_read(k, ev, p->offset_ns, r, &f->capture);
	if (!before && p->clock)
		tick(f, r->ns);
	return 0;
}

static void on_packet(struct imp_port *p, const bt_packet *packet)
{
	if (p->cpu_member < 0)
		return;
	const bt_field *ctx = bt_packet_borrow_context_field_const(packet);
	const bt_field *cpu = bt_field_structure_borrow_member_field_by_index_const(ctx, (uint64_t)p->cpu_member);
	p->cpu = (uint16_t)bt_field_integer_unsigned_get_value(cpu);
}

static void on_discarded(struct imp_port *p, struct imp_block *b, const bt_message *m, bool packets)
{
	uint64_t count = 0;
	bool known;
	struct imp_raw *r = add_record(p, b);
	if (packets) {
		known = bt_message_discarded_packets_get_count(m, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE;
		if (p->discarded_packets_clock)
			ns_of(bt_message_discarded_packets_borrow_beginning_default_clock_snapshot_const(m), &r->ns);
	} else {
		known = bt_message_discarded_events_get_count(m, &count) == BT_PROPERTY_AVAILABILITY_AVAILABLE;
		if (p->discarded_events_clock)
			ns_of(bt_message_discarded_events_borrow_beginning_default_clock_snapshot_const(m), &r->ns);
	}
	r->kind = IK_DISCARDED;
	r->state = packets;
	r->tid = (int32_t)p->number;
	r->n = !known ? 1 : count > INT64_MAX ? INT64_MAX : (int64_t)count;
	if (known && !count)
		b->count--;
}

int imp_port_message(struct imp_feed *f, struct imp_port *p, struct imp_block *b, const bt_message *m)
{
	switch (bt_message_get_type(m)) {
	case BT_MESSAGE_TYPE_EVENT:
		return on_event(f, p, b, m);
	case BT_MESSAGE_TYPE_PACKET_BEGINNING:
		on_packet(p, bt_message_packet_beginning_borrow_packet_const(m));
		return 0;
	case BT_MESSAGE_TYPE_DISCARDED_EVENTS:
		on_discarded(p, b, m, false);
		return 0;
	case BT_MESSAGE_TYPE_DISCARDED_PACKETS:
		on_discarded(p, b, m, true);
		return 0;
	default:
		return 0;
	}
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

int imp_port_learn(struct imp_port *p, struct imp_source *s, struct imp *im, const char *path)
{
	if (!p->first_count || bt_message_get_type(p->first[0]) != BT_MESSAGE_TYPE_STREAM_BEGINNING)
		return 0;
	const bt_stream *stream = bt_message_stream_beginning_borrow_stream_const(p->first[0]);
	const bt_stream_class *sc = bt_stream_borrow_class_const(stream);
	const bt_clock_class *c = bt_stream_class_borrow_default_clock_class_const(sc);
	int host = imp_source_add(s, im, stream, p->trace, path);
	if (host < 0)
		return host;
	p->host = (uint8_t)host;
	p->clock = c != NULL;
	p->offset_ns = c ? clock_offset(c) : 0;
	p->discarded_events_clock = bt_stream_class_discarded_events_have_default_clock_snapshots(sc);
	p->discarded_packets_clock = bt_stream_class_discarded_packets_have_default_clock_snapshots(sc);
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
