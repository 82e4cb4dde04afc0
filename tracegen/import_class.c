#include "tracegen/import_class.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKETS 1024u

int imp_classes_init(struct imp_classes *c)
{
	*c = (struct imp_classes){ .buckets = FIRST_BUCKETS };
	c->bucket = calloc(c->buckets, sizeof(struct imp_class *));
	return c->bucket ? 0 : -ENOMEM;
}

void imp_classes_free(struct imp_classes *c)
{
	for (struct imp_class *k = c->first, *next; k; k = next) {
		next = k->next;
		free(k);
	}
	free(c->bucket);
	*c = (struct imp_classes){ 0 };
}

/* ---- resolving ---- */

static bool field_access(const bt_field_class *fc, uint8_t *access)
{
	bt_field_class_type type = bt_field_class_get_type(fc);
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_ARRAY)) {
		const bt_field_class *of = bt_field_class_array_borrow_element_field_class_const(fc);
		*access = IMP_SEQUENCE;
		return bt_field_class_type_is(bt_field_class_get_type(of), BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER);
	}
	if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER))
		*access = IMP_UNSIGNED;
	else if (bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER))
		*access = IMP_SIGNED;
	else if (type == BT_FIELD_CLASS_TYPE_STRING)
		*access = IMP_STRING;
	else if (type == BT_FIELD_CLASS_TYPE_BOOL)
		*access = IMP_BOOL;
	else
		return false;
	return true;
}

static bool is_text(enum imp_member m)
{
	return m == IM_COMM || m == IM_PCOMM || m == IM_PATH || m == IM_HOST || m == IM_KERNEL || m == IM_COMMAND ||
	       m == IM_KERNEL_MAP || m == IM_SYMBOL;
}

static bool find_in(const bt_field_class *s, enum imp_scope scope, const struct imp_map_field *want,
		    struct imp_class_field *f)
{
	if (!s || bt_field_class_get_type(s) != BT_FIELD_CLASS_TYPE_STRUCTURE)
		return false;
	uint64_t n = bt_field_class_structure_get_member_count(s);
	for (uint64_t i = 0; i < n; i++) {
		const bt_field_class_structure_member *m = bt_field_class_structure_borrow_member_by_index_const(s, i);
		if (strcmp(bt_field_class_structure_member_get_name(m), want->name))
			continue;
		*f = (struct imp_class_field){ .to = (uint8_t)want->to, .scope = (uint8_t)scope, .index = (uint32_t)i };
		return field_access(bt_field_class_structure_member_borrow_field_class_const(m), &f->access) &&
		       (f->access == IMP_STRING) == is_text(want->to) &&
		       (f->access == IMP_SEQUENCE) == (want->to == IM_CHAIN);
	}
	return false;
}

static bool find_field(const bt_event_class *ec, const struct imp_map_field *want, struct imp_class_field *f)
{
	const bt_stream_class *sc = bt_event_class_borrow_stream_class_const(ec);
	return find_in(bt_event_class_borrow_payload_field_class_const(ec), IMP_PAYLOAD, want, f) ||
	       find_in(bt_event_class_borrow_specific_context_field_class_const(ec), IMP_SPECIFIC, want, f) ||
	       find_in(bt_stream_class_borrow_event_common_context_field_class_const(sc), IMP_COMMON, want, f);
}

static void resolve(struct imp_class *k)
{
	const char *name = bt_event_class_get_name(k->key);
	const struct imp_map *row = name ? imp_map_find(name) : NULL;
	uint32_t got = 0;
	k->tracer = IMP_TRACERS;
	if (!row)
		return;
	k->kind = (uint8_t)row->kind;
	k->tracer = (uint8_t)row->tracer;
	for (const struct imp_map_field *want = row->field; want->to != IM_END; want++) {
		struct imp_class_field f;
		if (got & 1u << want->to)
			continue;
		if (find_field(k->key, want, &f)) {
			k->field[k->fields++] = f;
			got |= 1u << want->to;
		} else if (!want->optional) {
			k->bad_layout = true;
		}
	}
	/* Some writers put the CPU into a context of the event instead of the packet's. */
	struct imp_class_field cpu;
	static const struct imp_map_field cpu_id = { IM_CPU, "cpu_id", true };
	const bt_stream_class *sc = bt_event_class_borrow_stream_class_const(k->key);
	if (!(got & 1u << IM_CPU) &&
	    (find_in(bt_event_class_borrow_specific_context_field_class_const(k->key), IMP_SPECIFIC, &cpu_id, &cpu) ||
	     find_in(bt_stream_class_borrow_event_common_context_field_class_const(sc), IMP_COMMON, &cpu_id, &cpu)))
		k->field[k->fields++] = cpu;
}

static void put(struct imp_classes *c, struct imp_class *k)
{
	uint32_t i = (uint32_t)(((uintptr_t)k->key >> 4) * 0x9e3779b97f4a7c15ull >> 40) & (c->buckets - 1);
	while (c->bucket[i])
		i = (i + 1) & (c->buckets - 1);
	c->bucket[i] = k;
}

