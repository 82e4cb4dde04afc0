/*
 * import_feed.h - a share of the streams, decoded in a thread of its own.
 *
 * Decoding is most of the work, and babeltrace2 does it in one thread per
 * graph. So each feed has a graph of its own over all traces and connects every
 * n-th stream to our sink component class, one input port per stream. (The
 * muxer of babeltrace2 takes O(streams) per message and refuses traces whose
 * packet times are out of order though their events are not; it is not used.)
 * A feed turns messages into records as soon as they come: of events without a
 * row in the event map only the number remains. The merge (import_run.c) takes
 * records from each port in blocks and gives the blocks back.
 *
 * Graphs share nothing but the plugin, which is only looked at while they are
 * made and destroyed, one after another, by the main thread. What a feed and
 * the main thread share lies under the feed's lock.
 */
#ifndef MMR_TG_IMPORT_FEED_H
#define MMR_TG_IMPORT_FEED_H

#include <pthread.h>

#include <babeltrace2/babeltrace.h>

#include "tracegen/import_child.h"
#include "tracegen/import_class.h"
#include "tracegen/import_source.h"

#define IMP_BATCH 15 /* babeltrace2 gives at most so many messages at once */
#define IMP_BLOCK 60

struct imp_record {
	int64_t key; /* by the trace's clock; never less than the stream's last */
	struct imp_raw raw;
};

struct imp_block {
	uint32_t count;
	struct imp_record rec[IMP_BLOCK];
};

struct imp_port {
	/* The feed's. */
	bt_message_iterator *it;
	int64_t ns, offset_ns; /* offset: from CLOCK_MONOTONIC to this trace's clock, for times in fields */
	uint32_t number, trace;
	int cpu_member; /* in the packet context, -1 none */
	uint16_t cpu;
	uint8_t host;
	bool clock, discarded_events_clock, discarded_packets_clock;
	bt_message_array_const first; /* messages that were read to learn about the stream */
	uint64_t first_count;
	/* Under the lock: a ring of depth blocks, of which filled from out on are for the main thread. */
	struct imp_block *ring;
	uint32_t depth, filled, in, out;
	bool queued, ended;
	struct imp_port *next_queued;
	/* The main thread's: how much of the block at out is done. */
	uint32_t at;
};

struct imp_feed {
	unsigned number, feeds;
	bt_graph *graph;
	struct imp_block *memory; /* all rings */
	struct imp_port *port; /* of all feeds: ours are number, number + feeds, ... */
	uint32_t ports;
	struct imp_classes classes;
	struct imp_capture capture;
	struct imp_shared *sh;
	uint64_t event_cap;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted, ready;
	bool started, primed;
	/* Under the lock. */
	struct imp_port *queue, *queue_last; /* ports with blocks to fill */
	uint32_t filled, blocks; /* of all ports, and how many there are */
	struct imp_port *waiting; /* whose block the main thread waits for */
	bool idle; /* the thread sleeps for want of work */
	bool stop;
	int64_t shown_first; /* first, as of the last block */
	int error; /* -errno: no more blocks come; text says why, "" babeltrace2's log does */
	struct mmr_err text;
	/* The thread's; the main thread's once it has ended. */
	uint64_t events, no_clock, bad_layout;
	int64_t first, last; /* times of events; first > last: none yet */
};

/* The component class; the caller puts the reference. NULL: no memory. */
const bt_component_class_sink *imp_feed_class(void);
/* The initialize data of a component of it is the feed: it adds an input port for each of its streams, "0", "1"... */

/* Before the graph is made: number, feeds, port, ports, sh and event_cap are set. 0 or -ENOMEM. */
int imp_feed_init(struct imp_feed *f);
/* Run the graph once: iterators, and the first messages of each port. 0 or -errno, f->text. */
int imp_feed_prime(struct imp_feed *f);
/*
 * import_port.c: add to @b what @m says, if anything; there has to be room for
 * one record. 0 or -errno, f->text. Does not take @m.
 */
int imp_port_message(struct imp_feed *f, struct imp_port *p, struct imp_block *b, const bt_message *m);
/* What the first message of port @p says: to be called in the order of the ports' numbers, by the main thread. */
int imp_port_learn(struct imp_port *p, struct imp_source *s, struct imp *im, const char *path);
/* Start the thread and ask for all ports' blocks. */
int imp_feed_start(struct imp_feed *f);
/* Wait for the thread, if it runs, after the block at hand. */
void imp_feed_stop(struct imp_feed *f);
/* Stop, and free all, the graph included. Also after a failure of the above, or before all. */
void imp_feed_end(struct imp_feed *f);

/* The main thread: the block of @p at hand, NULL at the end of the stream or on an error (f->error). */
struct imp_block *imp_feed_block(struct imp_feed *f, struct imp_port *p);
/* The block at hand is done. */
void imp_feed_return(struct imp_feed *f, struct imp_port *p);

#endif
