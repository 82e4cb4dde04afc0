#include "schemas/cmd_list.h"
#include "schemas/event.h"

const struct mmr_item *list_events(unsigned i)
{
	static struct mmr_item item;
	if (i + 1 >= EV_NR)
		return NULL;
	item = (struct mmr_item){ ev_name(i + 1), "", ev_describe(i + 1) };
	return &item;
}
