/*
 * report.h - what the report is made of: rows of views, read once. Internal to
 * analyze; nothing here computes a statistic.
 */
#ifndef MMR_AZ_REPORT_H
#define MMR_AZ_REPORT_H

#include "analyze/view.h"

/* One session with one workload. */
struct report {
	struct az_table *session; /* one row of v_sessions */
	struct az_table *setting; /* v_settings of the session */
	struct az_table *summary; /* v_summary: settings together, the baseline first */
	struct az_table *saturation; /* v_saturation: a row per engine, the sim's last; none when no run is complete */
	struct az_table *cost; /* v_cost of that series and pgd_lock */
	struct az_table *violation; /* v_violations of the session */
	struct az_table *failed; /* v_runs of the session that failed */
	/* What the session has nothing of is an empty table. */
	struct az_table *scaling, *fit; /* v_scaling; the law for each of its series */
	struct az_table *headroom; /* v_headroom of single locks */
	struct az_table *drift; /* v_drift, a row per run that was paced */
	struct az_table *time; /* v_time */
	struct az_table *topologies; /* v_topologies */
	struct az_table *hygiene; /* v_hygiene */
	struct az_table *descheduled; /* v_descheduled: locks together */
	struct az_table *kernel; /* v_kernel of its workload, when the capture says how the kernel waited */
};

/*
 * Read the session of row @row of @sessions (the view "sessions"). -EBADMSG:
 * its tables contradict each other. report_free() in every case.
 */
int report_read(struct az_db *db, const struct az_table *sessions, unsigned row, struct report *r, struct mmr_err *e);
void report_free(struct report *r);

/* The cell of column @name, which must exist. */
const struct az_cell *report_cell(const struct az_table *t, unsigned row, const char *name);
/* Its value; 0 and "" when it is NULL. */
int64_t report_int(const struct az_table *t, unsigned row, const char *name);
double report_real(const struct az_table *t, unsigned row, const char *name);
const char *report_text(const struct az_table *t, unsigned row, const char *name);
bool report_null(const struct az_table *t, unsigned row, const char *name);
/* As people read it, in a buffer of the caller. */
#define REPORT_CELL 256
const char *report_show(const struct az_table *t, unsigned row, const char *name, char buf[REPORT_CELL]);

/* What can be said at saturation. */
enum outcome {
	OUTCOME_WINS, /* one design is faster than all it was compared with, beyond noise */
	OUTCOME_SHARED, /* differences beyond noise, but no single fastest design */
	OUTCOME_NO_DIFFERENCE, /* nothing beyond noise */
	OUTCOME_VIOLATION, /* no pair is left without a violation */
	OUTCOME_INCOMPLETE, /* no pair of complete runs */
	OUTCOME_ONE_REPEAT, /* pairs, but no noise estimate */
	OUTCOME_ONE_DESIGN, /* nothing to compare */
};
const char *outcome_name(enum outcome o);

struct verdict {
	enum outcome outcome;
	int first, last; /* rows of summary at saturation: [first, last); empty when no run is complete */
	int winner; /* row of summary, -1 when there is none */
	char *sentence; /* one sentence with both rates */
	int64_t incomplete; /* runs of the session that are not done */
};

/* -ENOMEM, or 0; frees with verdict_free(). */
int verdict_reach(const struct report *r, struct verdict *v);
void verdict_free(struct verdict *v);

/* What JSON looks like: one more whenever a key changes its meaning or goes. */
#define REPORT_SCHEMA 1

/* One view and those that belong beside it: az_view.also. */
struct view_report {
	struct view_part {
		const struct az_view *view;
		struct az_table *t;
	} part[4];
	unsigned n;
};
/* 0 or -errno with nothing to free; view_free() frees. @f is for those that have its columns. */
int view_read(struct az_db *db, const struct az_view *v, const struct az_filter *f, struct view_report *r,
	      struct mmr_err *e);
void view_free(struct view_report *r);
/* For people, each table under a line that names its SQL view; as one JSON object. */
void view_print(const struct view_report *r, FILE *f);
void view_json(const struct view_report *r, FILE *f);
bool has_column(const struct az_view *v, const char *name);

/* The row of r->scaling for @row of r->summary; -1 when there is none (no complete run). */
int report_scaling_row(const struct report *r, unsigned row);
/* The different values of @column, in their order, as people read them: "native, sim". */
void report_values(const struct az_table *t, const char *column, char *buf, size_t size);

/* What was predicted and how good that is, scaling, headroom, pace: lines of text; nothing when there is none of it. */
void report_print_prediction(const struct report *r, FILE *f);
/* "pgd_lock waits for 5 % of the CPU time at 14x the recorded load (12 to 16) under A, ...", for rows that say so. */
void report_print_headroom(const struct az_table *headroom, const char *indent, FILE *f);

/* How quiet the machine was, how measuring disturbs, what the figures mean, what went wrong: lines of text. */
void report_print_notes(const struct report *r, FILE *f);
/* As a page without outside references (html.h); more is read from @db on the way. 0 or -errno. */
int report_html(struct az_db *db, const struct report *r, const struct verdict *v, FILE *f, struct mmr_err *e);
int view_html(struct az_db *db, const struct view_report *r, int64_t session, FILE *f, struct mmr_err *e);
/* The kernel's own waits beside the replay's, a line per lock and setting; nothing when the capture holds none. */
void report_print_kernel(const struct az_table *kernel, FILE *f);
/* The report for people, and as one JSON object. */
void report_print(const struct report *r, const struct verdict *v, FILE *f);
void report_json(const struct report *r, const struct verdict *v, FILE *f);

#endif
