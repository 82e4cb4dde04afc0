/*
 * html_number.h - figures of one column in one unit, which stands in its
 * header: comparable at a look. Internal to analyze. Pure functions.
 */
#ifndef MMR_AZ_HTML_NUMBER_H
#define MMR_AZ_HTML_NUMBER_H

#include "analyze/view.h"

struct html_scale {
	const char *unit; /* "us"; "" when the figure has none */
	double divide;
	int digits; /* behind the point, for the usual figure of the column */
};

/* The scale that fits the rows of column @col of @t; for a text none is needed. */
struct html_scale html_scale_of(const struct az_table *t, unsigned col);
/* The scale for figures of @unit around @typical. */
struct html_scale html_scale_for(enum az_unit unit, double typical);

/* "14,712.3": @v in the scale; a small figure gets the digits that it needs to say something. */
#define HTML_NUMBER 48
const char *html_number(const struct html_scale *s, double v, char buf[HTML_NUMBER]);
/* The same with its unit behind it. */
const char *html_number_unit(const struct html_scale *s, double v, char buf[HTML_NUMBER]);

#endif
