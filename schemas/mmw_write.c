#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/mmw_file.h"
#include "schemas/mmw_format.h"
#include "schemas/mmw_table.h"

struct info {
	char *text; /* NULL for counts */
	uint64_t count;
};

struct mmw_writer {
	struct mmw_file file;
	struct mmw_header h;
	struct mmw_table names;
	uint64_t names_dropped;
	uint64_t last_ns; /* the last event's time */
	struct mmw_table keys; /* group byte, then the key; entry n belongs to info[n - 1] */
	struct info info[MMW_INFO_MAX];
	uint64_t offset; /* where the next bytes go */
	uint32_t buffered; /* records in block */
	int failed; /* -errno: the file cannot be completed any more */
	struct mmw_block block;
};

int mmw_create(const char *path, struct mmw_writer **out, struct mmr_err *e)
{
	struct mmw_writer *w = calloc(1, sizeof(*w));
	*out = NULL;
	if (!w)
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	int ret = mmw_file_create(&w->file, path, e);
	if (ret) {
		free(w);
		return ret;
	}
	w->offset = MMW_HEADER_SIZE;
	mmw_table_init(&w->names, MMW_STRINGS_MAX);
	mmw_table_init(&w->keys, MMW_INFO_MAX);
	*out = w;
	return 0;
}

