/* Locks: of each setting and design (repeats together), or of one run; Enter shows the histograms. */
#include "ui/app.h"
#include "ui/screens.h"

static struct screen *open_lock(struct table_screen *t, struct app *app)
{
	(void)app;
	return lock_new(&t->grid, t->grid.cursor);
}

static struct screen *compare_locks(struct table_screen *t, struct app *app)
{
	const struct az_cell *setting = grid_cell(&t->grid, t->grid.cursor, "setting");
	(void)app;
	return setting ? compare_of_setting(setting) : NULL;
}

static void title(struct table_screen *t, struct app *app, char *buf, unsigned size)
{
	(void)t;
	(void)app;
	snprintf(buf, size, "Locks of each design, repeats together (medians; max over all)");
}

static const char *const key[] = { "setting", "design", "lock", "mode", NULL };
static const char *const first[] = { "lock",        "mode",        "design",      "threads", "lock_kind", "wait_avg_ns",
				     "hold_avg_ns", "wait_p99_ns", "hold_p99_ns", "session", NULL };
static const char *const run_first[] = {
	"lock",        "mode",        "acquisitions", "contentions", "contention_percent",
	"wait_avg_ns", "hold_avg_ns", "wait_p99_ns",  "hold_p99_ns", NULL
};
static const char *const run_key[] = { "run_id", "lock", "mode", NULL };

const struct table_spec locks_spec = {
	.name = "locks",
	.view = "locks",
	.key = key,
	.first = first,
	.pinned = 3,
	.open = open_lock,
	.compare = compare_locks,
	.title = title,
	.empty = "No locks yet: they appear when a run is done.",
};

static const struct table_spec run_locks_spec = {
	.name = "run-locks",
	.view = "lock_detail",
	.key = run_key,
	.first = run_first,
	.pinned = 2,
	.open = open_lock,
	.compare = compare_locks,
	.empty = "This run has stored no locks: it has not ended, or measured none.",
};

struct screen *locks_of_run(const struct grid *g, unsigned row)
{
	struct table_screen *t = table_new(&run_locks_spec);
	char id[32], design[64], lock[64], threads[32], status[32], verdict[32];
	if (!t)
		return NULL;
	if (!table_filter(t, "run_id", grid_cell(g, row, "run_id"))) {
		t->base.ops->free(&t->base);
		return NULL;
	}
	grid_text(g, row, "run_id", id, sizeof(id));
	grid_text(g, row, "design", design, sizeof(design));
	grid_text(g, row, "lock_kind", lock, sizeof(lock));
	grid_text(g, row, "threads", threads, sizeof(threads));
	grid_text(g, row, "status", status, sizeof(status));
	grid_text(g, row, "verdict", verdict, sizeof(verdict));
	snprintf(t->base.title, sizeof(t->base.title), "Locks of run %s: %s, %s, threads %s, %s, %s", id, design, lock,
		 threads, status, verdict);
	return &t->base;
}

struct screen *locks_of_setting(const struct az_cell *setting)
{
	struct table_screen *t = table_new(&locks_spec);
	if (t && !table_filter(t, "setting", setting)) {
		t->base.ops->free(&t->base);
		return NULL;
	}
	return t ? &t->base : NULL;
}
