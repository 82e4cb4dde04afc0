#include "tracegen/import_contention.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/mmw.h"

#define BUCKETS 4096u
#define OPEN_MAX 65536u /* who waits at a time; more than that is no machine */
#define FLAG_BITS 6
#define SUMS_MAX 16384u /* more chains than that go without names */
#define ROWS_MAX 100 /* and one for the others */

/* Who waits for what. */
struct imp_wait {
	struct imp_wait *chain;
	uint64_t lock;
	int64_t since;
	int32_t tid, stack; /* the idle task is on each CPU: - 1 - its number */
	uint8_t host, flags;
};

#define SLICES MMW_CONTENTION_SLICES
#define FIRST_SLICE_NS 1000000u

/* Some waits. */
struct waits {
	uint64_t n, total, min, max;
};

struct sum {
	struct idmap_entry e;
	struct waits slice[SLICES]; /* by when they began */
};

static void add(struct waits *to, const struct waits *w)
{
	if (!w->n)
		return;
	if (!to->n || w->min < to->min)
		to->min = w->min;
	if (w->max > to->max)
		to->max = w->max;
	to->n += w->n;
	if (__builtin_add_overflow(to->total, w->total, &to->total))
		to->total = UINT64_MAX;
}

void imp_waits_free(struct imp_waits *w)
{
	pool_free(&w->pool);
	free(w->bucket);
	if (w->has_sums)
		idmap_free(&w->sums);
	*w = (struct imp_waits){ 0 };
}

static int32_t whose(const struct imp_raw *r)
{
	return r->cur > 0 ? r->cur : -1 - (int32_t)r->cpu;
}

/* Where @r's wait is linked, or would be. */
static struct imp_wait **place(struct imp_waits *w, const struct imp_raw *r)
{
	uint64_t h = (r->u ^ (uint64_t)(uint32_t)whose(r) << 32 ^ r->host) * 0x9e3779b97f4a7c15ull;
	struct imp_wait **p = &w->bucket[h >> 40 & (BUCKETS - 1)];
	while (*p && ((*p)->lock != r->u || (*p)->tid != whose(r) || (*p)->host != r->host))
		p = &(*p)->chain;
	return p;
}

static int init(struct imp_waits *w)
{
	pool_init(&w->pool, sizeof(struct imp_wait));
	w->bucket = calloc(BUCKETS, sizeof(struct imp_wait *));
	w->has_sums = true;
	return idmap_init(&w->sums, sizeof(struct sum)) || !w->bucket ? -ENOMEM : 0;
}

int imp_wait_begin(struct imp_waits *w, const struct imp_raw *r)
{
	if (!w->has_sums && init(w))
		return -ENOMEM;
	struct imp_wait **p = place(w, r), *wait = *p;
	/* A mutex that was not to be had by spinning is waited for: one wait, said twice. */
	if (wait && wait->flags & MMW_CON_MUTEX && r->n & MMW_CON_MUTEX)
		return 0;
	bool lost = wait != NULL;
	if (!wait && w->open == OPEN_MAX)
		return 1;
	if (!wait) {
		wait = *p = pool_get(&w->pool);
		if (!wait)
			return -ENOMEM;
		w->open++;
		wait->lock = r->u;
		wait->tid = whose(r);
		wait->host = r->host;
	}
	wait->since = r->ns;
	if (!w->slice_ns) {
		w->slice_ns = FIRST_SLICE_NS;
		w->first = r->ns;
	}
	wait->stack = r->tid;
	wait->flags = (uint8_t)(r->n & ((1 << FLAG_BITS) - 1));
	return lost;
}

/* Two slices become one. */
static void lengthen(struct imp_waits *w)
{
	uint32_t at = 0;
	struct sum *s = NULL;
	while ((s = idmap_next(&w->sums, &at, s))) {
		for (unsigned i = 0; i < SLICES / 2; i++) {
			struct waits both = s->slice[2 * i];
			add(&both, &s->slice[2 * i + 1]);
			s->slice[i] = both;
		}
		memset(&s->slice[SLICES / 2], 0, sizeof(s->slice) / 2);
	}
	w->slice_ns *= 2;
}

/* The slice of who began to wait at @ns. */
static unsigned slice_at(struct imp_waits *w, int64_t ns)
{
	uint64_t since = ns > w->first ? (uint64_t)ns - (uint64_t)w->first : 0;
	while (since / w->slice_ns >= SLICES)
		lengthen(w);
	return (unsigned)(since / w->slice_ns);
}

int imp_wait_end(struct imp_waits *w, const struct imp_raw *r)
{
	struct imp_wait **p = w->bucket ? place(w, r) : NULL, *wait = p ? *p : NULL;
	if (!wait)
		return 1;
	uint32_t id = (uint32_t)wait->stack << FLAG_BITS | wait->flags;
	uint64_t ns = r->ns > wait->since ? (uint64_t)r->ns - (uint64_t)wait->since : 0;
	struct sum *s = idmap_find(&w->sums, id);
	unsigned slice = slice_at(w, wait->since);
	*p = wait->chain;
	pool_put(&w->pool, wait);
	w->open--;
	if (!s && w->sums.used >= SUMS_MAX) {
		id &= (1u << FLAG_BITS) - 1;
		s = idmap_find(&w->sums, id);
	}
	if (!s)
		s = idmap_add(&w->sums, id);
	if (!s)
		return -ENOMEM;
	add(&s->slice[slice], &(struct waits){ 1, ns, ns, ns });
	w->ended++;
	return 0;
}

/* ---- rows ---- */

