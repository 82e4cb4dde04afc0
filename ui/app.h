/*
 * app.h - the browser without a terminal: keys go in, a canvas comes out.
 *
 * The drivers (terminal, script) feed it. One thread. It reads the store
 * through analyze/view.h and computes nothing.
 */
#ifndef MMR_UI_APP_H
#define MMR_UI_APP_H

#include <stdint.h>

#include "analyze/view.h"
#include "ui/prompt.h"
#include "ui/screen.h"

#define APP_STACK 16
#define APP_MIN_ROWS 8
#define APP_MIN_COLS 40

enum ask { ASK_NOTHING, ASK_SEARCH, ASK_EXPORT, ASK_OVERWRITE, ASK_SQL };

struct app {
	struct az_db *db; /* not owned */
	const char *path; /* of the store, made safe */
	struct canvas canvas;
	struct screen *roots[ROOTS];
	unsigned root;
	struct screen *stack[APP_STACK]; /* opened on top of the root */
	unsigned depth;
	enum ask ask;
	struct prompt prompt;
	unsigned ask_cursor; /* where a search began */
	char last_sql[PROMPT_TEXT]; /* for the next time */
	char export_path[PROMPT_TEXT]; /* being asked about */
	char message[MMR_ERR_TEXT]; /* shown until the next key */
	enum role message_role;
	bool interrupted; /* a reading was stopped by a signal */
	bool quit;
};

/* 0 or -ENOMEM. @db and @path stay the caller's and must outlive the app. */
int app_init(struct app *app, struct az_db *db, const char *path, int rows, int cols);
void app_free(struct app *app);

void app_key(struct app *app, int key);
/* To be called about twice a second: reads the store again when it has changed. Returns whether it had. */
bool app_tick(struct app *app);
int app_resize(struct app *app, int rows, int cols);
/* Draw all of it onto app->canvas. */
void app_draw(struct app *app);

/* ---- for screens ---- */

struct screen *app_screen(struct app *app);
/* Open @s (which the app owns from now on) on top; NULL is ignored, so is what fails to load: a message says why. */
void app_push(struct app *app, struct screen *s);
void app_say(struct app *app, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- for app*.c ---- */

void app_ask_start(struct app *app, enum ask what);
void app_ask_key(struct app *app, int key);
void app_search_again(struct app *app, int step);

#endif
