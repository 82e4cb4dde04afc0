#include "tracegen/import_run.h"

#include <errno.h>

#include "tracegen/import_merge.h"
#include "tracegen/import_order.h"

static struct imp_feed *feed_of(struct imp_run *run, const struct imp_port *p)
{
	return &run->feed[p->number % run->feeds];
}

static void apply_raw(void *im, const struct imp_raw *r)
{
	imp_apply(im, r);
}

static int start(struct imp_run *run)
{
	struct imp *im = &run->im;
	imp_settle(im);
	for (unsigned i = 0; i < im->hosts; i++)
		if (imp_declares(im, i, IK_CAPTURE) && !im->order)
			im->order = imp_order_new(apply_raw, im, IMP_WINDOW_NS, IMP_WINDOW_EVENTS);
	for (unsigned i = 0; i < im->hosts; i++)
		if (imp_declares(im, i, IK_CAPTURE) && !im->order)
			return imp_no_memory(im), -ENOMEM;
	for (unsigned i = 0; i < run->feeds; i++) {
		int ret = imp_feed_start(&run->feed[i]);
		if (ret)
			return im->failed = mmr_err_sys(im->e, ret, "a thread for reading");
	}
	return 0;
}

/* The first block of @p goes into the heap. 0 or -errno. */
static int first_block(struct imp_run *run, struct imp_merge *heap, struct imp_port *p)
{
	struct imp_feed *f = feed_of(run, p);
	struct imp_block *b = imp_feed_block(f, p);
	if (!b && f->error) {
		run->failed_feed = f->number;
		return f->error;
	}
	if (b)
		imp_merge_push(heap, b->rec[0].key, p->number);
	return 0;
}

/* When every port has shown its first block, every stream's first event has been seen. */
static void find_origin(struct imp_run *run)
{
	int64_t first = INT64_MAX;
	for (unsigned i = 0; i < run->feeds; i++) {
		struct imp_feed *f = &run->feed[i];
		pthread_mutex_lock(&f->lock);
		if (f->shown_first < first)
			first = f->shown_first;
		pthread_mutex_unlock(&f->lock);
	}
	run->im.origin = run->im.last = run->im.end = first == INT64_MAX ? 0 : first;
}

static void take(struct imp *im, const struct imp_port *p, struct imp_record *rec)
{
	if (!p->clock)
		rec->raw.ns = im->last;
	if (rec->raw.kind == IK_DISCARDED)
		imp_discarded(im, &rec->raw);
	else
		imp_take(im, &rec->raw, rec->key);
}

/* Everything in the heap, in order. 0 or -errno. */
static int merge(struct imp_run *run, struct imp_merge *heap)
{
	while (heap->count && !run->im.failed) {
		struct imp_port *p = &run->port[imp_merge_port(heap)];
		struct imp_feed *f = feed_of(run, p);
		struct imp_block *b = &p->ring[p->out];
		int64_t key = 0;
		/* As long as this port goes first, the heap is left alone. */
		do {
			take(&run->im, p, &b->rec[p->at++]);
		} while (p->at < b->count && !run->im.failed && imp_merge_stays(heap, key = b->rec[p->at].key));
		if (p->at == b->count) {
			imp_feed_return(f, p);
			b = imp_feed_block(f, p);
			if (!b && f->error) {
				run->failed_feed = f->number;
				return f->error;
			}
			if (!b) {
				imp_merge_pop(heap);
				continue;
			}
			key = b->rec[0].key;
		}
		imp_merge_rekey(heap, key);
	}
	return run->im.failed;
}

int imp_run_merge(struct imp_run *run)
{
	struct imp_merge heap;
	int ret = start(run);
	if (ret)
		return ret;
	if (imp_merge_init(&heap, run->ports))
		return imp_no_memory(&run->im), -ENOMEM;
	for (uint32_t i = 0; i < run->ports && !ret; i++)
		ret = first_block(run, &heap, &run->port[i]);
	if (!ret) {
		find_origin(run);
		ret = merge(run, &heap);
	}
	imp_merge_free(&heap);
	return ret;
}
