/* The kernel's own lock contention: rows in the information table, one text each. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mmw_read.h"

#define PREFIX "contention."
#define FLAGS_MAX 0xffffu

/* What has no name in the file. */
#define NOBODY "-"

static bool is_row(const struct mmw_info *in)
{
	return in->group == MMW_INFO_SOURCE && !strncmp(in->key, PREFIX, sizeof(PREFIX) - 1);
}

bool mmw_is_contention(const struct mmw_info *in)
{
	return is_row(in) || mmw_is_contention_time(in);
}

const char *mmw_contention_type(uint32_t flags)
{
	static const struct {
		uint32_t flags;
		const char *name;
	} types[] = {
		{ 0, "semaphore" },
		{ MMW_CON_SPIN, "spinlock" },
		{ MMW_CON_SPIN | MMW_CON_READ, "rwlock:R" },
		{ MMW_CON_SPIN | MMW_CON_WRITE, "rwlock:W" },
		{ MMW_CON_READ, "rwsem:R" },
		{ MMW_CON_WRITE, "rwsem:W" },
		{ MMW_CON_RT, "rt-mutex" },
		{ MMW_CON_RT | MMW_CON_READ, "rwlock-rt:R" },
		{ MMW_CON_RT | MMW_CON_WRITE, "rwlock-rt:W" },
		{ MMW_CON_PERCPU | MMW_CON_READ, "pcpu-sem:R" },
		{ MMW_CON_PERCPU | MMW_CON_WRITE, "pcpu-sem:W" },
		{ MMW_CON_MUTEX, "mutex" },
		{ MMW_CON_MUTEX | MMW_CON_SPIN, "mutex" },
	};
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].flags == flags)
			return types[i].name;
	return "?";
}

/* One word of a row, without blanks and control characters. */
static void put_name(char *to, const char *name)
{
	size_t n = strnlen(name, MMW_CONTENTION_NAME);
	memcpy(to, name, n);
	to[n] = '\0';
	for (char *c = to; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '?';
	if (!n)
		strcpy(to, NOBODY);
}

void mmw_add_contention(struct mmw_writer *w, uint32_t row, const struct mmw_contention *c)
{
	char key[32], value[2 * MMW_CONTENTION_NAME + 128], caller[MMW_CONTENTION_NAME + 1],
		within[MMW_CONTENTION_NAME + 1];
	put_name(caller, c->caller);
	put_name(within, c->within);
	snprintf(key, sizeof(key), PREFIX "%" PRIu32, row);
	snprintf(value, sizeof(value), "%s %s %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, caller, within,
		 c->flags, c->contentions, c->wait_total_ns, c->wait_min_ns, c->wait_max_ns);
	mmw_info_text(w, MMW_INFO_SOURCE, key, value);
	mmw_write_contention_slices(w, row, c);
}

/* The word at *@at, which is terminated in place; NULL when it is none. *@at goes on behind it. */
static char *word(char **at)
{
	char *from = *at;
	size_t n = strcspn(from, " ");
	for (size_t i = 0; i < n; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return NULL;
	*at = from + n + (from[n] != '\0');
	from[n] = '\0';
	return n && n <= MMW_CONTENTION_NAME ? from : NULL;
}

static bool number(char **at, uint64_t *v)
{
	const char *text = word(at);
	return text && mmw_read_count(text, v);
}

/* In place: @text is the row's own. */
static bool parse(char *text, struct mmw_contention *c)
{
	uint64_t flags;
	size_t n = strlen(text);
	if (n && text[n - 1] == ' ')
		return false;
	char *at = text, *caller = word(&at), *within = word(&at);
	if (!caller || !within || !number(&at, &flags) || !number(&at, &c->contentions) ||
	    !number(&at, &c->wait_total_ns) || !number(&at, &c->wait_min_ns) || !number(&at, &c->wait_max_ns) || *at)
		return false;
	c->caller = strcmp(caller, NOBODY) ? caller : "";
	c->within = strcmp(within, NOBODY) ? within : "";
	c->flags = (uint32_t)flags;
	return flags <= FLAGS_MAX && c->contentions && c->wait_min_ns <= c->wait_max_ns &&
	       c->wait_max_ns <= c->wait_total_ns;
}

int mmw_read_contention(const struct mmw_info *info, uint32_t infos, struct mmw_contentions *out)
{
	size_t size = 1;
	*out = (struct mmw_contentions){ 0 };
	for (uint32_t i = 0; i < infos; i++)
		if (is_row(&info[i])) {
			out->rows++;
			size += strlen(info[i].text) + 1;
		}
	if (!out->rows)
		return 0;
	out->row = calloc(out->rows, sizeof(*out->row));
	out->text = malloc(size);
	if (!out->row || !out->text)
		return -ENOMEM;
	char *to = out->text;
	uint32_t n = 0;
	for (uint32_t i = 0; i < infos; i++) {
		if (!is_row(&info[i]))
			continue;
		size_t length = strlen(info[i].text) + 1;
		if (!parse(memcpy(to, info[i].text, length), &out->row[n++]))
			return -EBADMSG;
		to += length;
	}
	return mmw_read_contention_time(info, infos, out);
}

void mmw_free_contention(struct mmw_contentions *c)
{
	free(c->slice);
	free(c->row);
	free(c->text);
}
