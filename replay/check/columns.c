/* One column per CPU. */
#include "replay/check/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/check/naming.h"
#include "replay/check/scenario.h"

/* ---- what to show ---- */

static bool overlap(const struct check_step *a, const struct check_step *b)
{
	const char *p = a->addr, *q = b->addr;
	return p && q && p < q + b->size && q < p + a->size;
}

static bool changes_memory(const struct check_step *s)
{
	return s->kind == STEP_DRAIN || s->kind == STEP_STORE || s->kind == STEP_LOCK ||
	       (s->kind == STEP_RMW && s->wrote);
}

/* Another CPU touches the same bytes, and one of the two changes them. */
static bool contended(const struct check_trace *t, unsigned i)
{
	const struct check_step *s = &t->step[i];
	bool change = changes_memory(s) || s->kind == STEP_BUFFERED;
	for (unsigned j = 0; j < t->nsteps; j++) {
		const struct check_step *o = &t->step[j];
		if (CHECK_CPU(o->thread) != CHECK_CPU(s->thread) && overlap(s, o) &&
		    (change || changes_memory(o) || o->kind == STEP_BUFFERED))
			return true;
	}
	return false;
}

/* Steps that are events by themselves, whatever they touch. */
static bool event(const struct check_step *s)
{
	switch ((enum step_kind)s->kind) {
	case STEP_NOTE:
	case STEP_FENCE:
	case STEP_IPI_SEND:
	case STEP_IPI_DONE:
	case STEP_IRQ_BEGIN:
	case STEP_IRQ_END:
	case STEP_CALLBACK:
	case STEP_STOP:
		return true;
	default:
		return false;
	}
}

/* late[i]: a drain before which another CPU did something, or its store. */
static void find_late(const struct check_trace *t, bool *late)
{
	/* The buffers' entries are drained in order: the n-th drain is of the n-th buffered step. */
	unsigned next[CHECK_CPUS] = { 0 };
	for (unsigned i = 0; i < t->nsteps; i++) {
		unsigned cpu = CHECK_CPU(t->step[i].thread);
		if (t->step[i].kind != STEP_DRAIN)
			continue;
		unsigned from = next[cpu];
		while (from < i && (t->step[from].kind != STEP_BUFFERED || CHECK_CPU(t->step[from].thread) != cpu))
			from++;
		next[cpu] = from + 1;
		for (unsigned j = from + 1; j < i; j++)
			if (CHECK_CPU(t->step[j].thread) != cpu && t->step[j].kind != STEP_NOTE)
				late[i] = late[from] = true;
	}
	/* What never got there. */
	for (unsigned cpu = 0; cpu < CHECK_CPUS; cpu++)
		for (unsigned i = next[cpu]; i < t->nsteps; i++)
			if (t->step[i].kind == STEP_BUFFERED && CHECK_CPU(t->step[i].thread) == cpu)
				late[i] = true;
}

void columns_choose(const struct check_trace *t, const struct history *h, bool *shown, bool *late)
{
	struct naming n;
	naming_make(&n, t, h);
	memset(late, 0, t->nsteps * sizeof(*late));
	find_late(t, late);
	for (unsigned i = 0; i < t->nsteps; i++) {
		const struct check_step *s = &t->step[i];
		if (event(s)) {
			shown[i] = true;
			continue;
		}
		int slot = s->addr ? name_slot(&n, i) : -1;
		bool matters = (slot >= 0 && slot == t->violation.slot) || contended(t, i);
		shown[i] = matters && (s->kind != STEP_DRAIN || late[i]);
	}
	/* The last thing before a violation is what it is about. */
	for (unsigned i = t->nsteps; i-- > 0;)
		if (t->step[i].kind != STEP_VIOLATION && t->step[i].addr) {
			shown[i] = true;
			break;
		}
}

/* ---- lines ---- */

struct page {
	FILE *f;
	unsigned cpus, width; /* of one column */
	const char *func[CHECK_CPUS]; /* whose lines the column shows */
	const char *note[CHECK_CPUS]; /* to be shown before the column's next line */
	unsigned folded[CHECK_CPUS];
	const char *fold_first[CHECK_CPUS], *fold_last[CHECK_CPUS]; /* functions */
	unsigned last; /* CPU that was printed last */
	bool begun;
};

#define GAP " | "

static void put_cell(const struct page *p, unsigned cpu, const char *text, size_t n)
{
	for (unsigned c = 0; c < cpu; c++)
		fprintf(p->f, "%*s" GAP, (int)p->width, "");
	fprintf(p->f, "%.*s", (int)n, text);
	/* The rules of the columns on the right stay. */
	for (unsigned c = cpu; c + 1 < p->cpus; c++)
		fprintf(p->f, "%*s%s", (int)(p->width - (c == cpu ? n : 0)), "", c + 2 < p->cpus ? GAP : " |");
	fputc('\n', p->f);
}

/* @text in the column of @cpu, in as many lines as it needs; the later ones further in. */
static void put_text(const struct page *p, unsigned cpu, unsigned indent, const char *text)
{
	char line[256];
	while (*text) {
		size_t room = p->width - indent, n = strlen(text);
		if (n > room) {
			/* At a space, if there is one not too far back. */
			for (n = room; n > room / 2 && text[n] != ' '; n--)
				;
			if (text[n] != ' ')
				n = room;
		}
		int w = snprintf(line, sizeof(line), "%*s%.*s", (int)indent, "", (int)n, text);
		put_cell(p, cpu, line, (size_t)w);
		text += n;
		text += strspn(text, " ");
		indent = 6;
	}
}