static int put(struct mmw_writer *w, const void *data, size_t n, uint64_t at, struct mmr_err *e)
{
	for (const char *p = data; n;) {
		ssize_t done = pwrite(w->file.fd, p, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			w->failed = done < 0 ? -errno : -EIO;
			return mmr_err_sys(e, w->failed, "%s: cannot write", w->file.path);
		}
		p += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

static int flush_block(struct mmw_writer *w, struct mmr_err *e)
{
	struct mmw_block *b = &w->block;
	if (!w->buffered)
		return 0;
	memset(&b->ev[w->buffered], 0, (MMW_RECORDS_PER_BLOCK - w->buffered) * sizeof(b->ev[0]));
	b->h = (struct mmw_block_header){
		.magic = MMW_BLOCK_MAGIC,
		.count = w->buffered,
		.first_event = w->h.events - w->buffered,
		.first_time_ns = b->ev[0].time_ns,
		.last_time_ns = b->ev[w->buffered - 1].time_ns,
	};
	for (uint32_t i = 0; i < w->buffered; i++)
		mmw_swap_event(&b->ev[i]);
	mmw_swap_block_header(&b->h);
	b->h.crc32 = htole32(mmw_crc_without(b, sizeof(*b), offsetof(struct mmw_block, h.crc32)));
	w->buffered = 0;
	int ret = put(w, b, sizeof(*b), w->offset, e);
	w->offset += sizeof(*b);
	w->h.blocks++;
	return ret;
}

static inline void raise_to(uint32_t *max, uint32_t v)
{
	if (v > *max)
		*max = v;
}

static int bad_event(struct mmw_writer *w, const struct mmw_event *ev, struct mmr_err *e)
{
	const char *path = w->file.path;
	uint64_t n = w->h.events;
	if (ev->type == EV_NONE || ev->type >= EV_NR)
		return mmr_err(e, -EINVAL, "%s: event %" PRIu64 ": no event type %u", path, n, ev->type);
	if (ev->time_ns < w->last_ns)
		return mmr_err(e, -EINVAL,
			       "%s: event %" PRIu64 ": time %" PRIu64 " ns is before the last one's, %" PRIu64, path, n,
			       ev->time_ns, w->h.duration_ns);
	return mmr_err(e, -EINVAL, "%s: event %" PRIu64 ": no name has number %u", path, n, ev->comm);
}

int mmw_add(struct mmw_writer *w, const struct mmw_event *ev, struct mmr_err *e)
{
	struct mmw_header *h = &w->h;
	if (__builtin_expect(w->failed != 0, 0))
		return mmr_err_sys(e, w->failed, "%s: cannot write", w->file.path);
	if (__builtin_expect(ev->type - 1u >= EV_NR - 1u || ev->time_ns < w->last_ns || ev->comm > w->names.count, 0))
		return bad_event(w, ev, e);
	unsigned bit = 1u << ev->type;
	raise_to(&h->tasks, ev->task);
	if (bit & MMW_ARG_TASK)
		raise_to(&h->tasks, ev->arg);
	else if (bit & MMW_ARG_AREA)
		raise_to(&h->areas, ev->arg);
	if (bit & MMW_MM_MM)
		raise_to(&h->mms, ev->mm);
	raise_to(&h->cpus, ev->cpu + 1u);
	if (ev->type == EV_LOST)
		h->lost += ev->aux;
	w->last_ns = ev->time_ns;
	h->count[ev->type]++;
	h->events++;
	w->block.ev[w->buffered++] = *ev;
	return w->buffered < MMW_RECORDS_PER_BLOCK ? 0 : flush_block(w, e);
}

uint32_t mmw_string(struct mmw_writer *w, const char *name)
{
	size_t n = strnlen(name, MMW_COMM_MAX);
	if (!n)
		return 0;
	uint32_t i = mmw_table_add(&w->names, name, (uint16_t)n);
	if (i != MMW_TABLE_FULL)
		return i;
	w->names_dropped++;
	return 0;
}

/* The slot of @key, NULL when there is no room for another. */
static struct info *info_slot(struct mmw_writer *w, enum mmw_info_group group, const char *key)
{
	char k[1 + MMW_INFO_KEY_MAX];
	size_t n = strnlen(key, MMW_INFO_KEY_MAX);
	k[0] = (char)group;
	memcpy(k + 1, key, n);
	/* The last places, one a group, are kept for what did not fit. */
	if (w->keys.count >= MMW_INFO_MAX - MMW_INFO_GROUPS && strcmp(key, MMW_INFO_OTHER)) {
		uint32_t i = mmw_table_find(&w->keys, k, (uint16_t)(n + 1));
		return i ? &w->info[i - 1] : NULL;
	}
	uint32_t i = mmw_table_add(&w->keys, k, (uint16_t)(n + 1));
	return i == MMW_TABLE_FULL ? NULL : &w->info[i - 1];
}

void mmw_info_text(struct mmw_writer *w, enum mmw_info_group group, const char *key, const char *value)
{
	assert(group == MMW_INFO_SOURCE);
	struct info *in = info_slot(w, group, key);
	if (!in)
		return;
	free(in->text);
	in->text = strndup(value, MMW_INFO_VALUE_MAX);
}

void mmw_info_count(struct mmw_writer *w, enum mmw_info_group group, const char *key, uint64_t n)
{
	struct info *in = info_slot(w, group, key);
	if (!in)
		in = info_slot(w, group, MMW_INFO_OTHER);
	if (in && __builtin_add_overflow(in->count, n, &in->count))
		in->count = UINT64_MAX;
}

void mmw_set_peaks(struct mmw_writer *w, uint32_t tasks, uint32_t mms)
{
	w->h.peak_tasks = tasks;
	w->h.peak_mms = mms;
}

void mmw_set_duration(struct mmw_writer *w, uint64_t ns)
{
	w->h.duration_ns = ns;
}

static int put_strings(struct mmw_writer *w, struct mmr_err *e)
{
	struct mmw_header *h = &w->h;
	const struct mmw_table *t = &w->names;
	h->strings = t->count;
	h->strings_offset = w->offset;
	h->strings_size = t->used + (uint64_t)t->count * MMW_STRING_HEADER;
	unsigned char *out = malloc(h->strings_size + 1), *p = out;
	if (!out)
		return mmr_err_sys(e, -ENOMEM, "%s", w->file.path);
	for (uint32_t i = 0; i < t->count; i++) {
		*p++ = (unsigned char)t->length[i];
		*p++ = (unsigned char)(t->length[i] >> 8);
		memcpy(p, t->bytes + t->at[i], t->length[i]);
		p += t->length[i];
	}
	h->strings_crc32 = (uint32_t)crc32(0, out, (uInt)h->strings_size);
	int ret = put(w, out, h->strings_size, w->offset, e);
	w->offset += h->strings_size;
	free(out);
	return ret;
}

static uint64_t info_sum(const struct mmw_writer *w, enum mmw_info_group group)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < w->keys.count; i++)
		if (w->keys.bytes[w->keys.at[i]] == (char)group && __builtin_add_overflow(sum, w->info[i].count, &sum))
			return UINT64_MAX;
	return sum;
}

