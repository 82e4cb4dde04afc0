/* Walking the event blocks; each is checked as a whole when it is read. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mmw_format.h"
#include "schemas/mmw_read.h"

struct mmw_cursor {
	const struct mmw_reader *r;
	uint32_t next, count; /* within the block */
	uint64_t block; /* the next to read */
	uint64_t time_ns; /* of the last record read */
	struct mmr_err failed;
	struct mmw_block b;
};

int mmw_cursor_open(const struct mmw_reader *r, struct mmw_cursor **out, struct mmr_err *e)
{
	struct mmw_cursor *c = malloc(sizeof(*c));
	*out = c;
	if (!c)
		return mmr_err_sys(e, -ENOMEM, "%s", mmw_path(r));
	c->r = r;
	c->next = c->count = 0;
	c->block = 0;
	c->time_ns = 0;
	c->failed.code = 0;
	return 0;
}

void mmw_cursor_close(struct mmw_cursor *c)
{
	free(c);
}

/* Why record @i is not acceptable, NULL when it is. */
static inline const char *bad_record(const struct mmw_header *h, const struct mmw_event *ev, uint64_t time_ns)
{
	if (ev->type == EV_NONE || ev->type >= EV_NR)
		return "unknown type";
	if (ev->time_ns < time_ns || ev->time_ns > h->duration_ns)
		return "time out of order";
	unsigned bit = 1u << ev->type;
	if (ev->task > h->tasks || ((bit & MMW_ARG_TASK) && ev->arg > h->tasks))
		return "task out of range";
	if ((bit & MMW_ARG_AREA) && ev->arg > h->areas)
		return "area out of range";
	if ((bit & MMW_MM_MM) && ev->mm > h->mms)
		return "mm out of range";
	if (ev->comm > h->strings)
		return "command name out of range";
	return ev->cpu >= h->cpus ? "CPU out of range" : NULL;
}

static int check_header(struct mmw_cursor *c, uint64_t left)
{
	const struct mmw_block_header *h = &c->b.h;
	const char *path = mmw_path(c->r);
	uint64_t n = c->block;
	if (h->magic != MMW_BLOCK_MAGIC)
		return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ": damaged: not a block of events", path, n);
	uint32_t expected = left < MMW_RECORDS_PER_BLOCK ? (uint32_t)left : MMW_RECORDS_PER_BLOCK;
	if (h->count != expected || h->first_event != n * MMW_RECORDS_PER_BLOCK || h->reserved)
		return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ": damaged: %u records from %" PRIu64, path,
			       n, h->count, h->first_event);
	if (h->first_time_ns != le64toh(c->b.ev[0].time_ns) ||
	    h->last_time_ns != le64toh(c->b.ev[h->count - 1].time_ns))
		return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ": damaged: its times are not its records'",
			       path, n);
	return 0;
}

static int load(struct mmw_cursor *c)
{
	const struct mmw_header *h = mmw_header(c->r);
	const char *path = mmw_path(c->r);
	uint64_t n = c->block;
	int ret = mmw_read_at(c->r, &c->b, sizeof(c->b), MMW_HEADER_SIZE + n * MMW_BLOCK_SIZE);
	if (ret == -ENODATA)
		return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ": the file was cut off meanwhile", path, n);
	if (ret)
		return mmr_err_sys(&c->failed, ret, "%s: block %" PRIu64 ": cannot read", path, n);
	uint32_t crc = mmw_crc_without(&c->b, sizeof(c->b), offsetof(struct mmw_block, h.crc32));
	mmw_swap_block_header(&c->b.h);
	if (c->b.h.crc32 != crc)
		return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ": damaged: bad checksum", path, n);
	ret = check_header(c, h->events - n * MMW_RECORDS_PER_BLOCK);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < c->b.h.count; i++) {
		struct mmw_event *ev = &c->b.ev[i];
		mmw_swap_event(ev);
		const char *why = bad_record(h, ev, c->time_ns);
		if (why)
			return mmr_err(&c->failed, -EBADMSG, "%s: block %" PRIu64 ", record %u: %s", path, n, i, why);
		c->time_ns = ev->time_ns;
	}
	c->count = c->b.h.count;
	c->next = 0;
	c->block++;
	return 0;
}

int mmw_next(struct mmw_cursor *c, struct mmw_event *ev, struct mmr_err *e)
{
	if (c->next == c->count) {
		if (!c->failed.code && c->block == mmw_header(c->r)->blocks)
			return 0;
		if (c->failed.code || load(c)) {
			if (e)
				*e = c->failed;
			return c->failed.code;
		}
	}
	*ev = c->b.ev[c->next++];
	return 1;
}
