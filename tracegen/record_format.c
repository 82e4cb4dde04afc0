#include "tracegen/record_format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <traceevent/event-parse.h>

const struct rec_tracepoint rec_tracepoints[REC_NR] = {
	[REC_FORK] = { .system = "sched",
		       .name = "sched_process_fork",
		       .emitted = "fork",
		       .ints = { "parent_pid", "child_pid" },
		       .texts = { "parent_comm", "child_comm" } },
	[REC_EXEC] = { .system = "sched",
		       .name = "sched_process_exec",
		       .emitted = "exec",
		       .ints = { "pid", "old_pid" },
		       .texts = { "filename" } },
	[REC_EXIT] = { .system = "sched",
		       .name = "sched_process_exit",
		       .emitted = "exit",
		       .ints = { "pid", "group_dead" },
		       .texts = { "comm" },
		       .absent = -1,
		       .last_optional = true },
	[REC_FREE] = { .system = "sched",
		       .name = "sched_process_free",
		       .emitted = "free",
		       .ints = { "pid" },
		       .texts = { "comm" } },
	[REC_NEWTASK] = { .system = "task",
			  .name = "task_newtask",
			  .emitted = "newtask",
			  .ints = { "pid", "clone_flags" },
			  .texts = { "comm" } },
	[REC_VMALLOC] = { .system = "vmalloc",
			  .name = "alloc_vmap_area",
			  .emitted = "vmalloc",
			  .ints = { "addr", "size", "failed" },
			  .optional = true },
	[REC_VFREE] = { .system = "vmalloc",
			.name = "free_vmap_area_noflush",
			.emitted = "vfree",
			.ints = { "va_start" },
			.optional = true },
	[REC_PURGE] = { .system = "vmalloc",
			.name = "purge_vmap_area_lazy",
			.emitted = "purge",
			.ints = { "start", "end", "npurged" },
			.optional = true },
	[REC_CONTENTION_BEGIN] = { .system = "lock",
				   .name = "contention_begin",
				   .emitted = "contention_begin",
				   .ints = { "lock_addr", "flags" },
				   .on_demand = true,
				   .chain = true },
	[REC_CONTENTION_END] = { .system = "lock",
				 .name = "contention_end",
				 .emitted = "contention_end",
				 .ints = { "lock_addr", "ret" },
				 .on_demand = true },
};

/* A task's name, a path: a __data_loc word, or an array in place. */
static bool text_field(const struct tep_format_field *from, struct rec_field *to)
{
	to->offset = from->offset;
	to->size = from->size;
	to->dynamic = from->flags & TEP_FIELD_IS_DYNAMIC;
	to->relative = from->flags & TEP_FIELD_IS_RELATIVE;
	return from->offset >= 0 && from->size > 0 &&
	       (to->dynamic ? from->size == 4 : from->flags & TEP_FIELD_IS_ARRAY);
}

static bool int_field(const struct tep_format_field *from, struct rec_field *to)
{
	to->offset = from->offset;
	to->size = from->size;
	to->is_signed = from->flags & TEP_FIELD_IS_SIGNED;
	return from->offset >= 0 && (from->size == 1 || from->size == 2 || from->size == 4 || from->size == 8) &&
	       !(from->flags & (TEP_FIELD_IS_ARRAY | TEP_FIELD_IS_DYNAMIC));
}

static int resolve(struct rec_format *out, const struct rec_tracepoint *tp, struct tep_event *event, const char *where,
		   struct mmr_err *e)
{
	for (unsigned i = 0; i < REC_INTS && tp->ints[i]; i++) {
		bool last = i + 1 == REC_INTS || !tp->ints[i + 1];
		struct tep_format_field *field = tep_find_field(event, tp->ints[i]);
		if (!field && last && tp->last_optional)
			continue;
		if (!field)
			return mmr_err(e, -EINVAL, "%s: no field '%s'", where, tp->ints[i]);
		if (!int_field(field, &out->ints[i]))
			return mmr_err(e, -EINVAL, "%s: field '%s' is no integer", where, tp->ints[i]);
	}
	for (unsigned i = 0; i < REC_TEXTS && tp->texts[i]; i++) {
		struct tep_format_field *field = tep_find_field(event, tp->texts[i]);
		if (!field)
			return mmr_err(e, -EINVAL, "%s: no field '%s'", where, tp->texts[i]);
		if (!text_field(field, &out->texts[i]))
			return mmr_err(e, -EINVAL, "%s: field '%s' is no string", where, tp->texts[i]);
	}
	out->id = (unsigned)event->id;
	out->present = true;
	return 0;
}

