#include "tracegen/import_feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bt_component_class_sink_consume_method_status consume_status;
#define CONSUME(what) BT_COMPONENT_CLASS_SINK_CONSUME_METHOD_STATUS_##what

/* Blocks in flight for a feed, shared by its ports: enough that it never waits for a wake-up of the other side. */
#define BLOCKS 24
#define STACK (1u << 20)

static struct imp_feed *feed_of(bt_self_component_sink *self)
{
	return bt_self_component_get_data(bt_self_component_sink_as_self_component(self));
}

/* ---- filling blocks ---- */

/* The next messages of @p: 1 got some, 0 the stream has ended, -errno. */
static int next_messages(struct imp_feed *f, struct imp_port *p, bt_message_array_const *m, uint64_t *count)
{
	if (p->first_count) {
		*m = p->first;
		*count = p->first_count;
		p->first_count = 0;
		return 1;
	}
	switch (bt_message_iterator_next(p->it, m, count)) {
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_OK:
		return 1;
	case BT_MESSAGE_ITERATOR_NEXT_STATUS_END:
		return 0;
	default:
		f->text.text[0] = '\0';
		return -EINVAL;
	}
}

static bool too_many(struct imp_feed *f)
{
	__atomic_store_n(&f->sh->events[f->number], f->events, __ATOMIC_RELAXED);
	return imp_events_read(f->sh) > f->event_cap;
}

/* Messages become records at once: those that are not put back soon are cold when they are read. */
static int fill(struct imp_feed *f, struct imp_port *p, struct imp_block *b)
{
	bt_message_array_const m;
	uint64_t n;
	int ret = 1;
	b->count = 0;
	while (b->count + IMP_BATCH <= IMP_BLOCK && (ret = next_messages(f, p, &m, &n)) > 0) {
		for (uint64_t i = 0; i < n; i++) {
			if (ret > 0 && b->count < IMP_BLOCK && imp_port_message(f, p, b, m[i]))
				ret = f->text.code;
			bt_message_put_ref(m[i]);
		}
		if (ret < 0)
			return ret;
		if (too_many(f))
			return mmr_err(&f->text, -EINVAL,
				       "after %" PRIu64 " events there is still no end: more than its files can hold",
				       f->event_cap);
	}
	return ret;
}

/* The next port to serve, NULL when it is time to stop. Takes and leaves the lock held. */
static struct imp_port *next_port(struct imp_feed *f)
{
	while (!f->queue && !f->stop) {
		f->idle = true;
		pthread_cond_wait(&f->wanted, &f->lock);
	}
	f->idle = false;
	if (f->stop)
		return NULL;
	struct imp_port *p = f->queue;
	f->queue = p->next_queued;
	return p;
}

static void enqueue(struct imp_feed *f, struct imp_port *p)
{
	p->next_queued = NULL;
	p->queued = true;
	*(f->queue ? &f->queue_last->next_queued : &f->queue) = p;
	f->queue_last = p;
}

static consume_status serve(struct imp_feed *f)
{
	pthread_mutex_lock(&f->lock);
	struct imp_port *p = next_port(f);
	pthread_mutex_unlock(&f->lock);
	if (!p)
		return CONSUME(END);
	f->sh->trace[f->number] = p->trace;
	int ret = fill(f, p, &p->ring[p->in]);
	bool some = p->ring[p->in].count;
	pthread_mutex_lock(&f->lock);
	p->queued = false;
	p->ended = ret <= 0;
	f->shown_first = f->first;
	if (ret < 0)
		f->error = ret;
	if (some) {
		p->in = (p->in + 1) % p->depth;
		p->filled++;
		f->filled++;
	}
	if (!p->ended && p->filled < p->depth)
		enqueue(f, p);
	/* Waking is dear: not before there is something to do for a while. */
	bool enough = 2 * f->filled >= f->blocks || !f->queue;
	bool wake = f->error || (f->waiting && (f->waiting->ended || (f->waiting->filled && enough)));
	if (wake)
		f->waiting = NULL;
	pthread_mutex_unlock(&f->lock);
	if (wake)
		pthread_cond_signal(&f->ready);
	return ret < 0 ? CONSUME(ERROR) : CONSUME(OK);
}

/* ---- the main thread's side ---- */

struct imp_block *imp_feed_block(struct imp_feed *f, struct imp_port *p)
{
	pthread_mutex_lock(&f->lock);
	while (!p->filled && !p->ended && !f->error) {
		f->waiting = p;
		if (f->idle)
			pthread_cond_signal(&f->wanted);
		f->idle = false;
		pthread_cond_wait(&f->ready, &f->lock);
	}
	f->waiting = NULL;
	struct imp_block *b = p->filled ? &p->ring[p->out] : NULL;
	pthread_mutex_unlock(&f->lock);
	p->at = 0;
	return b;
}

void imp_feed_return(struct imp_feed *f, struct imp_port *p)
{
	pthread_mutex_lock(&f->lock);
	p->out = (p->out + 1) % p->depth;
	p->filled--;
	f->filled--;
	if (!p->queued && !p->ended && !f->error)
		enqueue(f, p);
	bool wake = f->queue && 2 * f->filled <= f->blocks && f->idle;
	if (wake)
		f->idle = false;
	pthread_mutex_unlock(&f->lock);
	if (wake)
		pthread_cond_signal(&f->wanted);
}

/* ---- the component ---- */

