/* The report as one JSON object: what was replayed, the table, the verdict. */
#include "analyze/report.h"
#include "analyze/view_db.h"
#include "schemas/safe.h"

static void rows(FILE *f, const char *key, const struct az_table *t)
{
	fprintf(f, ",\n  \"%s\": ", key);
	az_json_rows(f, t, "  ");
}

void report_json(const struct report *r, const struct verdict *v, FILE *f)
{
	fprintf(f, "{\n  \"schema\": \"mmreplay-report\",\n  \"schema_version\": %d,\n  \"session\": ", REPORT_SCHEMA);
	az_json_row(f, r->session, 0);
	rows(f, "settings", r->setting);
	rows(f, "rows", r->summary);
	rows(f, "pgd_lock_cost", r->cost);
	rows(f, "violations", r->violation);
	rows(f, "failed_runs", r->failed);
	rows(f, "scaling", r->scaling);
	rows(f, "fit", r->fit);
	rows(f, "headroom", r->headroom);
	rows(f, "drift", r->drift);
	rows(f, "time", r->time);
	rows(f, "topologies", r->topologies);
	rows(f, "hygiene", r->hygiene);
	rows(f, "descheduled", r->descheduled);
	if (r->kernel)
		rows(f, "kernel", r->kernel);
	fputs(",\n  \"verdict\": {\"outcome\": ", f);
	json_string(f, outcome_name(v->outcome));
	fputs(", \"winner\": ", f);
	if (v->winner >= 0)
		json_string(f, report_text(r->summary, (unsigned)v->winner, "design"));
	else
		fputs("null", f);
	fprintf(f, ", \"incomplete_runs\": %lld, \"saturation\": ", (long long)v->incomplete);
	if (r->saturation->nrows)
		az_json_row(f, r->saturation, 0);
	else
		fputs("null", f);
	fputs(", \"pairs\": [", f);
	const char *join = "";
	for (int i = v->first; i < v->last; i++) {
		unsigned row = (unsigned)i;
		if (report_null(r->summary, row, "pairs"))
			continue;
		fprintf(f, "%s{\"design\": ", join);
		json_string(f, report_text(r->summary, row, "design"));
		fputs(", \"baseline\": ", f);
		json_string(f, report_text(r->summary, (unsigned)v->first, "design"));
		static const char *const names[] = { "ratio", "ratio_low", "ratio_high", "pairs", "beyond_noise" };
		for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			fprintf(f, ", \"%s\": ", names[n]);
			az_json_cell(f, report_cell(r->summary, row, names[n]));
		}
		fputc('}', f);
		join = ", ";
	}
	fputs("],\n    \"sentence\": ", f);
	json_string(f, v->sentence);
	fputs("}\n}\n", f);
}