struct row {
	char caller[IMP_FUNCTION], within[IMP_FUNCTION];
	uint32_t flags;
	struct waits all, slice[SLICES];
};

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->caller, y->caller);
	if (!order)
		order = strcmp(x->within, y->within);
	return order ? order : x->flags < y->flags ? -1 : x->flags > y->flags;
}

static int by_total(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->all.total != y->all.total)
		return x->all.total < y->all.total ? 1 : -1;
	return by_name(a, b);
}

static void join(struct row *to, const struct row *from)
{
	add(&to->all, &from->all);
	for (unsigned i = 0; i < SLICES; i++)
		add(&to->slice[i], &from->slice[i]);
}

/* Chains that end up at the same names are one row. Returns how many are left. */
static uint32_t join_equal(struct row *row, uint32_t n)
{
	uint32_t left = 0;
	qsort(row, n, sizeof(*row), by_name);
	for (uint32_t i = 0; i < n; i++)
		if (left && !by_name(&row[left - 1], &row[i]))
			join(&row[left - 1], &row[i]);
		else
			row[left++] = row[i];
	return left;
}

struct lists {
	struct imp_chains *chains;
	struct symbols loaded;
	uint64_t shift; /* from the capture's addresses to the list's */
	bool have;
};

static bool name_it(struct lists *l, int32_t stack, struct row *row)
{
	const struct imp_chain *chain = imp_chain(l->chains, stack);
	if (!chain)
		return false;
	return imp_chain_caller(chain, &l->chains->symbols, 0, row->caller, row->within) ||
	       (l->have && imp_chain_caller(chain, &l->loaded, l->shift, row->caller, row->within));
}

static int load(struct lists *l, const struct imp_names *names, struct mmr_err *e)
{
	struct mmr_err ignored;
	if (!names->path)
		return 0;
	int ret = symbols_load(&l->loaded, names->path, names->chosen ? e : &ignored);
	if (ret)
		return names->chosen ? ret : 0;
	if (names->base && l->loaded.base)
		l->shift = l->loaded.base - names->base;
	/* Of another boot of this machine: it would take knowing that it is the same kernel. */
	l->have = names->chosen || !l->shift;
	return 0;
}

/* @first: what began in an earlier slice is told in that one. */
static void write_row(struct mmw_writer *to, uint32_t n, const struct row *r, uint32_t first)
{
	struct mmw_contention_slice slice[SLICES];
	struct mmw_contention c = { .caller = r->caller,
				    .within = r->within,
				    .flags = r->flags,
				    .contentions = r->all.n,
				    .wait_total_ns = r->all.total,
				    .wait_min_ns = r->all.min,
				    .wait_max_ns = r->all.max,
				    .slice = slice };
	struct waits s = { 0 };
	for (uint32_t i = 0; i < SLICES; i++) {
		add(&s, &r->slice[i]);
		if (i < first || !s.n)
			continue;
		slice[c.slices++] = (struct mmw_contention_slice){ i - first, s.n, s.total, s.min, s.max };
		s = (struct waits){ 0 };
	}
	mmw_add_contention(to, n, &c);
}

/* Waits may begin before the first event, which is time 0. Returns the first slice that ends after it. */
static uint32_t write_time(struct mmw_writer *to, const struct imp_waits *w, int64_t origin)
{
	int64_t end = w->first - origin + (int64_t)w->slice_ns;
	uint32_t first = 0;
	for (; end <= 0 && first < SLICES - 1; first++)
		end += (int64_t)w->slice_ns;
	struct mmw_contention_time t = { end > 0 ? (uint64_t)end : 0, w->slice_ns };
	mmw_set_contention_time(to, &t);
	return first;
}

static void write_rows(const struct row *row, uint32_t n, uint32_t first, struct mmw_writer *to)
{
	struct row rest = { .caller = MMW_CONTENTION_OTHER };
	for (uint32_t i = ROWS_MAX; i < n; i++)
		join(&rest, &row[i]);
	if (n > ROWS_MAX)
		n = ROWS_MAX;
	for (uint32_t i = 0; i < n + (rest.all.n != 0); i++)
		write_row(to, i, i < n ? &row[i] : &rest, first);
}

int imp_waits_write(struct imp_waits *w, struct imp_chains *chains, const struct imp_names *names, int64_t origin,
		    struct mmw_writer *to, uint64_t *nameless, struct mmr_err *e)
{
	struct lists lists = { .chains = chains };
	uint32_t n = 0, at = 0;
	const struct sum *s = NULL;
	*nameless = 0;
	if (!w->ended)
		return 0;
	struct row *row = calloc(w->sums.used, sizeof(*row));
	int ret = row ? load(&lists, names, e) : -ENOMEM;
	while (!ret && (s = idmap_next(&w->sums, &at, (void *)s))) {
		struct row *r = &row[n++];
		*r = (struct row){ .flags = s->e.id & ((1u << FLAG_BITS) - 1) };
		memcpy(r->slice, s->slice, sizeof(r->slice));
		for (unsigned i = 0; i < SLICES; i++)
			add(&r->all, &s->slice[i]);
		if (!name_it(&lists, (int32_t)(s->e.id >> FLAG_BITS), r)) {
			strcpy(r->caller, MMW_CONTENTION_UNKNOWN);
			*nameless += r->all.n;
		}
	}
	if (!ret) {
		n = join_equal(row, n);
		qsort(row, n, sizeof(*row), by_total);
		write_rows(row, n, write_time(to, w, origin), to);
	}
	symbols_free(&lists.loaded);
	free(row);
	return ret;
}
