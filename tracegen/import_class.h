/*
 * import_class.h - event classes of babeltrace2, resolved once each: what kind
 * of event it is and where its fields go; per event only those are read. A set
 * of classes belongs to one thread.
 */
#ifndef MMR_TG_IMPORT_CLASS_H
#define MMR_TG_IMPORT_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include <babeltrace2/babeltrace.h>

#include "tracegen/import_chains.h"
#include "tracegen/import_table.h"

enum imp_access { IMP_UNSIGNED, IMP_SIGNED, IMP_STRING, IMP_BOOL, IMP_SEQUENCE };
enum imp_scope { IMP_PAYLOAD, IMP_SPECIFIC, IMP_COMMON };

struct imp_class_field {
	uint8_t to; /* enum imp_member */
	uint8_t access, scope;
	uint32_t index; /* in the structure of its scope */
};

struct imp_class {
	const bt_event_class *key;
	struct imp_class *next; /* in the order in which they were first seen */
	uint64_t count;
	uint8_t kind; /* enum imp_kind */
	uint8_t tracer; /* of the row, IMP_TRACERS when there is none */
	bool bad_layout; /* a field that it must have is missing */
	bool perf_record; /* perf's own: at time 0 it is state */
	uint8_t fields;
	struct imp_class_field field[IMP_MAP_FIELDS + 1]; /* one for the CPU in a context */
};

/* All classes seen so far, a hash by address: the graph keeps them alive. */
struct imp_classes {
	struct imp_class **bucket;
	uint32_t buckets, used;
	struct imp_class *first, *last;
};

int imp_classes_init(struct imp_classes *c);
void imp_classes_free(struct imp_classes *c);
/* NULL: no memory. */
struct imp_class *imp_class_add(struct imp_classes *c, const bt_event_class *key);

static inline struct imp_class *imp_class_of(struct imp_classes *c, const bt_event_class *key)
{
	uint32_t i = (uint32_t)(((uintptr_t)key >> 4) * 0x9e3779b97f4a7c15ull >> 40) & (c->buckets - 1);
	for (; c->bucket[i]; i = (i + 1) & (c->buckets - 1))
		if (c->bucket[i]->key == key)
			return c->bucket[i];
	return imp_class_add(c, key);
}

/* Texts that a capture of our recorder says about itself; "" until then. And what all feeds share. */
struct imp_capture {
	char host[256], kernel[256], command[1024];
	struct imp_chains *chains; /* borrowed */
};

/*
 * Read the fields of @ev into @r, where ns, cpu and host are set already, or
 * into @capture. @offset_ns: what a source time lacks to be on the trace's clock.
 */
void imp_class_read(const struct imp_class *k, const bt_event *ev, int64_t offset_ns, struct imp_raw *r,
		    struct imp_capture *capture);

#endif
