/* The catalogue "profiles": each with its keys and their defaults. */
#include <stdio.h>
#include <string.h>

#include "tracegen/generate.h"
#include "tracegen/tracegen.h"

const struct mmr_item *list_profiles(unsigned i)
{
	static struct {
		struct mmr_item item;
		char keys[256];
	} row;
	const struct gen_profile *p = gen_profile(i);
	if (!p)
		return NULL;
	size_t n = 0;
	char value[32];
	for (unsigned k = 0; p->keys[k].name && n < sizeof(row.keys); k++)
		n += (size_t)snprintf(row.keys + n, sizeof(row.keys) - n, "%s%s=%s", n ? " " : "", p->keys[k].name,
				      gen_value_text(p, k, p->keys[k].value, value));
	row.item = (struct mmr_item){ p->name, row.keys, p->about };
	return &row.item;
}
