/* What all charts share: ticks, labels, markers, the legend. */
#include <math.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_chart.h"

static const char *label(enum az_unit unit, double v, int digits, char buf[CHART_LABEL])
{
	static const char *const ns[] = { " ns", " \xc2\xb5s", " ms", " s", NULL };
	static const char *const many[] = { "", " k", " M", " G", " T", NULL };
	const char *const *step = unit == AZ_NS ? ns : many;
	double a = fabs(v);
	if (unit == AZ_PERCENT || unit == AZ_RATIO) {
		snprintf(buf, CHART_LABEL, "%.*g%s", digits + 1, v, unit == AZ_PERCENT ? " %" : "\xc3\x97");
		return buf;
	}
	if (unit == AZ_COUNT && a < 1e5) {
		snprintf(buf, CHART_LABEL, "%.*g", digits + 2, v);
		return buf;
	}
	while (step[1] && a >= (digits > 3 ? 999.9995 : 999.5)) {
		a /= 1000;
		v /= 1000;
		step++;
	}
	snprintf(buf, CHART_LABEL, "%.*g%s", digits, v, *step);
	return buf;
}

const char *chart_label(enum az_unit unit, double v, char buf[CHART_LABEL])
{
	return label(unit, v, 3, buf);
}

/* Ticks are round: no digit of theirs may be lost, or two of them read the same. */
const char *chart_tick_label(enum az_unit unit, double v, char buf[CHART_LABEL])
{
	return label(unit, v, 6, buf);
}

static unsigned linear_ticks(double low, double high, unsigned most, double *tick)
{
	static const double nice[] = { 1, 2, 2.5, 5, 10 };
	double span = high - low, base = pow(10, floor(log10(span / most)));
	unsigned n = 0;
	for (unsigned i = 0; i < sizeof(nice) / sizeof(nice[0]); i++) {
		double step = base * nice[i];
		if (span / step > most)
			continue;
		for (double v = ceil(low / step - 1e-9) * step; v <= high + step * 1e-9 && n < most; v += step)
			tick[n++] = fabs(v) < step / 1e6 ? 0 : v;
		break;
	}
	return n;
}

static unsigned log_ticks(double low, double high, unsigned most, double *tick)
{
	int first = (int)floor(log10(low) - 1e-9), last = (int)ceil(log10(high) + 1e-9);
	/* Few decades: 1, 2, 5 of each; many: every so many. */
	bool fine = last - first <= 3 && most >= 5;
	int every = (last - first + (int)most - 1) / (int)most;
	static const double within[] = { 1, 2, 5 };
	unsigned n = 0;
	for (int d = first; d <= last; d += fine || every < 1 ? 1 : every)
		for (unsigned i = 0; i < (fine ? 3 : 1) && n < most; i++) {
			double v = within[i] * pow(10, d);
			if (v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9))
				tick[n++] = v;
		}
	return n;
}

unsigned chart_ticks(double low, double high, bool log, unsigned most, double *tick)
{
	if (!(high > low))
		return tick[0] = low, 1;
	unsigned n = log ? log_ticks(low, high, most, tick) : 0;
	/* Within less than a decade round logarithms are few. */
	return n > 2 || (log && high / low > 10) ? n : linear_ticks(low, high, most, tick);
}

void chart_marker(FILE *f, unsigned style, bool hollow, double x, double y)
{
	const char *fill = hollow ? "hollow" : "full";
	unsigned c = style % 8;
	switch (style % 6) {
	case 0:
		fprintf(f, "<circle class=\"s%u %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", c, fill, x, y);
		return;
	case 1:
		fprintf(f, "<rect class=\"s%u %s\" x=\"%.1f\" y=\"%.1f\" width=\"5.6\" height=\"5.6\"/>", c, fill,
			x - 2.8, y - 2.8);
		return;
	case 2:
		fprintf(f, "<path class=\"s%u %s\" d=\"M%.1f %.1fl3.6 6.2h-7.2z\"/>", c, fill, x, y - 3.8);
		return;
	case 3:
		fprintf(f, "<path class=\"s%u %s\" d=\"M%.1f %.1fl3.8 3.8l-3.8 3.8l-3.8 -3.8z\"/>", c, fill, x,
			y - 3.8);
		return;
	case 4:
		fprintf(f, "<path class=\"s%u %s\" d=\"M%.1f %.1fl3.6 -6.2h-7.2z\"/>", c, fill, x, y + 3.8);
		return;
	default:
		fprintf(f, "<path class=\"s%u %s\" d=\"M%.1f %.1fh2v-2h2.4v2h2v2.4h-2v2h-2.4v-2h-2z\"/>", c, fill,
			x - 3.2, y - 1.2);
	}
}

void chart_legend_begin(FILE *f)
{
	fputs("<ul class=\"legend\">\n", f);
}

void chart_legend(FILE *f, const char *name, unsigned style, bool dashed, bool hollow)
{
	fprintf(f, "<li><svg viewBox=\"0 0 34 12\" aria-hidden=\"true\"><path class=\"curve s%u%s\" d=\"M1 6H33\"/>",
		style % 8, dashed ? " dashed" : "");
	chart_marker(f, style, hollow, 17, 6);
	fputs("</svg>", f);
	html_text(f, name);
	fputs("</li>\n", f);
}

void chart_legend_end(FILE *f)
{
	fputs("</ul>\n", f);
}