static int put_info(struct mmw_writer *w, struct mmr_err *e)
{
	struct mmw_header *h = &w->h;
	const struct mmw_table *t = &w->keys;
	char *out = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&out, &size);
	if (!f)
		return mmr_err_sys(e, -ENOMEM, "%s", w->file.path);
	for (uint32_t i = 0; i < t->count; i++) {
		char number[24];
		const char *value = w->info[i].text, *key = t->bytes + t->at[i];
		if (!value) {
			snprintf(number, sizeof(number), "%" PRIu64, w->info[i].count);
			value = number;
		}
		struct mmw_info_entry entry = { .group = (uint8_t)key[0],
						.key_length = htole16((uint16_t)(t->length[i] - 1)),
						.value_length = htole32((uint32_t)strlen(value)) };
		fwrite(&entry, sizeof(entry), 1, f);
		fwrite(key + 1, 1, t->length[i] - 1u, f);
		fwrite(value, 1, strlen(value), f);
	}
	if (fclose(f)) {
		free(out);
		return mmr_err_sys(e, -ENOMEM, "%s", w->file.path);
	}
	h->infos = t->count;
	h->info_offset = w->offset;
	h->info_size = size;
	h->info_crc32 = (uint32_t)crc32(0, (const Bytef *)out, (uInt)size);
	int ret = put(w, out, size, w->offset, e);
	w->offset += size;
	free(out);
	return ret;
}

static int put_header(struct mmw_writer *w, struct mmr_err *e)
{
	unsigned char page[MMW_HEADER_SIZE] = { 0 };
	struct mmw_header h = w->h;
	memcpy(h.magic, MMW_MAGIC, sizeof(h.magic));
	h.version = MMW_VERSION;
	h.header_size = MMW_HEADER_SIZE;
	h.block_size = MMW_BLOCK_SIZE;
	h.record_size = sizeof(struct mmw_event);
	h.complete = 1;
	h.crc32 = 0;
	mmw_swap_header(&h);
	memcpy(page, &h, sizeof(h));
	h.crc32 = htole32(mmw_crc_without(page, sizeof(page), offsetof(struct mmw_header, crc32)));
	memcpy(page, &h, sizeof(h));
	return put(w, page, sizeof(page), 0, e);
}

/* What no reader would accept is not written either. */
static int check_ids(const struct mmw_writer *w, struct mmr_err *e)
{
	const struct mmw_header *h = &w->h;
	if (h->tasks > 2 * h->events || h->mms > h->events || h->areas > h->events)
		return mmr_err(e, -EINVAL, "%s: ids are not dense: %u tasks, %u mms, %u areas in %" PRIu64 " events",
			       w->file.path, h->tasks, h->mms, h->areas, h->events);
	if (h->peak_tasks > h->tasks || h->peak_mms > h->mms)
		return mmr_err(e, -EINVAL, "%s: more live at once (%u tasks, %u mms) than there are (%u, %u)",
			       w->file.path, h->peak_tasks, h->peak_mms, h->tasks, h->mms);
	return 0;
}

static void release(struct mmw_writer *w)
{
	for (uint32_t i = 0; i < w->keys.count; i++)
		free(w->info[i].text);
	mmw_table_free(&w->names);
	mmw_table_free(&w->keys);
	free(w);
}

int mmw_finish(struct mmw_writer *w, struct mmr_err *e)
{
	int ret = w->failed;
	if (ret)
		mmr_err_sys(e, ret, "%s: cannot write", w->file.path);
	if (w->names_dropped)
		mmw_info_count(w, MMW_INFO_ASSUMED, "command_name_left_out", w->names_dropped);
	if (w->h.duration_ns < w->last_ns)
		w->h.duration_ns = w->last_ns;
	w->h.unresolved = info_sum(w, MMW_INFO_UNRESOLVED);
	uint64_t lost = info_sum(w, MMW_INFO_LOST);
	if (lost > w->h.lost)
		w->h.lost = lost;
	if (!ret)
		ret = check_ids(w, e);
	if (!ret)
		ret = flush_block(w, e);
	if (!ret)
		ret = put_strings(w, e);
	if (!ret)
		ret = put_info(w, e);
	if (!ret)
		ret = put_header(w, e);
	if (ret)
		mmw_file_discard(&w->file);
	else
		ret = mmw_file_commit(&w->file, e);
	release(w);
	return ret;
}

void mmw_abort(struct mmw_writer *w)
{
	if (!w)
		return;
	mmw_file_discard(&w->file);
	release(w);
}