/* The first batch of every port: which hosts and which kinds of events there are must be known before any event. */
static consume_status prime(struct imp_feed *f)
{
	for (uint32_t i = f->number; i < f->ports; i += f->feeds) {
		struct imp_port *p = &f->port[i];
		f->sh->trace[f->number] = p->trace;
		f->sh->steps++;
		uint64_t n = 0;
		int ret = next_messages(f, p, &p->first, &n);
		if (ret < 0) {
			f->error = ret;
			return CONSUME(ERROR);
		}
		p->first_count = n;
		p->ended = !ret;
	}
	f->primed = true;
	return CONSUME(OK);
}

static consume_status consume(bt_self_component_sink *self)
{
	struct imp_feed *f = feed_of(self);
	return f->primed ? serve(f) : prime(f);
}

static bt_component_class_initialize_method_status initialize(bt_self_component_sink *self,
							      bt_self_component_sink_configuration *config,
							      const bt_value *params, void *data)
{
	struct imp_feed *f = data;
	(void)config;
	(void)params;
	bt_self_component_set_data(bt_self_component_sink_as_self_component(self), f);
	for (uint32_t i = f->number; i < f->ports; i += f->feeds) {
		char name[16];
		snprintf(name, sizeof(name), "%" PRIu32, i);
		if (bt_self_component_sink_add_input_port(self, name, NULL, NULL))
			return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_MEMORY_ERROR;
	}
	return BT_COMPONENT_CLASS_INITIALIZE_METHOD_STATUS_OK;
}

static bt_component_class_sink_graph_is_configured_method_status configured(bt_self_component_sink *self)
{
	struct imp_feed *f = feed_of(self);
	uint64_t n = 0;
	for (uint32_t i = f->number; i < f->ports; i += f->feeds) {
		f->sh->steps++;
		f->sh->trace[f->number] = f->port[i].trace;
		if (bt_message_iterator_create_from_sink_component(
			    self, bt_self_component_sink_borrow_input_port_by_index(self, n++), &f->port[i].it))
			return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_ERROR;
	}
	return BT_COMPONENT_CLASS_SINK_GRAPH_IS_CONFIGURED_METHOD_STATUS_OK;
}

static void finalize(bt_self_component_sink *self)
{
	struct imp_feed *f = feed_of(self);
	for (uint32_t i = f ? f->number : 0; f && i < f->ports; i += f->feeds) {
		struct imp_port *p = &f->port[i];
		for (uint64_t j = 0; j < p->first_count; j++)
			bt_message_put_ref(p->first[j]);
		p->first_count = 0;
		BT_MESSAGE_ITERATOR_PUT_REF_AND_RESET(p->it);
	}
}

const bt_component_class_sink *imp_feed_class(void)
{
	bt_component_class_sink *c = bt_component_class_sink_create("mmreplay-import", consume);
	if (!c)
		return NULL;
	bt_component_class_sink_set_initialize_method(c, initialize);
	bt_component_class_sink_set_graph_is_configured_method(c, configured);
	bt_component_class_sink_set_finalize_method(c, finalize);
	return c;
}

/* ---- its life ---- */

int imp_feed_init(struct imp_feed *f)
{
	uint32_t mine = (f->ports - f->number + f->feeds - 1) / f->feeds;
	uint32_t depth = BLOCKS / mine < 2 ? 2 : BLOCKS / mine;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->wanted, NULL);
	pthread_cond_init(&f->ready, NULL);
	f->memory = calloc((size_t)mine * depth, sizeof(*f->memory));
	if (!f->memory)
		return -ENOMEM;
	f->first = f->shown_first = INT64_MAX;
	f->last = INT64_MIN;
	for (uint32_t i = f->number; i < f->ports; i += f->feeds) {
		struct imp_port *p = &f->port[i];
		p->number = i;
		p->cpu_member = -1;
		p->ns = INT64_MIN;
		p->depth = depth;
		f->blocks += depth;
		p->ring = f->memory + (uint64_t)f->blocks - depth;
	}
	return imp_classes_init(&f->classes);
}

int imp_feed_prime(struct imp_feed *f)
{
	if (bt_graph_run_once(f->graph) == BT_GRAPH_RUN_ONCE_STATUS_OK)
		return 0;
	return f->error = -EINVAL;
}

static void *run(void *arg)
{
	struct imp_feed *f = arg;
	while (bt_graph_run_once(f->graph) == BT_GRAPH_RUN_ONCE_STATUS_OK)
		;
	/* The error of this thread goes with it: the log has told. */
	bt_current_thread_clear_error();
	return NULL;
}

int imp_feed_start(struct imp_feed *f)
{
	pthread_attr_t attr;
	for (uint32_t i = f->number; i < f->ports; i += f->feeds)
		if (!f->port[i].ended)
			enqueue(f, &f->port[i]);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	int err = pthread_create(&f->thread, &attr, run, f);
	pthread_attr_destroy(&attr);
	f->started = !err;
	return -err;
}

void imp_feed_stop(struct imp_feed *f)
{
	if (!f->started)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_signal(&f->wanted);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	f->started = false;
}

void imp_feed_end(struct imp_feed *f)
{
	imp_feed_stop(f);
	bt_graph_put_ref(f->graph);
	f->graph = NULL;
	if (!f->feeds)
		return;
	free(f->memory);
	imp_classes_free(&f->classes);
	pthread_cond_destroy(&f->ready);
	pthread_cond_destroy(&f->wanted);
	pthread_mutex_destroy(&f->lock);
}
