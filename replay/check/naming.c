/* Addresses, values and expressions in words. */
#include "replay/check/naming.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "replay/check/scenario.h"
#include "replay/dialect/kernel.h"
#include "replay/dialect/kmap.h"
#include "schemas/safe.h"

void naming_make(struct naming *n, const struct check_trace *t, const struct history *h)
{
	*n = (struct naming){ t->k, t->step, t->nsteps, h };
}

/* ---- objects ---- */

static const struct {
	size_t size, stamp;
} shape[POOL_NR] = {
	[POOL_TASK] = { sizeof(struct task_struct), offsetof(struct task_struct, stamp) },
	[POOL_SIGNAL] = { sizeof(struct signal_struct), offsetof(struct signal_struct, stamp) },
	[POOL_MM] = { sizeof(struct mm_struct), offsetof(struct mm_struct, stamp) },
	[POOL_PTDESC] = { sizeof(struct ptdesc), offsetof(struct ptdesc, stamp) },
	[POOL_TABLE] = { sizeof(struct ptable), offsetof(struct ptable, stamp) },
};

/* The object of @pool in which @p lies, or NULL. An mm's private part counts. */
static void *object_at(const struct naming *n, enum pool pool, const void *p)
{
	const char *at = p;
	u64 count = eng_objects(n->k, pool);
	for (u64 i = 0; i < count; i++) {
		char *o = eng_object(n->k, pool, i);
		size_t size = shape[pool].size;
		if (pool == POOL_MM && n->h)
			size += n->h->programs.mm_size;
		if (at >= o && at < o + size)
			return o;
	}
	return NULL;
}

static bool writes(const struct check_step *s)
{
	return s->kind == STEP_BUFFERED || (s->kind != STEP_DRAIN && s->wrote);
}

/* The id that @object had at step @i: the one from setup, unless its memory had a new life by then. */
static u32 id_at(const struct naming *n, unsigned i, const void *object, const void *stamp, u32 last)
{
	const struct history *h = n->h;
	for (unsigned f = 0; h && f < h->nfirst; f++) {
		if (h->first[f].object != object)
			continue;
		for (unsigned j = 0; j <= i && j < n->nsteps; j++)
			if (n->step[j].addr == stamp && writes(&n->step[j]) && n->step[j].value & 1)
				return last;
		return h->first[f].id;
	}
	return last;
}

static u32 task_id(const struct naming *n, unsigned i, const struct task_struct *t)
{
	return id_at(n, i, t, &t->stamp, t->id);
}

static u32 mm_id(const struct naming *n, unsigned i, const struct mm_struct *mm)
{
	return id_at(n, i, mm, &mm->stamp, mm->id);
}

/* Whose directory @pgd was at step @i, or NULL. */
static const struct mm_struct *owner_of(const struct naming *n, unsigned i, const struct ptdesc *pgd)
{
	for (unsigned j = i < n->nsteps ? i + 1 : n->nsteps; j-- > 0;) {
		const struct check_step *s = &n->step[j];
		const struct mm_struct *mm =
			writes(s) && s->value == (u64)(uintptr_t)pgd ? object_at(n, POOL_MM, s->addr) : NULL;
		if (mm && (const void *)&mm->pgd == s->addr)
			return mm;
	}
	for (u64 m = 0; m < eng_objects(n->k, POOL_MM); m++) {
		struct mm_struct *mm = eng_object(n->k, POOL_MM, m);
		if (READ_ONCE(mm->pgd) == pgd)
			return mm;
	}
	return NULL;
}

static void directory_name(const struct naming *n, unsigned i, const struct ptdesc *pgd, char *buf, size_t size)
{
	const struct mm_struct *mm;
	if (pgd == READ_ONCE(n->k->init_mm->pgd))
		snprintf(buf, size, "swapper_pg_dir");
	else if (pgd == n->k->efi_pgd)
		snprintf(buf, size, "efi_pgd");
	else if (pgd == n->k->trampoline_pgd)
		snprintf(buf, size, "trampoline_pgd");
	else if ((mm = owner_of(n, i, pgd)))
		snprintf(buf, size, "pgd of mm %u", mm_id(n, i, mm));
	else
		snprintf(buf, size, "a new pgd");
}

/* The directory with the page in which @p lies, and the slot. */
static const struct ptdesc *entry_at(const struct naming *n, const void *p, u32 *slot)
{
	const char *at = p;
	for (u64 d = 0; d < eng_objects(n->k, POOL_PTDESC); d++) {
		const struct ptdesc *pgd = eng_object(n->k, POOL_PTDESC, d);
		const char *page = (const char *)pgd->entries;
		if (at < page || at >= page + n->k->geo->nslots * sizeof(pgd_t))
			continue;
		*slot = (u32)((size_t)(at - page) / sizeof(pgd_t));
		return pgd;
	}
	return NULL;
}

