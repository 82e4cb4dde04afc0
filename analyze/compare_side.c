/* What the arguments of `mmreplay compare` name, and reading it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyze/compare.h"
#include "analyze/view_db.h"
#include "schemas/safe.h"

/* What an argument says. */
struct named {
	const char *db, *design;
	int64_t session, run;
};

static const char *after(const char *text, const char *prefix)
{
	const size_t n = strlen(prefix);
	return strncmp(text, prefix, n) ? NULL : text + n;
}

static bool number(const char *text, int64_t *v)
{
	char *end;
	errno = 0;
	*v = strtoll(text, &end, 10);
	return !errno && end != text && !*end && *v > 0;
}

/* FILE or FILE@SESSION, into @path. */
static void split_file(const char *text, char *path, size_t size, int64_t *session)
{
	struct stat st;
	snprintf(path, size, "%s", text);
	char *at = strrchr(path, '@');
	if (at && stat(text, &st) && number(at + 1, session))
		*at = '\0';
}

static int is_design(const char *db, int64_t session, const char *text, bool *yes, struct mmr_err *e)
{
	struct az_db *d;
	struct az_table *t = NULL;
	*yes = false;
	int rc = az_open(db, &d, e);
	if (rc)
		return rc;
	char sql[160];
	snprintf(sql, sizeof(sql),
		 session ? "SELECT DISTINCT design FROM run WHERE session = %lld"
			 : "SELECT DISTINCT design FROM run WHERE session = (SELECT MAX(session) FROM run)",
		 (long long)session);
	rc = az_sql(d, sql, &t, e);
	for (unsigned i = 0; !rc && i < t->nrows; i++)
		*yes |= !strcmp(az_cell(t, i, 0)->s, text);
	if (!rc)
		az_free(t);
	az_close(d);
	return rc;
}

/* A text without a prefix: a number, a file, or a design. */
static int guess(struct named *n, const char *text, char *path, size_t size, struct mmr_err *e)
{
	char shown[128];
	struct stat st;
	bool design;
	if (number(text, &n->session))
		return 0;
	const char *db = n->db;
	int64_t of_file = 0;
	split_file(text, path, size, &of_file);
	const bool file = !stat(path, &st);
	struct mmr_err why = { 0 };
	int rc = is_design(db, n->session, text, &design, &why);
	safe_copy(shown, sizeof(shown), text);
	if (!rc && design && file)
		return mmr_err(e, -EINVAL, "'%s' is a file and a design: say db:%s or design:%s", shown, shown, shown);
	if (file) {
		n->db = path;
		n->session = of_file;
		return 0;
	}
	if (rc)
		return mmr_err(e, rc, "'%s' is no session and no file, and for a design there is no store: %s", shown,
			       why.text);
	if (!design)
		return mmr_err(e, -ENOENT, "'%s' is no session, no file, and no design that %s of %s has", shown,
			       n->session ? "that session" : "the newest session", db);
	n->design = text;
	return 0;
}

static int understand(struct named *n, const char *text, char *path, size_t size, struct mmr_err *e)
{
	const char *rest;
	bool fine = true;
	if ((rest = after(text, "session:"))) {
		fine = number(rest, &n->session);
	} else if ((rest = after(text, "run:"))) {
		fine = number(rest, &n->run);
	} else if ((rest = after(text, "design:"))) {
		n->design = rest;
	} else if ((rest = after(text, "db:"))) {
		n->session = 0;
		split_file(rest, path, size, &n->session);
		n->db = path;
	} else {
		return guess(n, text, path, size, e);
	}
	char shown[128];
	safe_copy(shown, sizeof(shown), text);
	return fine ? 0 : mmr_err(e, -EINVAL, "'%s': a number from 1 is missing", shown);
}

static int find_session(struct compare_side *s, struct mmr_err *e)
{
	char sql[128];
	if (s->run)
		snprintf(sql, sizeof(sql), "SELECT session FROM run WHERE id = %lld", (long long)s->run);
	else if (s->session)
		snprintf(sql, sizeof(sql), "SELECT session FROM run WHERE session = %lld", (long long)s->session);
	else
		snprintf(sql, sizeof(sql), "SELECT MAX(session) FROM run");
	const int64_t asked = s->session;
	int rc = sql_int(&s->db->sql, sql, &s->session, e);
	if (rc || s->session)
		return rc ? rc : az_focus(s->db, s->session, e);
	if (s->run)
		return mmr_err(e, -ENOENT, "%s: no run %lld; `report --view runs` lists them", s->path,
			       (long long)s->run);
	return asked ? mmr_err(e, -ENOENT, "%s: no session %lld; `report --view sessions` lists them", s->path,
			       (long long)asked)
		     : mmr_err(e, -ENOENT, "%s: no run is in this store yet", s->path);
}

/* The floor's runs come along as what does not change; those of other designs do not. */
static const char figures[] =
	"SELECT f.lock_kind, CAST(f.threads AS TEXT) AS threads, printf('%g', f.speed) AS speed, f.design, f.place, "
	"f.figure, "
	"f.unit, f.better, f.step, f.floor, f.repeat_no, f.value, "
	"(SELECT partition FROM i_done p WHERE p.id = f.run_id) AS partition, "
	"(SELECT COUNT(*) FROM i_run v WHERE v.design = f.design AND v.verdict = 'violation') AS violations, "
	/*
	 * The part of the CPU time that others took beyond what the run's threads left idle. Ticks are too
	 * coarse to say it of less.
	 */
	"(SELECT CASE WHEN SUM(h.cpu_ns) > 2e8 THEN (SUM(h.other_ns) + SUM(h.steal_ns)) * 1.0 / SUM(h.cpu_ns) "
	"- MAX(0, 1 - o.threads * 1.0 / m.cpus) END "
	"FROM i_done o JOIN run_hygiene h ON h.run_id = o.id JOIN machine m ON m.id = o.machine_id "
	"WHERE o.setting = f.setting AND o.design = f.design) AS crowd "
	"FROM i_figure f WHERE ?1 IN (0, f.run_id) AND (?2 IS NULL OR f.design = ?2 OR f.floor) "
	"ORDER BY f.lock_kind, f.threads, f.speed, f.floor, f.design, f.place, f.repeat_no";

