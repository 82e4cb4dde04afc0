#include "schemas/mmw_table.h"

#include <stdlib.h>
#include <string.h>

void mmw_table_init(struct mmw_table *t, uint32_t max)
{
	*t = (struct mmw_table){ .max = max };
}

void mmw_table_free(struct mmw_table *t)
{
	free(t->slot);
	free(t->at);
	free(t->length);
	free(t->bytes);
	*t = (struct mmw_table){ .max = t->max };
}

/* FNV-1a: short keys, and a table bounded small enough that a crafted collision costs little. */
static uint32_t hash(const unsigned char *s, uint16_t n)
{
	uint32_t h = 2166136261u;
	for (uint16_t i = 0; i < n; i++)
		h = (h ^ s[i]) * 16777619u;
	return h ^ h >> 15;
}

/* The slot where @s is, or where it belongs. */
static uint32_t probe(const struct mmw_table *t, const void *s, uint16_t n)
{
	uint32_t i = hash(s, n) & (t->slots - 1);
	for (; t->slot[i]; i = (i + 1) & (t->slots - 1)) {
		uint32_t e = t->slot[i] - 1;
		if (t->length[e] == n && !memcmp(t->bytes + t->at[e], s, n))
			break;
	}
	return i;
}

uint32_t mmw_table_find(const struct mmw_table *t, const void *s, uint16_t n)
{
	return t->slots ? t->slot[probe(t, s, n)] : 0;
}

static int grow_slots(struct mmw_table *t)
{
	uint32_t slots = t->slots ? t->slots * 2 : 64;
	uint32_t *old = t->slot, *slot = calloc(slots, sizeof(*slot));
	if (!slot)
		return -1;
	t->slot = slot;
	t->slots = slots;
	for (uint32_t e = 0; e < t->count; e++)
		slot[probe(t, t->bytes + t->at[e], t->length[e])] = e + 1;
	free(old);
	return 0;
}

static int grow_entries(struct mmw_table *t, uint16_t n)
{
	if (t->count == t->room) {
		uint32_t room = t->room ? t->room * 2 : 64;
		uint64_t *at = realloc(t->at, room * sizeof(*at));
		if (at)
			t->at = at;
		uint16_t *length = realloc(t->length, room * sizeof(*length));
		if (length)
			t->length = length;
		if (!at || !length)
			return -1;
		t->room = room;
	}
	if (t->used + n > t->size) {
		size_t size = t->size ? t->size * 2 : 4096;
		while (size < t->used + n)
			size *= 2;
		char *bytes = realloc(t->bytes, size);
		if (!bytes)
			return -1;
		t->bytes = bytes;
		t->size = size;
	}
	return 0;
}

uint32_t mmw_table_add(struct mmw_table *t, const void *s, uint16_t n)
{
	uint32_t e = mmw_table_find(t, s, n);
	if (e)
		return e;
	if (t->count >= t->max || grow_entries(t, n))
		return MMW_TABLE_FULL;
	if ((t->count + 1) * 2 > t->slots && grow_slots(t))
		return MMW_TABLE_FULL;
	memcpy(t->bytes + t->used, s, n);
	t->at[t->count] = t->used;
	t->length[t->count] = n;
	t->used += n;
	t->slot[probe(t, s, n)] = ++t->count;
	return t->count;
}
