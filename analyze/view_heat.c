/*
 * view_heat.c - the timeline as people read it: a line per run, lock and mode, a
 * character per part of the run, the exact numbers beside it.
 *
 * Only what the rows hold is added up here: intervals into parts, parts into
 * the line's totals.
 */
#include "analyze/view_heat.h"

#include <string.h>

#include "schemas/safe.h"

#define PARTS 64
#define TEXT_MAX 64

/* From nothing to the scale's end; ASCII, for terminals of any kind and for logs. */
static const char shade[] = " .:-=+*#%@";
#define SHADES (sizeof(shade) - 1)

/* The columns that are looked at, by their places in the table. */
struct places {
	int run, design, kind, threads, repeat, wall, lock, mode, begin, length, acquisitions, contentions, wait, hold;
};

/* One lock in one run. */
struct line {
	double wait[PARTS], time[PARTS]; /* ns; time: length x threads, of the part */
	double all_wait, all_hold, acquisitions, contentions;
};

static int64_t number(const struct az_table *t, unsigned row, int column)
{
	return az_cell(t, row, (unsigned)column)->i;
}

static const char *text(const struct az_table *t, unsigned row, int column)
{
	const char *s = az_cell(t, row, (unsigned)column)->s;
	return s ? s : "";
}

static bool same_lock(const struct az_table *t, const struct places *p, unsigned a, unsigned b)
{
	return number(t, a, p->run) == number(t, b, p->run) && !strcmp(text(t, a, p->lock), text(t, b, p->lock)) &&
	       !strcmp(text(t, a, p->mode), text(t, b, p->mode));
}

/* The interval of @row covers parts of the run; each gets its share. */
static void spread(const struct az_table *t, const struct places *p, unsigned row, double wall, struct line *l)
{
	const double begin = (double)number(t, row, p->begin), length = (double)number(t, row, p->length);
	const double part = wall / PARTS, wait = (double)number(t, row, p->wait);
	for (unsigned i = 0; i < PARTS && length > 0; i++) {
		double from = part * i > begin ? part * i : begin;
		double to = part * (i + 1) < begin + length ? part * (i + 1) : begin + length;
		if (to > from)
			l->wait[i] += wait * (to - from) / length;
	}
	l->all_wait += wait;
	l->all_hold += (double)number(t, row, p->hold);
	l->acquisitions += (double)number(t, row, p->acquisitions);
	l->contentions += (double)number(t, row, p->contentions);
}

/* Rows of one lock and mode from @row on; how many. */
static unsigned read_line(const struct az_table *t, const struct places *p, unsigned row, struct line *l)
{
	unsigned n = 0;
	memset(l, 0, sizeof(*l));
	for (; row + n < t->nrows && same_lock(t, p, row, row + n); n++)
		spread(t, p, row + n, (double)number(t, row, p->wall), l);
	return n;
}

/* As az_format() shows a cell of that unit, right-aligned. */
static void put_number(FILE *f, enum az_unit unit, double v, int width)
{
	const struct az_column c = { .name = "", .unit = unit };
	const struct az_cell cell = unit == AZ_PERCENT ? (struct az_cell){ .kind = AZ_REAL, .r = v }
						       : (struct az_cell){ .kind = AZ_INT, .i = (int64_t)(v + 0.5) };
	char s[TEXT_MAX];
	az_format(&c, &cell, s, sizeof(s));
	fprintf(f, "  %*s", width, s);
}

static void put_name(FILE *f, const char *s, int width)
{
	char clean[TEXT_MAX];
	safe_copy(clean, sizeof(clean), s);
	fprintf(f, "%-*s", width, clean);
}

/* The highest share of any part of any lock of the run that @row begins: the scale's end. */
static double scale_of(const struct az_table *t, const struct places *p, unsigned row)
{
	double most = 0;
	struct line l;
	for (unsigned at = row; at < t->nrows && number(t, at, p->run) == number(t, row, p->run);) {
		at += read_line(t, p, at, &l);
		for (unsigned i = 0; i < PARTS; i++)
			most = l.wait[i] > most ? l.wait[i] : most;
	}
	return most;
}

/* What a part's wait is a share of. */
static double part_time(const struct az_table *t, const struct places *p, unsigned row)
{
	return (double)number(t, row, p->wall) / PARTS * (double)number(t, row, p->threads);
}

