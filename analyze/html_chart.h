/*
 * html_chart.h - small pictures as SVG: lines over an axis, rows with spans,
 * cells of a heat map. Internal to analyze. A line is told by colour and by
 * marker, a prediction by dashes; each mark says its figures when it is pointed
 * at or read aloud. They draw what they are given, and compute nothing.
 */
#ifndef MMR_AZ_HTML_CHART_H
#define MMR_AZ_HTML_CHART_H

#include <stdio.h>

#include "analyze/view.h"

#define CHART_NAME 96

struct chart_axis {
	const char *title;
	enum az_unit unit;
	bool log; /* what is not above 0 is left out */
	bool at_points; /* ticks where points are, when there are few */
};

struct chart_point {
	double x, y, low, high; /* the interval around y */
	bool interval, hollow; /* hollow: unvalidated */
};

struct chart_line {
	int64_t key; /* tells it from the others of the chart, with its name */
	char name[CHART_NAME];
	unsigned style; /* colour and marker; wraps around */
	bool dashed; /* a prediction */
	bool steps; /* y holds from x to the next point's: a histogram, with a marker at its top only */
	struct chart_point *p;
	unsigned n, room;
};

struct chart {
	char title[2 * CHART_NAME]; /* above it */
	struct chart_axis x, y;
	struct chart_line *line;
	unsigned lines;
	double ref[4]; /* horizontal ones, at these y */
	unsigned refs;
};

/* The line of that key and name, made when it is new; NULL: no memory. It stays valid until the next call. */
struct chart_line *chart_line(struct chart *c, int64_t key, const char *name, unsigned style, bool dashed);
/* false: no memory */
bool chart_point(struct chart_line *l, struct chart_point p);
/* A <figure>; nothing when no line has a point. */
void chart_draw(FILE *f, const struct chart *c);
void chart_free(struct chart *c);

/* The range of all charts that stand side by side, so that they can be compared. */
struct chart_range {
	double x_low, x_high, y_low, y_high; /* low > high: nothing yet */
};
#define CHART_NO_RANGE                                                                                                 \
	{                                                                                                              \
		1, 0, 1, 0                                                                                             \
	}
void chart_extend(struct chart_range *r, const struct chart *c);
void chart_draw_within(FILE *f, const struct chart *c, const struct chart_range *r);

/* What belongs to marks and lines, in a row above the charts. */
void chart_legend_begin(FILE *f);
void chart_legend(FILE *f, const char *name, unsigned style, bool dashed, bool hollow);
void chart_legend_end(FILE *f);

/* "10.3 us", "2.5 M": of a value; of a tick, with all its digits. */
#define CHART_LABEL 32
const char *chart_label(enum az_unit unit, double v, char buf[CHART_LABEL]);
const char *chart_tick_label(enum az_unit unit, double v, char buf[CHART_LABEL]);

/* Marker number @style around x, y. */
void chart_marker(FILE *f, unsigned style, bool hollow, double x, double y);

/* Round values between @low and @high, at most @most; returns how many. */
unsigned chart_ticks(double low, double high, bool log, unsigned most, double *tick);

/* Rows: a label, a span on a common axis, a mark, and the figures as text. */
struct chart_row {
	char label[CHART_NAME], figures[CHART_NAME];
	bool heading; /* a label only */
	unsigned style;
	double low, mid, high; /* the span and the mark on it */
	bool has_span, hollow;
};
struct chart_rows {
	char title[2 * CHART_NAME];
	struct chart_axis axis;
	double ref; /* a vertical line */
	bool has_ref;
	struct chart_row *row;
	unsigned n, room;
};
/* A new row, empty; NULL: no memory. */
struct chart_row *chart_row(struct chart_rows *c);
void chart_rows_draw(FILE *f, const struct chart_rows *c);
void chart_rows_free(struct chart_rows *c);

#endif
