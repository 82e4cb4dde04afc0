#include <string.h>

#include "ui/app.h"
#include "ui/drive.h"
#include "ui/term.h"

#define POLL_MS 500 /* how often the store is looked at */

static int loop(struct mmr_ctx *ctx, struct app *app, struct term *t)
{
	int rows, cols;
	while (!app->quit && !*ctx->stop) {
		/* The size is asked for each time: however it changed, the picture fits. */
		term_size(t, &rows, &cols);
		if ((rows != app->canvas.rows || cols != app->canvas.cols) && app_resize(app, rows, cols) < 0)
			return MMR_FAILED;
		app_draw(app);
		term_flush(t, &app->canvas);
		int key = term_key(t, POLL_MS);
		if (key == TERM_EOF)
			return 128 + SIGHUP;
		if (key == UK_NONE)
			app_tick(app);
		else if (key != UK_RESIZE)
			app_key(app, key);
		/* ^C during a query ends the query, not the browser. */
		if (app->interrupted && *ctx->stop == SIGINT)
			*ctx->stop = 0;
		app->interrupted = false;
	}
	return MMR_OK;
}

int drive_terminal(struct mmr_ctx *ctx, struct az_db *db, const char *path)
{
	struct app app;
	struct term *t;
	struct mmr_err e = { 0 };
	int rows, cols;
	if (term_open(&t, ctx->stop, &e) < 0)
		return cmd_fail(ctx, MMR_FAILED, "%s", e.text);
	term_size(t, &rows, &cols);
	if (app_init(&app, db, path, rows, cols) < 0) {
		term_close(t);
		return cmd_fail(ctx, MMR_FAILED, "out of memory");
	}
	int rc = loop(ctx, &app, t);
	app_free(&app);
	term_close(t);
	if (rc == MMR_FAILED)
		return cmd_fail(ctx, rc, "out of memory");
	return *ctx->stop ? cmd_stopped(ctx) : rc;
}