static void put_run(FILE *f, const struct az_table *t, const struct places *p, unsigned row, double most)
{
	char design[TEXT_MAX], kind[TEXT_MAX], wall[TEXT_MAX], part[TEXT_MAX], length[TEXT_MAX];
	const struct az_column ns = { .name = "", .unit = AZ_NS };
	const double time = part_time(t, p, row);
	safe_copy(design, sizeof(design), text(t, row, p->design));
	safe_copy(kind, sizeof(kind), text(t, row, p->kind));
	az_format(&ns, az_cell(t, row, (unsigned)p->wall), wall, sizeof(wall));
	az_format(&ns, az_cell(t, row, (unsigned)p->length), length, sizeof(length));
	az_format(&ns, &(struct az_cell){ .kind = AZ_INT, .i = number(t, row, p->wall) / PARTS }, part, sizeof(part));
	fprintf(f, "%srun %lld: %s, %s, %lld threads, repeat %lld: %s, %s a character, intervals of %s\n",
		row ? "\n" : "", (long long)number(t, row, p->run), design, kind, (long long)number(t, row, p->threads),
		(long long)number(t, row, p->repeat), wall, part, length);
	if (most > 0)
		fprintf(f, "wait, of all threads' time: '%c' none, '%c' %.3g %%\n", shade[0], shade[SHADES - 1],
			time > 0 ? 100 * most / time : 0);
	else
		fputs("wait, of all threads' time: none in any timed acquisition\n", f);
	fprintf(f, "%-20s %-9s |%-*s|  %8s  %8s  %10s  %10s  %9s  %9s\n", "lock", "mode", PARTS, "", "wait", "at most",
		"acquired", "contended", "wait", "hold");
}

static void put_line(FILE *f, const struct az_table *t, const struct places *p, unsigned row, const struct line *l,
		     double most)
{
	const double time = part_time(t, p, row);
	double peak = 0;
	put_name(f, text(t, row, p->lock), 20);
	fputc(' ', f);
	put_name(f, text(t, row, p->mode), 9);
	fputs(" |", f);
	for (unsigned i = 0; i < PARTS; i++) {
		/* What is there is seen, however little. */
		unsigned level = l->wait[i] > 0 ? 1 + (unsigned)((SHADES - 1) * l->wait[i] / most) : 0;
		fputc(shade[level < SHADES ? level : SHADES - 1], f);
		peak = l->wait[i] > peak ? l->wait[i] : peak;
	}
	fputs("|", f);
	put_number(f, AZ_PERCENT, time > 0 ? 100 * l->all_wait / time / PARTS : 0, 8);
	put_number(f, AZ_PERCENT, time > 0 ? 100 * peak / time : 0, 8);
	put_number(f, AZ_COUNT, l->acquisitions, 10);
	put_number(f, AZ_COUNT, l->contentions, 10);
	put_number(f, AZ_NS, l->all_wait, 9);
	put_number(f, AZ_NS, l->all_hold, 9);
	fputc('\n', f);
}

void view_heat(const struct az_table *t, FILE *f)
{
	const struct places p = {
		.run = az_find_column(t, "run_id"),
		.design = az_find_column(t, "design"),
		.kind = az_find_column(t, "lock_kind"),
		.threads = az_find_column(t, "threads"),
		.repeat = az_find_column(t, "repeat_no"),
		.wall = az_find_column(t, "wall_ns"),
		.lock = az_find_column(t, "lock"),
		.mode = az_find_column(t, "mode"),
		.begin = az_find_column(t, "begin_ns"),
		.length = az_find_column(t, "length_ns"),
		.acquisitions = az_find_column(t, "acquisitions"),
		.contentions = az_find_column(t, "contentions"),
		.wait = az_find_column(t, "wait_ns"),
		.hold = az_find_column(t, "hold_ns"),
	};
	double most = 0;
	for (unsigned row = 0; row < t->nrows;) {
		struct line l;
		if (!row || number(t, row, p.run) != number(t, row - 1, p.run)) {
			most = scale_of(t, &p, row);
			put_run(f, t, &p, row, most);
		}
		unsigned n = read_line(t, &p, row, &l);
		put_line(f, t, &p, row, &l, most);
		row += n;
	}
}
