/* The first screens, in the order of Tab. A new one: its spec, a row here, its name. */
#include "ui/screens.h"

const char *const root_names[ROOTS] = { [ROOT_RUNS] = "Runs", [ROOT_COMPARE] = "Compare", [ROOT_LOCKS] = "Locks" };

struct screen *root_new(unsigned which)
{
	static const struct table_spec *const specs[ROOTS] = {
		[ROOT_RUNS] = &runs_spec,
		[ROOT_COMPARE] = &compare_spec,
		[ROOT_LOCKS] = &locks_spec,
	};
	struct table_screen *t = table_new(specs[which]);
	return t ? &t->base : NULL;
}
