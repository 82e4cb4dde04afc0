/*
 * A script: one line, one key (by name: Down, Enter, PgDn, F1, x, ^U) or
 *
 *   # ...          a remark; empty lines count as such
 *   /TEXT ;TEXT    the key / or ; and TEXT typed after it (Enter is not implied)
 *   type TEXT      TEXT typed
 *   resize 80x24   another size (columns x rows); 80x24 at the start
 *   tick           look whether the store has changed, as a terminal does twice a second
 *   dump           print the screen as text
 *   roles          print the roles of its characters (canvas.h has the letters)
 *   quit           leave, as the end of the file does
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ui/app.h"
#include "ui/drive.h"

#define MAX_SIDE 1000

static void type(struct app *app, const char *text)
{
	wchar_t ch;
	mbstate_t state = { 0 };
	while (*text) {
		size_t n = mbrtowc(&ch, text, strlen(text), &state);
		if (n == (size_t)-1 || n == (size_t)-2)
			n = 1, ch = L'?', state = (mbstate_t){ 0 };
		app_key(app, ch);
		text += n;
	}
}

static bool resize(struct app *app, const char *arg)
{
	int cols, rows, end = -1;
	if (sscanf(arg, "%dx%d%n", &cols, &rows, &end) != 2 || arg[end])
		return false;
	if (cols < 1 || rows < 1 || cols > MAX_SIDE || rows > MAX_SIDE)
		return false;
	return app_resize(app, rows, cols) == 0;
}

/* Obey one line; false when it is none of the above. */
static bool obey(struct app *app, const char *line)
{
	int key = key_by_name(line);
	if (key) {
		app_key(app, key);
	} else if (!strcmp(line, "dump") || !strcmp(line, "roles")) {
		app_draw(app);
		if (*line == 'd')
			canvas_dump(&app->canvas, stdout);
		else
			canvas_dump_roles(&app->canvas, stdout);
		fflush(stdout);
	} else if (!strcmp(line, "tick")) {
		app_tick(app);
	} else if (!strcmp(line, "quit")) {
		app->quit = true;
	} else if (*line == '/' || *line == ';') {
		type(app, line);
	} else if (!strncmp(line, "type ", 5)) {
		type(app, line + 5);
	} else {
		return !strncmp(line, "resize ", 7) && resize(app, line + 7);
	}
	return true;
}

static int run(struct mmr_ctx *ctx, struct app *app, FILE *f, const char *script)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int rc = MMR_OK;
	for (unsigned no = 1; rc == MMR_OK && !app->quit && !*ctx->stop && (n = getline(&line, &size, f)) >= 0; no++) {
		if (n && line[n - 1] == '\n')
			line[--n] = '\0';
		if (!*line || (*line == '#' && n > 1))
			continue;
		/* What a picture showed decides what keys do: it is drawn, as on a terminal, before each. */
		app_draw(app);
		if (!obey(app, line))
			rc = cmd_fail(ctx, MMR_BAD_INPUT, "%s: line %u: neither a key nor a command: '%s'", script, no,
				      line);
	}
	if (rc == MMR_OK && ferror(f))
		rc = cmd_fail(ctx, MMR_BAD_INPUT, "%s: %s", script, strerror(errno));
	free(line);
	return rc;
}

int drive_script(struct mmr_ctx *ctx, struct az_db *db, const char *path, const char *script)
{
	struct app app;
	bool is_stdin = !strcmp(script, "-");
	FILE *f = is_stdin ? stdin : fopen(script, "re");
	if (!f)
		return cmd_fail(ctx, MMR_BAD_INPUT, "%s: %s", script, strerror(errno));
	int rc = app_init(&app, db, path, 24, 80);
	if (rc == 0) {
		rc = run(ctx, &app, f, script);
		app_free(&app);
	} else {
		rc = cmd_fail(ctx, MMR_FAILED, "out of memory");
	}
	if (!is_stdin)
		fclose(f);
	return *ctx->stop ? cmd_stopped(ctx) : cmd_done(ctx, rc);
}