static int grow(struct imp_classes *c)
{
	struct imp_class **bucket = calloc(2u * c->buckets, sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	free(c->bucket);
	c->bucket = bucket;
	c->buckets *= 2;
	for (struct imp_class *k = c->first; k; k = k->next)
		put(c, k);
	return 0;
}

struct imp_class *imp_class_add(struct imp_classes *c, const bt_event_class *key)
{
	if (2 * c->used >= c->buckets && grow(c))
		return NULL;
	struct imp_class *k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->key = key;
	const char *name = bt_event_class_get_name(key);
	k->perf_record = name && !strncmp(name, "perf_", 5);
	resolve(k);
	put(c, k);
	c->used++;
	*(c->last ? &c->last->next : &c->first) = k;
	c->last = k;
	return k;
}

/* ---- reading ---- */

static void copy_comm(char *to, const char *s)
{
	size_t n = strnlen(s, IMP_COMM - 1);
	memcpy(to, s, n);
	to[n] = '\0';
}

static void read_text(struct imp_raw *r, enum imp_member to, const char *s, struct imp_capture *capture)
{
	const char *slash;
	switch (to) {
	case IM_COMM:
		copy_comm(r->comm, s);
		return;
	case IM_PCOMM:
		/* Whoever forks under these names is a kernel thread. */
		if (s[0] == 'k' && (!strcmp(s, "kthreadd") || !strncmp(s, "kworker/", 8)))
			r->state = 1;
		return;
	case IM_PATH:
		slash = strrchr(s, '/');
		copy_comm(r->comm, slash ? slash + 1 : s);
		return;
	case IM_HOST:
		snprintf(capture->host, sizeof(capture->host), "%s", s);
		return;
	case IM_KERNEL:
		snprintf(capture->kernel, sizeof(capture->kernel), "%s", s);
		return;
	case IM_COMMAND:
		snprintf(capture->command, sizeof(capture->command), "%s", s);
		return;
	case IM_KERNEL_MAP:
		if (!strncmp(s, "[kernel.kallsyms]", 17))
			r->state = 1;
		return;
	case IM_SYMBOL:
		if (r->n > 0)
			imp_chains_symbol(capture->chains, r->u, r->u + (uint64_t)r->n, s);
		return;
	default:
		return;
	}
}

/* A tid as the tracer says it; what is none becomes INT32_MIN, which is nobody's. */
static int32_t to_tid(int64_t v)
{
	return v < INT32_MIN || v > INT32_MAX ? INT32_MIN : (int32_t)v;
}

static void read_number(struct imp_raw *r, enum imp_member to, int64_t v, int64_t offset_ns)
{
	switch (to) {
	case IM_TID:
		r->tid = to_tid(v);
		return;
	case IM_TGID:
		r->tgid = to_tid(v);
		return;
	case IM_PTID:
		r->ptid = to_tid(v);
		return;
	case IM_PTGID:
		r->ptgid = to_tid(v);
		return;
	case IM_OLD:
		r->old = to_tid(v);
		return;
	case IM_CUR:
		r->cur = to_tid(v);
		return;
	case IM_CPU:
		r->cpu = (uint16_t)v;
		return;
	case IM_TIME:
		r->ns = (int64_t)((uint64_t)v + (uint64_t)offset_ns);
		return;
	case IM_U:
		r->u = (uint64_t)v;
		return;
	case IM_N:
		r->n = v;
		return;
	case IM_STATE:
		r->state = v < INT8_MIN || v > INT8_MAX ? 0 : (int8_t)v;
		return;
	default:
		return;
	}
}

/* The innermost frames; the kernel's part of a chain is not deeper than this, with perf's marks. */
#define FRAMES 128

static int32_t read_chain(const bt_field *field, struct imp_chains *chains)
{
	uint64_t ip[FRAMES], n = bt_field_array_get_length(field);
	if (n > FRAMES)
		n = FRAMES;
	for (uint64_t i = 0; i < n; i++)
		ip[i] = bt_field_integer_unsigned_get_value(
			bt_field_array_borrow_element_field_by_index_const(field, i));
	return imp_chain_number(chains, ip, (unsigned)n);
}

static const bt_field *scope_of(const bt_event *ev, unsigned scope)
{
	if (scope == IMP_PAYLOAD)
		return bt_event_borrow_payload_field_const(ev);
	if (scope == IMP_SPECIFIC)
		return bt_event_borrow_specific_context_field_const(ev);
	return bt_event_borrow_common_context_field_const(ev);
}

void imp_class_read(const struct imp_class *k, const bt_event *ev, int64_t offset_ns, struct imp_raw *r,
		    struct imp_capture *capture)
{
	unsigned scope = IMP_PAYLOAD;
	const bt_field *from = bt_event_borrow_payload_field_const(ev);
	r->kind = k->kind;
	r->tid = r->tgid = r->ptid = r->ptgid = r->old = r->cur = -1;
	r->state = -1;
	r->u = 0;
	r->n = 0;
	r->comm[0] = '\0';
	for (unsigned i = 0; i < k->fields; i++) {
		const struct imp_class_field *f = &k->field[i];
		if (f->scope != scope) {
			scope = f->scope;
			from = scope_of(ev, scope);
		}
		const bt_field *field = bt_field_structure_borrow_member_field_by_index_const(from, f->index);
		switch (f->access) {
		case IMP_UNSIGNED:
			read_number(r, f->to, (int64_t)bt_field_integer_unsigned_get_value(field), offset_ns);
			break;
		case IMP_SIGNED:
			read_number(r, f->to, bt_field_integer_signed_get_value(field), offset_ns);
			break;
		case IMP_BOOL:
			read_number(r, f->to, bt_field_bool_get_value(field), offset_ns);
			break;
		case IMP_SEQUENCE:
			r->tid = read_chain(field, capture->chains);
			break;
		default:
			read_text(r, f->to, bt_field_string_get_value(field), capture);
			break;
		}
	}
}
