#include "tracegen/record_names.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>

int rec_names_load(struct rec_names *n, struct mmr_err *e)
{
	int ret = symbols_load(&n->symbols, "/proc/kallsyms", e);
	if (ret == -EPERM)
		return 0;
	if (ret)
		return ret;
	/* They are put in order here, so that a place stays a place. */
	symbols_find(&n->symbols, 0);
	n->told = calloc(n->symbols.n, 1);
	return n->told ? 0 : mmr_err_sys(e, -ENOMEM, "/proc/kallsyms");
}

void rec_names_free(struct rec_names *n)
{
	symbols_free(&n->symbols);
	free(n->told);
	n->told = NULL;
}

const struct symbol *rec_names_new(struct rec_names *n, uint64_t address)
{
	uint64_t *met = &n->met[address % (sizeof(n->met) / sizeof(n->met[0]))];
	if (!n->told || *met == address)
		return NULL;
	*met = address;
	const struct symbol *s = symbols_find(&n->symbols, address);
	if (!s || n->told[s - n->symbols.at])
		return NULL;
	n->told[s - n->symbols.at] = 1;
	return s;
}

uint32_t rec_names_chain(const uint64_t *from, uint32_t frames, uint64_t to[REC_CHAIN_MAX])
{
	uint32_t n = 0;
	/* perf's marks are the highest numbers there are. */
	for (uint32_t i = 0; i < frames && n < REC_CHAIN_MAX; i++)
		if (from[i] < (uint64_t)PERF_CONTEXT_MAX)
			to[n++] = from[i];
	return n;
}
