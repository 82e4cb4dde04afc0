/*
 * import_sink.h - our sink component class: one input port per stream, merged
 * by a heap of our own. babeltrace2's muxer takes O(streams) per message and
 * refuses traces whose packet times are out of order though their events are not.
 */
#ifndef MMR_TG_IMPORT_SINK_H
#define MMR_TG_IMPORT_SINK_H

#include <babeltrace2/babeltrace.h>

#include "tracegen/import.h"
#include "tracegen/import_child.h"
#include "tracegen/import_class.h"
#include "tracegen/import_merge.h"
#include "tracegen/import_source.h"

struct imp_port {
	bt_message_iterator *it;
	bt_message_array_const msgs;
	uint64_t count, at; /* of msgs */
	int64_t ns; /* of the message at hand; INT64_MIN before the first time is known */
	int64_t offset_ns; /* from CLOCK_MONOTONIC to this trace's clock, for times in fields */
	int cpu_member; /* in the packet context, -1 none */
	uint32_t trace; /* a number in struct imp_inputs */
	uint16_t cpu;
	uint8_t host;
	bool clock, discarded_events_clock, discarded_packets_clock;
};

struct imp_sink {
	struct imp im;
	struct imp_classes classes;
	struct imp_source source;
	struct imp_merge merge;
	struct imp_port *port;
	uint32_t ports, ready;
	uint64_t event_cap;
	struct imp_shared *sh;
	bool primed;
	int error; /* -errno, with im.e filled, when the reading ended because of us */
};

/* The component class; the caller puts the reference. NULL: no memory. */
const bt_component_class_sink *imp_sink_class(void);

/* The initialize data of a component of it is a struct imp_sink whose ports is set: it adds input ports "0", "1", ... */

#endif
