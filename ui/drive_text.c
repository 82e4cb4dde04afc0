#include <stdio.h>

#include "ui/drive.h"

int drive_text(struct mmr_ctx *ctx, struct az_db *db, const char *path)
{
	static const char *const names[] = { "runs", "compare" };
	struct mmr_err e = { 0 };
	if (az_left_out(db))
		cmd_note(ctx, "%s: older runs: %lld, left out; --session N or all shows them", path,
			 (long long)az_left_out(db));
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct az_view *v = az_view_by_name(names[i]);
		struct az_table *t;
		if (az_read(db, v, NULL, &t, &e) < 0)
			return *ctx->stop ? cmd_stopped(ctx) : cmd_fail(ctx, MMR_FAILED, "%s", e.text);
		if (t->nrows) {
			printf("%s%s\n", i ? "\n" : "", v->title);
			az_print_table(t, stdout);
		} else if (!i) {
			cmd_note(ctx, "%s: no runs yet; `mmreplay replay WORKLOAD.mmw --db %s` makes some", path, path);
		}
		az_free(t);
	}
	return cmd_done(ctx, MMR_OK);
}
