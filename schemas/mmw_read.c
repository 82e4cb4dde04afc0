#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/mmw_format.h"
#include "schemas/mmw_read.h"

struct mmw_reader {
	char *path;
	int fd;
	uint64_t size;
	struct mmw_header h;
	char **name; /* name[i - 1]: string i, inside text */
	struct mmw_info *info; /* keys and texts inside info_text */
	char *text, *info_text;
	struct mmw_contentions contention;
};

int mmw_read_at(const struct mmw_reader *r, void *data, size_t n, uint64_t at)
{
	for (char *p = data; n;) {
		ssize_t done = pread(r->fd, p, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (!done)
			return -ENODATA;
		p += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

static int get_failed(const struct mmw_reader *r, int ret, const char *what, struct mmr_err *e)
{
	if (ret == -ENODATA)
		return mmr_err(e, -EBADMSG, "%s: truncated: it ends within its %s", r->path, what);
	return mmr_err_sys(e, ret, "%s: cannot read its %s", r->path, what);
}

static int __attribute__((format(printf, 3, 4)))
damaged(const struct mmw_reader *r, struct mmr_err *e, const char *fmt, ...)
{
	char what[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return mmr_err(e, -EBADMSG, "%s: damaged: %s", r->path, what);
}

static int open_file(struct mmw_reader *r, struct mmr_err *e)
{
	struct stat st;
	/* A FIFO without a writer must not hang us. */
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (r->fd < 0 || fstat(r->fd, &st))
		return mmr_err_sys(e, -errno, "%s", r->path);
	if (S_ISDIR(st.st_mode))
		return mmr_err(e, -EPROTO, "%s: a directory, not a workload file", r->path);
	if (!S_ISREG(st.st_mode))
		return mmr_err(e, -EPROTO, "%s: not a regular file", r->path);
	r->size = (uint64_t)st.st_size;
	if (!r->size)
		return mmr_err(e, -EPROTO, "%s: empty, not a workload file", r->path);
	posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

static int read_header(struct mmw_reader *r, struct mmr_err *e)
{
	struct mmw_header *h = &r->h;
	unsigned char page[MMW_HEADER_SIZE] = { 0 };
	int ret = mmw_read_at(r, page, r->size < sizeof(page) ? r->size : sizeof(page), 0);
	if (ret)
		return get_failed(r, ret, "header", e);
	memcpy(h, page, sizeof(*h));
	if (r->size >= 8 && !memcmp(h->magic, MMW_MAGIC, 6) && memcmp(h->magic, MMW_MAGIC, sizeof(h->magic)))
		return damaged(r, e, "its line ends were changed, as by a transfer in text mode");
	if (memcmp(h->magic, MMW_MAGIC, sizeof(h->magic)))
		return mmr_err(e, -EPROTO, "%s: not a workload file (.mmw)", r->path);
	mmw_swap_header(h);
	if (r->size >= 12 && h->version != MMW_VERSION)
		return mmr_err(e, -ENOTSUP, "%s: format version %u; this program reads version %d", r->path, h->version,
			       MMW_VERSION);
	if (r->size < sizeof(page))
		return get_failed(r, -ENODATA, "header", e);
	if (h->crc32 != mmw_crc_without(page, sizeof(page), offsetof(struct mmw_header, crc32)))
		return damaged(r, e, "header: bad checksum");
	if (h->header_size != MMW_HEADER_SIZE || h->block_size != MMW_BLOCK_SIZE ||
	    h->record_size != sizeof(struct mmw_event))
		return damaged(r, e, "header: sizes %u, %u, %u", h->header_size, h->block_size, h->record_size);
	if (h->complete != 1)
		return damaged(r, e, "it was never completed");
	return 0;
}

/* The parts follow each other without a gap; nothing is computed that could overflow. */
static int check_layout(struct mmw_reader *r, struct mmr_err *e)
{
	const struct mmw_header *h = &r->h;
	uint64_t full = h->events / MMW_RECORDS_PER_BLOCK, rest = h->events % MMW_RECORDS_PER_BLOCK;
	if (h->blocks != full + (rest != 0))
		return damaged(r, e, "header: %" PRIu64 " events in %" PRIu64 " blocks", h->events, h->blocks);
	if (h->strings > MMW_STRINGS_MAX || h->strings_size > MMW_STRINGS_SIZE_MAX || h->infos > MMW_INFO_MAX ||
	    h->info_size > MMW_INFO_SIZE_MAX)
		return damaged(r, e, "header: %u names in %" PRIu64 " bytes, %u information entries in %" PRIu64,
			       h->strings, h->strings_size, h->infos, h->info_size);
	if (h->blocks > (r->size - MMW_HEADER_SIZE) / MMW_BLOCK_SIZE)
		return mmr_err(e, -EBADMSG, "%s: truncated: %" PRIu64 " blocks of events announced, room for %" PRIu64,
			       r->path, h->blocks, (r->size - MMW_HEADER_SIZE) / MMW_BLOCK_SIZE);
	uint64_t end = MMW_HEADER_SIZE + h->blocks * MMW_BLOCK_SIZE;
	if (h->strings_offset != end || h->info_offset != end + h->strings_size)
		return damaged(r, e, "header: its tables lie at %" PRIu64 " and %" PRIu64, h->strings_offset,
			       h->info_offset);
	end += h->strings_size + h->info_size;
	if (r->size < end)
		return mmr_err(e, -EBADMSG, "%s: truncated: %" PRIu64 " of %" PRIu64 " bytes", r->path, r->size, end);
	if (r->size > end)
		return damaged(r, e, "%" PRIu64 " bytes follow its end", r->size - end);
	return 0;
}

static int check_counts(struct mmw_reader *r, struct mmr_err *e)
{
	const struct mmw_header *h = &r->h;
	uint64_t sum = 0;
	for (unsigned t = 0; t < EV_MAX; t++) {
		if (h->count[t] > h->events - sum)
			return damaged(r, e, "header: counts exceed its %" PRIu64 " events", h->events);
		sum += h->count[t];
		if (t >= EV_NR && h->count[t])
			return mmr_err(e, -ENOTSUP, "%s: holds events of type %u, which this program does not know",
				       r->path, t);
	}
	if (sum != h->events || h->count[EV_NONE])
		return damaged(r, e, "header: counts add up to %" PRIu64 " of %" PRIu64 " events", sum, h->events);
	/* Dense ids: each event brings in two tasks, one mm, one area at most. Readers allocate by these. */
	if (h->tasks > 2 * h->events || h->mms > h->events || h->areas > h->events)
		return damaged(r, e, "header: %u tasks, %u mms, %u areas in %" PRIu64 " events", h->tasks, h->mms,
			       h->areas, h->events);
	if (h->peak_tasks > h->tasks || h->peak_mms > h->mms || h->cpus > UINT16_MAX + 1u)
		return damaged(r, e, "header: peaks of %u tasks, %u mms; %u CPUs", h->peak_tasks, h->peak_mms, h->cpus);
	return 0;
}

/* Reads a table of the file into one allocation with a terminator to spare. */
static int read_table(struct mmw_reader *r, char **text, uint64_t at, uint64_t size, uint32_t crc, const char *what,
		      struct mmr_err *e)
{
	*text = malloc(size + 1);
	if (!*text)
		return mmr_err_sys(e, -ENOMEM, "%s: %s", r->path, what);
	int ret = mmw_read_at(r, *text, size, at);
	if (ret)
		return get_failed(r, ret, what, e);
	(*text)[size] = '\0';
	if ((uint32_t)crc32(0, (const Bytef *)*text, (uInt)size) != crc)
		return damaged(r, e, "%s: bad checksum", what);
	return 0;
}

/*
 * Names are terminated in place: what ends a name is the length of the next
 * one, which has been read by then.
 */
static int read_strings(struct mmw_reader *r, struct mmr_err *e)
{
	const struct mmw_header *h = &r->h;
	const char *what = "command names";
	int ret = read_table(r, &r->text, h->strings_offset, h->strings_size, h->strings_crc32, what, e);
	if (ret)
		return ret;
	r->name = calloc(h->strings + 1u, sizeof(*r->name));
	if (!r->name)
		return mmr_err_sys(e, -ENOMEM, "%s: %s", r->path, what);
	char *p = r->text, *end = p + h->strings_size;
	for (uint32_t i = 0; i < h->strings; i++) {
		if (end - p < MMW_STRING_HEADER)
			return damaged(r, e, "%s: %u announced, %u there", what, h->strings, i);
		uint32_t n = (unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
		*p = '\0';
		p += MMW_STRING_HEADER;
		if (!n || n > MMW_COMM_MAX || end - p < (ptrdiff_t)n || memchr(p, 0, n))
			return damaged(r, e, "%s: number %u, of %u bytes", what, i + 1, n);
		r->name[i] = p;
		p += n;
	}
	return p == end ? 0 : damaged(r, e, "%s: %td bytes too many", what, end - p);
}

bool mmw_read_count(const char *s, uint64_t *out)
{
	uint64_t v = 0;
	if (!*s || (*s == '0' && s[1]))
		return false;
	for (; *s; s++)
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	*out = v;
	return true;
}

static int read_info(struct mmw_reader *r, struct mmr_err *e)
{
	const struct mmw_header *h = &r->h;
	const char *what = "information table";
	char *raw = NULL;
	int ret = read_table(r, &raw, h->info_offset, h->info_size, h->info_crc32, what, e);
	/* Two terminators an entry take less than its header did. */
	if (!ret) {
		r->info_text = malloc(h->info_size + 1);
		r->info = calloc(h->infos + 1u, sizeof(*r->info));
		if (!r->info_text || !r->info)
			ret = mmr_err_sys(e, -ENOMEM, "%s: %s", r->path, what);
	}
	char *p = raw, *end = raw ? raw + h->info_size : NULL, *out = r->info_text;
	for (uint32_t i = 0; !ret && i < h->infos; i++) {
		struct mmw_info_entry entry;
		if (end - p < MMW_INFO_HEADER) {
			ret = damaged(r, e, "%s: %u entries announced, %u there", what, h->infos, i);
			break;
		}
		memcpy(&entry, p, sizeof(entry));
		p += sizeof(entry);
		uint32_t nkey = le16toh(entry.key_length), nvalue = le32toh(entry.value_length);
		if (entry.group < MMW_INFO_SOURCE || entry.group >= MMW_INFO_GROUPS || entry.reserved ||
		    nkey > MMW_INFO_KEY_MAX || nvalue > MMW_INFO_VALUE_MAX ||
		    (size_t)(end - p) < (size_t)nkey + nvalue || memchr(p, 0, (size_t)nkey + nvalue)) {
			ret = damaged(r, e, "%s: entry %u", what, i);
			break;
		}
		struct mmw_info *in = &r->info[i];
		in->group = entry.group;
		in->key = memcpy(out, p, nkey);
		out[nkey] = '\0';
		out += nkey + 1;
		in->text = memcpy(out, p + nkey, nvalue);
		out[nvalue] = '\0';
		out += nvalue + 1;
		p += nkey + nvalue;
		if (in->group != MMW_INFO_SOURCE && !mmw_read_count(in->text, &in->count))
			ret = damaged(r, e, "%s: entry %u is no number", what, i);
	}
	if (!ret && p != end)
		ret = damaged(r, e, "%s: %td bytes too many", what, end - p);
	free(raw);
	return ret;
}

static int read_contention(struct mmw_reader *r, struct mmr_err *e)
{
	int ret = mmw_read_contention(r->info, r->h.infos, &r->contention);
	if (ret == -EBADMSG)
		return damaged(r, e, "information table: a row of lock contention makes no sense");
	return ret ? mmr_err_sys(e, ret, "%s: lock contention", r->path) : 0;
}

int mmw_open(const char *path, struct mmw_reader **out, struct mmr_err *e)
{
	struct mmw_reader *r = calloc(1, sizeof(*r));
	*out = NULL;
	if (!r || !(r->path = strdup(path))) {
		free(r);
		return mmr_err_sys(e, -ENOMEM, "%s", path);
	}
	int ret = open_file(r, e);
	if (!ret)
		ret = read_header(r, e);
	if (!ret)
		ret = check_layout(r, e);
	if (!ret)
		ret = check_counts(r, e);
	if (!ret)
		ret = read_strings(r, e);
	if (!ret)
		ret = read_info(r, e);
	if (!ret)
		ret = read_contention(r, e);
	if (ret)
		mmw_close(r);
	else
		*out = r;
	return ret;
}

void mmw_close(struct mmw_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->name);
	free(r->text);
	free(r->info);
	free(r->info_text);
	mmw_free_contention(&r->contention);
	free(r->path);
	free(r);
}

const struct mmw_header *mmw_header(const struct mmw_reader *r)
{
	return &r->h;
}

const char *mmw_path(const struct mmw_reader *r)
{
	return r->path;
}

const char *mmw_comm(const struct mmw_reader *r, uint32_t index)
{
	return index && index <= r->h.strings ? r->name[index - 1] : "";
}

struct mmw_info mmw_info(const struct mmw_reader *r, uint32_t i)
{
	return i < r->h.infos ? r->info[i] : (struct mmw_info){ .key = "", .text = "" };
}

uint32_t mmw_contentions(const struct mmw_reader *r)
{
	return r->contention.rows;
}

const struct mmw_contention *mmw_contention(const struct mmw_reader *r, uint32_t i)
{
	return i < r->contention.rows ? &r->contention.row[i] : NULL;
}

struct mmw_contention_time mmw_contention_time(const struct mmw_reader *r)
{
	return r->contention.time;
}

const char *mmw_source(const struct mmw_reader *r, const char *key)
{
	for (uint32_t i = 0; i < r->h.infos; i++)
		if (r->info[i].group == MMW_INFO_SOURCE && !strcmp(r->info[i].key, key))
			return r->info[i].text;
	return NULL;
}
