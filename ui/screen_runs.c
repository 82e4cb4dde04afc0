/* Runs: every run of the store; Enter shows its locks, `c` compares. */
#include <string.h>

#include "ui/app.h"
#include "ui/screens.h"

struct tally {
	unsigned running, interrupted, failed, violation, unchecked;
	bool lost;
};

static void add_if(unsigned *count, const char *text, const char *word)
{
	*count += !strcmp(text, word);
}

/* What is not as it should be, in the rows shown. */
static struct tally tally(const struct grid *g)
{
	struct tally n = { 0 };
	char text[GRID_TEXT];
	for (unsigned r = 0; r < grid_rows(g); r++) {
		grid_text(g, r, "status", text, sizeof(text));
		add_if(&n.running, text, "running");
		add_if(&n.interrupted, text, "interrupted");
		add_if(&n.failed, text, "failed");
		bool done = !strcmp(text, "done");
		grid_text(g, r, "verdict", text, sizeof(text));
		add_if(&n.violation, text, "violation");
		n.unchecked += done && !strcmp(text, "unchecked");
		const struct az_cell *lost = grid_cell(g, r, "lost");
		n.lost |= lost && lost->kind == AZ_INT && lost->i > 0;
	}
	return n;
}

static void title(struct table_screen *t, struct app *app, char *buf, unsigned size)
{
	(void)app;
	struct tally n = tally(&t->grid);
	const struct {
		unsigned count;
		const char *word;
	} parts[] = {
		{ n.running, "running" },     { n.interrupted, "interrupted" }, { n.failed, "failed" },
		{ n.violation, "violation" }, { n.unchecked, "unchecked" },
	};
	int at = snprintf(buf, size, "%u run%s", grid_rows(&t->grid), grid_rows(&t->grid) == 1 ? "" : "s");
	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (parts[i].count)
			at += snprintf(buf + at, size - (unsigned)at, ", %u %s", parts[i].count, parts[i].word);
	if (n.lost)
		snprintf(buf + at, size - (unsigned)at, ", with events lost in the recording");
}

static struct screen *open_run(struct table_screen *t, struct app *app)
{
	(void)app;
	return locks_of_run(&t->grid, t->grid.cursor);
}

/* The value of @column that all marked rows have, or NULL; without marks that of the cursor's row. */
static const struct az_cell *common(const struct grid *g, const char *column)
{
	const struct az_cell *first = NULL;
	if (!g->nmarks)
		return grid_cell(g, g->cursor, column);
	for (unsigned r = 0; r < grid_rows(g); r++) {
		if (!grid_marked(g, r))
			continue;
		const struct az_cell *c = grid_cell(g, r, column);
		if (!c || c->kind != AZ_INT || (first && first->i != c->i))
			return NULL;
		first = c;
	}
	return first;
}

static struct screen *compare_runs(struct table_screen *t, struct app *app)
{
	const struct az_cell *setting = common(&t->grid, "setting");
	(void)app;
	return setting ? compare_of_setting(setting) : side_by_side(&t->grid);
}

static const char *const key[] = { "run_id", NULL };
static const char *const first[] = { "run_id",  "design",   "lock_kind",    "threads", "repeat_no",
				     "status",  "verdict",  "events_per_s", "wall_ns", "events",
				     "session", "workload", "started_at",   NULL };

const struct table_spec runs_spec = {
	.name = "runs",
	.view = "runs",
	.key = key,
	.first = first,
	.pinned = 2,
	.open = open_run,
	.compare = compare_runs,
	.title = title,
	.empty = "No runs are in this store yet. To make some:\n\n"
		 "  mmreplay generate fork_storm -o storm.mmw\n"
		 "  mmreplay replay storm.mmw --db THIS-FILE\n\n"
		 "They appear here as they are done.",
};