static bool lies_in(const void *p, const void *base, size_t size)
{
	return (const char *)p >= (const char *)base && (const char *)p < (const char *)base + size;
}

/* What is no object of a pool. False: unknown. */
static bool fixture_name(const struct naming *n, const void *p, char *buf, size_t size)
{
	const struct kernel *k = n->k;
	if (lies_in(p, &k->tasks, sizeof(k->tasks))) {
		snprintf(buf, size, "list head");
		return true;
	}
	if (lies_in(p, k->done, sizeof(k->done))) {
		snprintf(buf, size, "slot %u", (u32)((const char *)p - (const char *)k->done));
		return true;
	}
	for (u32 i = 0; i < k->ncpus; i++)
		if (lies_in(p, k->cpus[i], sizeof(*k->cpus[i]))) {
			snprintf(buf, size, "CPU %u", i);
			return true;
		}
	return false;
}

static void address_name(const struct naming *n, unsigned i, const void *p, char *buf, size_t size)
{
	const struct task_struct *t;
	const struct mm_struct *mm;
	const struct signal_struct *sig;
	const struct ptdesc *pgd;
	u32 slot;
	*buf = '\0';
	if (!p || fixture_name(n, p, buf, size))
		return;
	if ((t = object_at(n, POOL_TASK, p))) {
		snprintf(buf, size, "task %u", task_id(n, i, t));
	} else if ((mm = object_at(n, POOL_MM, p))) {
		if (mm == n->k->init_mm)
			snprintf(buf, size, "init_mm");
		else
			snprintf(buf, size, "mm %u", mm_id(n, i, mm));
	} else if ((sig = object_at(n, POOL_SIGNAL, p))) {
		const struct task_struct *leader = READ_ONCE(((struct signal_struct *)(uintptr_t)sig)->leader);
		if (leader)
			snprintf(buf, size, "group of task %u", task_id(n, i, leader));
		else
			snprintf(buf, size, "a new group");
	} else if ((pgd = entry_at(n, p, &slot))) {
		char whose[48];
		directory_name(n, i, pgd, whose, sizeof(whose));
		snprintf(buf, size, "%s, slot %u", whose, slot);
	} else if ((pgd = object_at(n, POOL_PTDESC, p))) {
		directory_name(n, i, pgd, buf, size);
	} else if (object_at(n, POOL_TABLE, p)) {
		snprintf(buf, size, "table %u", (u32)eng_object_index(n->k, POOL_TABLE, object_at(n, POOL_TABLE, p)));
	}
}

void name_object(const struct naming *n, unsigned i, char *buf, size_t size)
{
	address_name(n, i, n->step[i].addr, buf, size);
}

int name_slot(const struct naming *n, unsigned i)
{
	u32 slot;
	return n->step[i].addr && entry_at(n, n->step[i].addr, &slot) ? (int)slot : -1;
}

/* ---- values ---- */

static void entry_name(u64 v, char *buf, size_t size)
{
	if (!v)
		snprintf(buf, size, "none");
	else if (!(v >> 32))
		snprintf(buf, size, "user table");
	else
		snprintf(buf, size, "table %llu%s%s", (unsigned long long)(v >> 32) - 1, v & ENTRY_CPA ? " split" : "",
			 v & ENTRY_PINNED ? " pinned" : "");
}