static void flush_folded(struct page *p, unsigned cpu)
{
	const char *first = p->fold_first[cpu], *last = p->fold_last[cpu];
	char text[256];
	if (!p->folded[cpu])
		return;
	int n = snprintf(text, sizeof(text), "(%u %s", p->folded[cpu], p->folded[cpu] == 1 ? "step" : "steps");
	if (first && last && n < (int)sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, strcmp(first, last) ? ": %s() .. %s())" : ": %s())", first,
			 last);
	else
		strcat(text, ")");
	p->folded[cpu] = 0;
	p->fold_first[cpu] = NULL;
	put_text(p, cpu, 2, text);
}

static void fold(struct page *p, unsigned cpu, const struct site *site)
{
	p->folded[cpu]++;
	if (!site)
		return;
	if (!p->fold_first[cpu])
		p->fold_first[cpu] = site->func;
	p->fold_last[cpu] = site->func;
}

static void put_note(struct page *p, unsigned cpu)
{
	char head[300];
	if (!p->note[cpu])
		return;
	snprintf(head, sizeof(head), "== %s ==", p->note[cpu]);
	p->note[cpu] = NULL;
	p->func[cpu] = NULL;
	put_text(p, cpu, 0, head);
}

/* Another CPU's turn: a rule across, so that the eye sees the switch. */
static void turn(struct page *p, unsigned cpu)
{
	if (p->begun && p->last != cpu) {
		flush_folded(p, p->last);
		for (unsigned c = 0; c < p->cpus; c++) {
			for (unsigned i = 0; i < p->width; i++)
				fputc('-', p->f);
			fputs(c + 1 < p->cpus ? "-+-" : "\n", p->f);
		}
	}
	p->begun = true;
	p->last = cpu;
	put_note(p, cpu);
}

static void put_step(struct page *p, const struct naming *n, unsigned i, bool late)
{
	const struct check_step *s = &n->step[i];
	unsigned cpu = CHECK_CPU(s->thread);
	char text[512];
	name_step(n, i, text, sizeof(text) - 32);
	if (!*text)
		return;
	if (s->kind == STEP_DRAIN) {
		/* The buffer drains by itself: no turn of its CPU. */
		flush_folded(p, p->last);
		flush_folded(p, cpu);
		put_text(p, cpu, 2, text);
		return;
	}
	turn(p, cpu);
	flush_folded(p, cpu);
	if (s->kind == STEP_BUFFERED && late)
		strcat(text, "  [store buffer]");
	const char *func = s->site ? s->site->func : NULL;
	if (func && (!p->func[cpu] || strcmp(p->func[cpu], func))) {
		char head[128];
		snprintf(head, sizeof(head), "%s()", func);
		put_text(p, cpu, 0, head);
		p->func[cpu] = func;
	}
	put_text(p, cpu, 2, text);
}

static void put_heads(const struct page *p, const struct scenario *s)
{
	for (unsigned c = 0; c < p->cpus; c++) {
		char head[64];
		snprintf(head, sizeof(head), "CPU %u: %s", c, s->label[c]);
		fprintf(p->f, c + 1 < p->cpus ? "%-*s" GAP : "%.*s\n", (int)p->width, head);
	}
	for (unsigned c = 0; c < p->cpus; c++) {
		for (unsigned i = 0; i < p->width; i++)
			fputc('=', p->f);
		fputs(c + 1 < p->cpus ? "=+=" : "\n", p->f);
	}
}

static void put_violation(FILE *f, const struct check_trace *t)
{
	const struct check_violation *v = &t->violation;
	const struct check_step *last = &t->step[t->nsteps - 1];
	fprintf(f, "\n%s: %s", v->invariant, v->what);
	if (v->task)
		fprintf(f, ", task %u", v->task);
	if (v->mm)
		fprintf(f, ", mm %u", v->mm);
	if (v->slot >= 0)
		fprintf(f, ", slot %d", v->slot);
	if (last->kind == STEP_VIOLATION)
		fprintf(f, " (on CPU %u)\n\n", CHECK_CPU(last->thread));
	else
		fprintf(f, " (when all is done)\n\n");
}

int columns_print(FILE *f, const struct check_trace *t, const struct history *h, unsigned width)
{
	struct naming n;
	struct page p = { .f = f, .cpus = h->s->cpus };
	if (!t->nsteps) {
		fprintf(f, "%s: %s (while the history is set up)\n\n", t->violation.invariant, t->violation.what);
		return 0;
	}
	p.width = (width - (p.cpus - 1) * (unsigned)strlen(GAP)) / p.cpus;
	bool *shown = calloc(2, t->nsteps * sizeof(*shown));
	if (!shown)
		return -ENOMEM;
	bool *late = shown + t->nsteps;
	columns_choose(t, h, shown, late);
	naming_make(&n, t, h);
	put_heads(&p, h->s);
	for (unsigned i = 0; i < t->nsteps; i++) {
		const struct check_step *s = &t->step[i];
		unsigned cpu = CHECK_CPU(s->thread);
		if (s->kind == STEP_NOTE) {
			flush_folded(&p, cpu);
			p.note[cpu] = s->site->expr;
		} else if (shown[i]) {
			put_step(&p, &n, i, late[i]);
		} else if (s->kind != STEP_DRAIN && s->kind != STEP_VIOLATION && s->kind != STEP_OBSERVE) {
			turn(&p, cpu);
			fold(&p, cpu, s->site);
		}
	}
	flush_folded(&p, p.last);
	put_violation(f, t);
	free(shown);
	return 0;
}