/* A run alone has nothing that could be said of noise. */
static const char reference[] =
	"SELECT r.lock AS lock_kind, CAST(r.threads AS TEXT) AS threads, printf('%g', r.speed) AS speed, x.design, "
	"0 AS place, 'events/s' AS figure, 1 AS floor, x.repeat_no, x.events * 1e9 / x.wall_ns AS value "
	"FROM reference_run x JOIN i_run r ON r.id = x.setting WHERE ?1 = 0 AND x.wall_ns > 0 "
	"ORDER BY 1, r.threads, r.speed, x.design, x.repeat_no";

#define FACT(name, value) "SELECT " #name " AS name, group_concat(DISTINCT " value ") AS value FROM r"
static const char
	facts[] = "WITH r AS (SELECT i.*, w.path, w.source_hash, m.host, m.kernel, m.cpu_model, m.cpus FROM i_run i "
		  "JOIN workload w ON w.id = i.workload_id JOIN machine m ON m.id = i.machine_id "
		  "WHERE i.status = 'done' AND ?1 IN (0, i.id) AND (?2 IS NULL OR i.design = ?2) ORDER BY i.id) " FACT('workload',
														       "path || ' [' || substr(source_hash, 1, 8) || ']'") " UNION ALL " FACT('machine', "host || ' ' || kernel || ' ' || cpu_model || ' x' || cpus") " UNION ALL " FACT('subject', "subject") " UNION ALL " FACT('engine',
																																								  "engine") " UNION ALL " FACT('topology',
																																											       "topology") " UNION ALL " FACT('era',
																																															      "era") " UNION ALL " FACT('geometry',
																																																			"geometry") " UNION ALL " FACT('lock', "lock") " UNION ALL " FACT('threads',
																																																											  "threads") " UNION ALL " FACT('partition',
																																																															"partition") " UNION ALL " FACT('order',
																																																																			"order_mode") " UNION ALL " FACT('pace', "pace") " UNION ALL " FACT('speed',
																																																																											    "speed") " UNION ALL " FACT('copies',
																																																																															"copies") " UNION ALL " FACT('measure',
																																																																																		     "measure || '/' || sample_every") " UNION ALL " FACT('surround',
																																																																																									  "surround") " UNION ALL " FACT('inject',
																																																																																													 "inject") " UNION ALL " FACT('delay', "delay") " UNION ALL " FACT('version', "version");
#undef FACT

static const char not_done[] =
	"SELECT COUNT(*) AS n FROM i_run WHERE status <> 'done' AND ?1 IN (0, id) AND (?2 IS NULL OR design = ?2)";
static const char others[] =
	"SELECT 100.0 * MAX(0, SUM(h.other_ns + h.steal_ns)) / SUM(h.cpu_ns) AS p FROM i_run r JOIN "
	"run_hygiene h ON h.run_id = r.id";

static int read_all(struct compare_side *s, struct mmr_err *e)
{
	const struct az_cell bound[] = {
		{ .kind = AZ_INT, .i = s->run },
		{ .kind = s->design ? AZ_STR : AZ_NULL, .s = s->design },
	};
	struct az_table *t = NULL;
	s->other_percent = NAN;
	int rc = az_sql_bound(s->db, figures, bound, 2, &s->rows, e);
	if (!rc)
		rc = az_sql_bound(s->db, reference, bound, 1, &s->reference, e);
	if (!rc)
		rc = az_sql_bound(s->db, facts, bound, 2, &s->facts, e);
	if (!rc)
		rc = az_sql_bound(s->db, not_done, bound, 2, &t, e);
	if (rc)
		return rc;
	s->incomplete = az_cell(t, 0, 0)->i;
	az_free(t);
	rc = az_sql(s->db, others, &t, e);
	if (rc)
		return rc;
	if (az_cell(t, 0, 0)->kind == AZ_REAL)
		s->other_percent = az_cell(t, 0, 0)->r;
	az_free(t);
	return 0;
}

int compare_side_open(struct compare_side *s, const char *text, const char *db, int64_t session, struct mmr_err *e)
{
	char path[4096];
	struct named n = { .db = db, .session = session };
	int rc = understand(&n, text, path, sizeof(path), e);
	if (rc)
		return rc;
	s->path = strdup(n.db);
	s->design = n.design ? strdup(n.design) : NULL;
	s->session = n.session;
	s->run = n.run;
	if (!s->path || (n.design && !s->design))
		return mmr_err_sys(e, -ENOMEM, "%s", n.db);
	rc = az_open(s->path, &s->db, e);
	if (!rc)
		rc = find_session(s, e);
	return rc ? rc : read_all(s, e);
}

bool compare_same_store(const struct compare_side *a, const struct compare_side *b)
{
	struct stat x, y;
	return !stat(a->path, &x) && !stat(b->path, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
