/*
 * import_order.h - sorts events by their own time field inside a bounded window.
 *
 * Our recorder emits the events of one source CPU in order, from one thread,
 * some time after they happened; the trace's clock says when they were emitted.
 * So each source CPU is a lane that is sorted but for rare exceptions, and the
 * lanes are merged once an event is older than the window, or the window is
 * full: memory is bounded. What arrives later than that is out of order; it is
 * counted by import_emit.c, not here.
 */
#ifndef MMR_TG_IMPORT_ORDER_H
#define MMR_TG_IMPORT_ORDER_H

#include <stdint.h>

#include "tracegen/import_table.h"

#define IMP_WINDOW_NS 2000000000ll
#define IMP_WINDOW_EVENTS (128u * 1024)

struct imp_order;

/* Events leave through @out(@ctx, event), the earliest first. NULL: no memory. */
struct imp_order *imp_order_new(void (*out)(void *ctx, const struct imp_raw *r), void *ctx, int64_t window_ns,
				uint32_t window_events);
void imp_order_free(struct imp_order *o);
/* Put in @r while the clocks stand at @now. 0 or -ENOMEM. */
int imp_order_add(struct imp_order *o, const struct imp_raw *r, int64_t now);
void imp_order_flush(struct imp_order *o);

#endif
