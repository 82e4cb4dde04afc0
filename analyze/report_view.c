/* `report --view`: one view and what belongs beside it. */
#include <string.h>

#include "analyze/report.h"
#include "analyze/view_db.h"
#include "schemas/safe.h"

void view_free(struct view_report *r)
{
	for (unsigned i = 0; i < r->n; i++)
		az_free(r->part[i].t);
	r->n = 0;
}

static int add(struct az_db *db, const struct az_view *v, const struct az_filter *f, struct view_report *r,
	       struct mmr_err *e)
{
	struct view_part *p = &r->part[r->n];
	p->view = v;
	int rc = az_read(db, v, f, &p->t, e);
	if (!rc)
		r->n++;
	return rc;
}

int view_read(struct az_db *db, const struct az_view *v, const struct az_filter *f, struct view_report *r,
	      struct mmr_err *e)
{
	*r = (struct view_report){ 0 };
	int rc = add(db, v, f, r, e);
	for (unsigned i = 0; !rc && i < sizeof(v->also) / sizeof(v->also[0]) && v->also[i]; i++) {
		const struct az_view *beside = az_view_by_name(v->also[i]);
		rc = add(db, beside, has_column(beside, "session") ? f : NULL, r, e);
	}
	if (rc)
		view_free(r);
	return rc;
}

bool has_column(const struct az_view *v, const char *name)
{
	for (const struct az_column *c = v->columns; c->name; c++)
		if (!strcmp(c->name, name))
			return true;
	return false;
}

void view_print(const struct view_report *r, FILE *f)
{
	for (unsigned i = 0; i < r->n; i++) {
		const struct view_part *p = &r->part[i];
		/* What is empty beside it says nothing. */
		if (i && !p->t->nrows)
			continue;
		fprintf(f, "%s%s: %s (%s)\n", i ? "\n" : "", p->view->title, p->view->about, p->view->sql_view);
		if (p->view->print)
			p->view->print(p->t, f);
		else
			az_print_table(p->t, f);
	}
}

void view_json(const struct view_report *r, FILE *f)
{
	fprintf(f, "{\n  \"schema\": \"mmreplay-view\",\n  \"schema_version\": %d,\n  \"view\": ", REPORT_SCHEMA);
	json_string(f, r->part[0].view->name);
	fputs(",\n  \"sql_view\": ", f);
	json_string(f, r->part[0].view->sql_view);
	for (unsigned i = 0; i < r->n; i++) {
		fputs(",\n  ", f);
		json_string(f, i ? r->part[i].view->name : "rows");
		fputs(": ", f);
		az_json_rows(f, r->part[i].t, "  ");
	}
	fputs("\n}\n", f);
}