static int remember_id(struct rec_formats *f, unsigned id, enum rec_kind kind, const char *where, struct mmr_err *e)
{
	/* common_type has 16 bits. */
	if (!id || id > UINT16_MAX)
		return mmr_err(e, -EINVAL, "%s: ID %u", where, id);
	if (id >= f->ids) {
		uint8_t *more = realloc(f->by_id, id + 1);
		if (!more)
			return mmr_err_sys(e, -ENOMEM, "%s", where);
		memset(more + f->ids, 0, id + 1 - f->ids);
		f->by_id = more;
		f->ids = id + 1;
	}
	f->by_id[id] = (uint8_t)(kind + 1);
	return 0;
}

int rec_format_parse(struct rec_formats *f, enum rec_kind kind, const char *text, size_t size, const char *where,
		     struct mmr_err *e)
{
	static const char last[] = "\nprint fmt:";
	const struct rec_tracepoint *tp = &rec_tracepoints[kind];
	/* The library does not survive a field line that is cut off. */
	if (!size || text[size - 1] != '\n' || !memmem(text, size, last, sizeof(last) - 1))
		return mmr_err(e, -EINVAL, "%s: not the whole format of %s:%s", where, tp->system, tp->name);
	struct tep_handle *tep = tep_alloc();
	int err;
	if (!tep)
		return mmr_err_sys(e, -ENOMEM, "%s", where);
	/* A print format it cannot read is an error to it, but not to us: the fields are there all the same. */
	tep_set_loglevel(TEP_LOG_NONE);
	tep_parse_event(tep, text, size, tp->system);
	struct tep_event *event = tep_find_event_by_name(tep, tp->system, tp->name);
	if (!event)
		err = mmr_err(e, -EINVAL, "%s: not the format of %s:%s", where, tp->system, tp->name);
	else
		err = resolve(&f->kind[kind], tp, event, where, e);
	if (!err)
		err = remember_id(f, f->kind[kind].id, kind, where, e);
	tep_free(tep);
	return err;
}

void rec_formats_free(struct rec_formats *f)
{
	free(f->by_id);
	memset(f, 0, sizeof(*f));
}

static bool read_int(const struct rec_field *field, const uint8_t *raw, size_t size, int64_t *out)
{
	if ((size_t)field->offset + (size_t)field->size > size)
		return false;
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} v;
	memcpy(&v, raw + field->offset, (size_t)field->size);
	switch (field->size) {
	case 1:
		*out = field->is_signed ? (int8_t)v.u8 : (int64_t)v.u8;
		return true;
	case 2:
		*out = field->is_signed ? (int16_t)v.u16 : (int64_t)v.u16;
		return true;
	case 4:
		*out = field->is_signed ? (int32_t)v.u32 : (int64_t)v.u32;
		return true;
	default:
		*out = (int64_t)v.u64;
		return true;
	}
}

static bool read_text(const struct rec_field *field, const uint8_t *raw, size_t size, char out[REC_TEXT_MAX])
{
	size_t at = (size_t)field->offset, len = (size_t)field->size;
	if (at + len > size)
		return false;
	if (field->dynamic) {
		/* __data_loc: length in the upper half, place in the lower; __rel_loc counts from behind itself. */
		uint32_t loc;
		memcpy(&loc, raw + at, sizeof(loc));
		at = (loc & 0xffff) + (field->relative ? at + sizeof(loc) : 0);
		len = loc >> 16;
		if (at + len > size)
			return false;
	}
	if (len > REC_TEXT_MAX - 1)
		len = REC_TEXT_MAX - 1;
	len = strnlen((const char *)raw + at, len);
	memcpy(out, raw + at, len);
	out[len] = '\0';
	return true;
}

bool rec_decode(const struct rec_formats *f, const void *raw, size_t size, struct rec_event *ev)
{
	uint16_t id;
	if (size < sizeof(id))
		return false;
	memcpy(&id, raw, sizeof(id));
	if (id >= f->ids || !f->by_id[id])
		return false;
	ev->kind = (enum rec_kind)(f->by_id[id] - 1);
	const struct rec_format *format = &f->kind[ev->kind];
	const struct rec_tracepoint *tp = &rec_tracepoints[ev->kind];
	for (unsigned i = 0; i < REC_INTS && tp->ints[i]; i++) {
		if (!format->ints[i].size)
			ev->ints[i] = tp->absent;
		else if (!read_int(&format->ints[i], raw, size, &ev->ints[i]))
			return false;
	}
	for (unsigned i = 0; i < REC_TEXTS && tp->texts[i]; i++)
		if (!read_text(&format->texts[i], raw, size, ev->texts[i]))
			return false;
	return true;
}
