/*
 * store_fixture.h - a results store in a folder of its own, for unit tests: a
 * sink to write to and one-value queries to look with. Every failure ends the test.
 */
#ifndef MMR_TESTS_STORE_FIXTURE_H
#define MMR_TESTS_STORE_FIXTURE_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "analyze/analyze.h"
#include "analyze/view.h"
#include "tests/support/sample_store.h"

struct fixture {
	char dir[64], path[96];
	struct result_sink *sink;
	struct mmr_err e;
	struct result_config config; /* sample_config(), for the test to change */
};

/* Make the folder and an open store with machine and workload. */
static inline void fixture_open(struct fixture *f)
{
	*f = (struct fixture){ .config = sample_config() };
	snprintf(f->dir, sizeof(f->dir), "/tmp/mmr-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/s.db", f->dir);
	struct result_machine m = sample_machine();
	struct result_workload w = sample_workload();
	if (results_open(f->path, &f->sink, &f->e) || f->sink->set_machine(f->sink, &m, &f->e) ||
	    f->sink->set_workload(f->sink, &w, &f->e))
		fail_msg("%s", f->e.text);
}

/* Close the sink if it is open; remove everything. */
static inline void fixture_gone(struct fixture *f)
{
	if (f->sink)
		f->sink->close(f->sink, NULL);
	chmod(f->dir, 0755);
	DIR *d = opendir(f->dir);
	assert_non_null(d);
	for (struct dirent *n; (n = readdir(d));)
		if (n->d_name[0] != '.')
			unlinkat(dirfd(d), n->d_name, 0);
	closedir(d);
	assert_int_equal(rmdir(f->dir), 0);
}

/* How many files there are in its folder. */
static inline unsigned fixture_files(const struct fixture *f)
{
	unsigned n = 0;
	DIR *d = opendir(f->dir);
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* Make the file @path of @n bytes, whatever it was. */
static inline void fixture_write(const char *path, const void *data, size_t n)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/*
 * One run of f->config: @events_per_s at a million events, with @lock (may be
 * NULL), ended as @status. Returns its id.
 */
static inline int64_t fixture_run(struct fixture *f, double events_per_s, const struct result_lock *lock,
				  enum result_status status, enum result_verdict verdict)
{
	int64_t id = 0;
	struct result_run r = {
		.status = status,
		.verdict = verdict,
		.events = 1000000,
		.wall_ns = (uint64_t)llround(1e15 / events_per_s),
		.state_digest = 0x1234,
		.locks = lock,
		.nlocks = lock ? 1 : 0,
	};
	if (f->sink->run_begin(f->sink, &f->config, &id, &f->e) ||
	    (status != RUN_RUNNING && f->sink->run_end(f->sink, id, &r, &f->e)))
		fail_msg("%s", f->e.text);
	return id;
}

static inline struct az_table *ask(struct fixture *f, const char *sql)
{
	struct az_db *db = NULL;
	struct az_table *t = NULL;
	if (az_open(f->path, &db, &f->e) || az_sql(db, sql, &t, &f->e))
		fail_msg("%s", f->e.text);
	assert_non_null(t);
	az_close(db);
	return t;
}

/* The first column of the first row, through the store's views; NaN for NULL and for no row. */
static inline double fixture_real(struct fixture *f, const char *sql)
{
	struct az_table *t = ask(f, sql);
	double v = t->nrows && az_cell(t, 0, 0)->kind != AZ_NULL ? az_cell(t, 0, 0)->r : NAN;
	az_free(t);
	return v;
}

/* The same as text, in a static buffer. */
static inline const char *fixture_text(struct fixture *f, const char *sql)
{
	static char text[1024];
	struct az_table *t = ask(f, sql);
	struct az_column plain = { "x", "x", "", AZ_TEXT, false, false };
	text[0] = '\0';
	if (t->nrows)
		az_format(&plain, az_cell(t, 0, 0), text, sizeof(text));
	az_free(t);
	return text;
}

#endif
