/* Lines of the report about the kernel's own waits beside the replay's. */
#include <inttypes.h>
#include <string.h>

#include "analyze/report.h"

/* Rows @a and @b stand for the same lock, replayed in the same way but for the design. */
static bool same(const struct az_table *t, unsigned a, unsigned b)
{
	return report_int(t, a, "place") == report_int(t, b, "place") &&
	       !strcmp(report_text(t, a, "basis"), report_text(t, b, "basis")) &&
	       !strcmp(report_text(t, a, "engine"), report_text(t, b, "engine")) &&
	       !strcmp(report_text(t, a, "lock_kind"), report_text(t, b, "lock_kind")) &&
	       report_int(t, a, "threads") == report_int(t, b, "threads");
}

/* Is there one of the same lock and kind that was paced with more threads? That is nearer to the machine recorded. */
static bool is_outdone(const struct az_table *t, unsigned row)
{
	for (unsigned i = 0; i < t->nrows; i++)
		if (report_int(t, i, "place") == report_int(t, row, "place") &&
		    !strcmp(report_text(t, i, "basis"), report_text(t, row, "basis")) &&
		    !strcmp(report_text(t, i, "engine"), report_text(t, row, "engine")) &&
		    !strcmp(report_text(t, i, "lock_kind"), report_text(t, row, "lock_kind")) &&
		    !report_int(t, i, "oversubscribed") &&
		    (report_int(t, i, "threads") > report_int(t, row, "threads") ||
		     report_int(t, row, "oversubscribed")))
			return true;
	return false;
}

/* "7.87 /s of 536 ns under A (3.6x the waits, each 0.043x as long)" */
static void say_design(const struct az_table *t, unsigned row, FILE *f)
{
	char rate[REPORT_CELL], avg[REPORT_CELL], design[REPORT_CELL], apart[REPORT_CELL];
	report_show(t, row, "design", design);
	report_show(t, row, "apart", apart);
	if (report_real(t, row, "contentions_per_s") > 0)
		fprintf(f, "%s of %s under %s (%s)", report_show(t, row, "contentions_per_s", rate),
			report_show(t, row, "wait_avg_ns", avg), design, apart);
	else
		fprintf(f, "%s under %s", apart, design);
}

void report_print_kernel(const struct az_table *t, FILE *f)
{
	char a[REPORT_CELL], b[REPORT_CELL], c[REPORT_CELL];
	for (unsigned i = 0, to; t && i < t->nrows; i = to) {
		for (to = i + 1; to < t->nrows && same(t, i, to);)
			to++;
		if (strcmp(report_text(t, i, "part"), "all") != 0 || is_outdone(t, i))
			continue;
		fprintf(f, "kernel: %s: ", report_show(t, i, "lock", a));
		if (report_real(t, i, "kernel_contentions_per_s") > 0)
			fprintf(f, "%s waits of %s as captured, %s of the CPU time",
				report_show(t, i, "kernel_contentions_per_s", a),
				report_show(t, i, "kernel_wait_avg_ns", b),
				report_show(t, i, "kernel_wait_percent", c));
		else
			fputs("no wait captured", f);
		bool paced = !strcmp(report_text(t, i, "basis"), "paced");
		fprintf(f, "; %s, %s", paced ? "replayed at the recorded pace" : "expected at the recorded rate",
			report_show(t, i, "lock_kind", a));
		if (paced)
			fprintf(f, ", %" PRId64 " threads%s", report_int(t, i, "threads"),
				strcmp(report_text(t, i, "engine"), "sim") ? "" : ", simulated");
		fputs(": ", f);
		for (unsigned j = i; j < to; j++) {
			fputs(j > i ? ", " : "", f);
			say_design(t, j, f);
		}
		fputc('\n', f);
	}
}