/* By the last word of how it is spelled: fields that hold a pointer. */
static bool is_pointer(const struct site *s)
{
	static const char *const field[] = { "mm", "next", "prev", "pgd", "cr3", "leader", "pt_mm" };
	char expr[160];
	if (!s)
		return false;
	name_expression(s->expr, expr, sizeof(expr));
	const char *end = expr + strlen(expr), *from = end;
	while (from > expr && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
		from--;
	for (unsigned i = 0; i < sizeof(field) / sizeof(*field); i++)
		if (!strcmp(from, field[i]))
			return true;
	return false;
}

static void value_name(const struct naming *n, unsigned i, u64 v, char *buf, size_t size)
{
	const struct check_step *s = &n->step[i];
	u32 slot;
	if (entry_at(n, s->addr, &slot)) {
		entry_name(v, buf, size);
		return;
	}
	*buf = '\0';
	if (s->size == 8 && v > 4096)
		address_name(n, i, (const void *)(uintptr_t)v, buf, size);
	if (*buf)
		return;
	if (!v && is_pointer(s->site))
		snprintf(buf, size, "NULL");
	else if (v == RW_WRITER)
		snprintf(buf, size, "a writer");
	else if (v > 65535)
		snprintf(buf, size, "%#llx", (unsigned long long)v);
	else
		snprintf(buf, size, "%llu", (unsigned long long)v);
}

/* ---- expressions ---- */

static size_t identifier(const char *s)
{
	size_t n = 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* "(mm)->users" is "mm->users". */
static void drop_parentheses(char *s)
{
	for (char *at = s; *at; at++) {
		size_t n = *at == '(' ? identifier(at + 1) : 0;
		const char *after = at + n + 2;
		if (!n || at[n + 1] != ')' || (strncmp(after, "->", 2) && *after != '.') ||
		    (at > s && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
			continue;
		memmove(at, at + 1, n);
		memmove(at + n, after, strlen(after) + 1);
	}
}

void name_expression(const char *spelled, char *buf, size_t size)
{
	static const char by_value[] = ").shared_field_", by_pointer[] = ")->shared_field_";
	char text[256];
	safe_copy(text, sizeof(text), spelled ? spelled : "");
	char *end = strstr(text, by_value);
	size_t cut = strlen(by_value);
	if (!end) {
		end = strstr(text, by_pointer);
		cut = strlen(by_pointer);
	}
	if (end && !strncmp(text, "&(", 2)) {
		memmove(end, end + cut, strlen(end + cut) + 1);
		memmove(text, text + 2, strlen(text + 2) + 1);
		/* What is pointed to. */
		if (cut == strlen(by_pointer)) {
			if (*text == '&')
				memmove(text, text + 1, strlen(text));
			else if (strlen(text) + 2 < sizeof(text)) {
				memmove(text + 1, text, strlen(text) + 1);
				*text = '*';
			}
		}
	}
	drop_parentheses(text);
	snprintf(buf, size, "%s", text);
}

/* Spelled as the call of a word: spin_lock(&x). */
static bool is_call(const struct site *s)
{
	size_t n = s ? identifier(s->expr) : 0;
	return n && s->expr[n] == '(' && !isdigit((unsigned char)*s->expr);
}

/* ---- steps ---- */

static void assignment(const struct naming *n, unsigned i, const char *operator, char * buf, size_t size)
{
	const struct check_step *s = &n->step[i];
	char expr[160], value[64], old[64], object[64];
	u32 slot;
	name_expression(s->site ? s->site->expr : "", expr, sizeof(expr));
	name_object(n, i, object, sizeof(object));
	value_name(n, i, s->value, value, sizeof(value));
	value_name(n, i, s->old, old, sizeof(old));
	/* Of an entry it matters which it is, not how the source got there. */
	if (s->addr && entry_at(n, s->addr, &slot)) {
		snprintf(expr, sizeof(expr), "%s", object);
		*object = '\0';
	}
	const char *open = *object ? " (" : "", *close = *object ? ")" : "";
	char *until = strstr(expr, " until ");
	if (until && s->kind == STEP_AWAIT) {
		*until = '\0';
		snprintf(buf, size, "waited for %s: %s%s%s%s", expr, value, open, object, close);
	} else if (s->kind == STEP_RMW && !s->wrote) {
		snprintf(buf, size, "%s stays %s%s%s%s", expr, old, open, object, close);
	} else if (s->kind == STEP_RMW) {
		snprintf(buf, size, "%s: %s -> %s%s%s%s", expr, old, value, open, object, close);
	} else {
		snprintf(buf, size, "%s %s %s%s%s%s", expr, operator, value, open, object, close);
	}
}

static void call(const struct naming *n, unsigned i, char *buf, size_t size)
{
	const struct check_step *s = &n->step[i];
	char expr[160], object[64];
	name_expression(s->site->expr, expr, sizeof(expr));
	name_object(n, i, object, sizeof(object));
	snprintf(buf, size, *object ? "%s (%s)" : "%s", expr, object);
}

void name_step(const struct naming *n, unsigned i, char *buf, size_t size)
{
	const struct check_step *s = &n->step[i];
	char text[512];
	switch ((enum step_kind)s->kind) {
	case STEP_IPI_DONE:
		snprintf(buf, size, "all CPUs have run it");
		return;
	case STEP_IRQ_BEGIN:
		snprintf(buf, size, "interrupt");
		return;
	case STEP_IRQ_END:
		snprintf(buf, size, "interrupt ends");
		return;
	case STEP_CALLBACK:
		snprintf(buf, size, "grace period over: RCU callback");
		return;
	case STEP_OBSERVE:
	case STEP_VIOLATION:
		*buf = '\0';
		return;
	default:
		break;
	}
	if (is_call(s->site) || s->kind == STEP_NOTE)
		call(n, i, text, sizeof(text));
	else
		assignment(n, i, s->kind == STEP_LOAD || s->kind == STEP_AWAIT ? "==" : "=", text, sizeof(text));
	if (s->kind == STEP_DRAIN)
		snprintf(buf, size, "... %s reaches memory", text);
	else
		snprintf(buf, size, "%s", text);
}
