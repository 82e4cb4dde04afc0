#include "tracegen/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOLS_MAX (4u << 20)
#define LAST_SIZE 4096u /* of a function that no other follows */

void symbols_free(struct symbols *s)
{
	free(s->at);
	free(s->names);
	*s = (struct symbols){ 0 };
}

static int grow(struct symbols *s, size_t length)
{
	if (s->n == s->room) {
		uint32_t room = s->room ? 2 * s->room : 1024;
		struct symbol *at = room > SYMBOLS_MAX ? NULL : realloc(s->at, room * sizeof(*at));
		if (!at)
			return -ENOMEM;
		s->at = at;
		s->room = room;
	}
	if (length > s->size - s->used) {
		uint32_t size = s->size ? 2 * s->size : 65536;
		char *names = size > 1u << 30 ? NULL : realloc(s->names, size);
		if (!names)
			return -ENOMEM;
		s->names = names;
		s->size = size;
	}
	return 0;
}

int symbols_add(struct symbols *s, uint64_t from, uint64_t to, const char *name, bool global)
{
	size_t length = strlen(name) + 1;
	if (length > 4096 || grow(s, length))
		return -ENOMEM;
	memcpy(s->names + s->used, name, length);
	s->at[s->n++] = (struct symbol){ from, to, s->used, global };
	s->used += (uint32_t)length;
	s->sorted = false;
	return 0;
}

/* Of several at one address the global one is first. */
static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->global != y->global)
		return x->global ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static void sort(struct symbols *s)
{
	uint32_t n = 0;
	if (s->n)
		qsort(s->at, s->n, sizeof(*s->at), by_address);
	for (uint32_t i = 0; i < s->n; i++)
		if (!n || s->at[n - 1].from != s->at[i].from)
			s->at[n++] = s->at[i];
	s->n = n;
	/* A list does not say where they end. */
	for (uint32_t i = 0; i < n; i++)
		if (!s->at[i].to)
			s->at[i].to = i + 1 < n ? s->at[i + 1].from : s->at[i].from + LAST_SIZE;
	s->sorted = true;
}

const struct symbol *symbols_find(struct symbols *s, uint64_t address)
{
	if (!s->sorted)
		sort(s);
	uint32_t low = 0, high = s->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (s->at[mid].from <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low && address < s->at[low - 1].to ? &s->at[low - 1] : NULL;
}

const char *symbols_name(const struct symbols *s, const struct symbol *of)
{
	return s->names + of->name;
}

/* Marks of the linker, not functions. */
static bool is_mark(const char *name)
{
	static const char *const marks[] = { "_text",           "_stext",
					     "_etext",          "__lock_text_start",
					     "__lock_text_end", "__sched_text_start",
					     "__sched_text_end" };
	for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (!strcmp(name, marks[i]))
			return true;
	return false;
}

/* "ffffffff81000000 T name [module]" */
static int take_line(struct symbols *s, const char *line, bool *hidden)
{
	char type, name[256], module[64] = "", whole[400];
	uint64_t address;
	int n = sscanf(line, "%" SCNx64 " %c %255s [%63[^]]]", &address, &type, name, module);
	if (n < 3)
		return -EINVAL;
	if (!address) {
		*hidden = true;
		return 0;
	}
	if (!strchr("tTwW", type))
		return 0;
	if (is_mark(name)) {
		if (!strcmp(name, "_text") || (!s->base && !strcmp(name, "_stext")))
			s->base = address;
		return 0;
	}
	snprintf(whole, sizeof(whole), "%s%s%s%s", name, n == 4 ? "[" : "", module, n == 4 ? "]" : "");
	return symbols_add(s, address, 0, whole, type != 't');
}

int symbols_load(struct symbols *s, const char *path, struct mmr_err *e)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	uint64_t number = 0;
	bool hidden = false;
	int ret = 0;
	if (!f)
		return mmr_err_sys(e, -errno, "%s", path);
	while (!ret && getline(&line, &room, f) > 0) {
		number++;
		ret = take_line(s, line, &hidden);
	}
	if (ret == -EINVAL)
		mmr_err(e, ret, "%s: line %" PRIu64 ": no list of the kernel's symbols", path, number);
	else if (ret)
		mmr_err_sys(e, ret, "%s", path);
	else if (ferror(f))
		ret = mmr_err_sys(e, -EIO, "%s", path);
	else if (!s->n && hidden)
		ret = mmr_err(e, -EPERM, "%s: its addresses are hidden (all are 0): read it as root", path);
	else if (!s->n)
		ret = mmr_err(e, -EINVAL, "%s: no list of the kernel's symbols: it holds no function", path);
	free(line);
	fclose(f);
	return ret;
}
