/* range.c (sim) - many lines in a row: page directories' pages, cleared and copied. */
#include "replay/sim/line.h"

/* ---- a page that stands for its lines ---- */

struct page_lines *page_of_line(struct machine *m, u64 line)
{
	if (unlikely(line >= m->lines))
		sim_followed_nowhere();
	return &m->page[(line - m->first_page_line) >> m->page_shift];
}

static struct line *lines_of_page(struct machine *m, const struct page_lines *p)
{
	return &m->line[m->first_page_line + ((u64)(p - m->page) << m->page_shift)];
}

void page_spread(struct machine *m, struct page_lines *p)
{
	if (!p->state)
		return;
	struct line *l = lines_of_page(m, p);
	for (u32 i = 0; i < m->lines_per_page; i++) {
		l[i].state = p->state;
		l[i].stamp = p->stamp[i >= m->kernel_lines_from];
	}
	for (u32 i = 0; i < p->nalone; i++)
		l[p->alone[i]].stamp = p->alone_stamp[i];
	p->state = 0;
}

/* All its lines have just been written by @c: do they look alike now? */
static void gather(struct machine *m, const struct sim_cpu *c, struct page_lines *p)
{
	const struct line *l = lines_of_page(m, p);
	u32 i = 0;
	while (i < m->lines_per_page && l[i].state == c->me)
		i++;
	if (i == m->lines_per_page) {
		p->state = c->me;
		p->stamp[0] = p->stamp[1] = c->stamp;
		p->nalone = 0;
	}
}

u32 *page_alone(struct machine *m, struct page_lines *p, u32 line)
{
	u32 i = 0;
	while (i < p->nalone && p->alone[i] != line)
		i++;
	if (i == PAGE_ALONE)
		return NULL;
	if (i == p->nalone) {
		p->alone[p->nalone++] = (u8)line;
		p->alone_stamp[i] = p->stamp[line >= m->kernel_lines_from];
	}
	return &p->alone_stamp[i];
}

/* Those of a part that were touched alone are like the others again; how many of them are near. */
static u32 join(const struct sim_cpu *c, struct page_lines *p, u32 from, u32 end)
{
	u32 near = 0, left = 0;
	for (u32 i = 0; i < p->nalone; i++) {
		if (p->alone[i] >= from && p->alone[i] < end) {
			near += line_age1(c, p->alone_stamp[i]) <= c->l1_ticks;
		} else {
			p->alone[left] = p->alone[i];
			p->alone_stamp[left++] = p->alone_stamp[i];
		}
	}
	p->nalone = (u8)left;
	return near;
}

/* ---- ranges ---- */

/*
 * What stores into @n lines wait for in the store buffer, as sim_store_waits()
 * for each: as it holds them in the order of their times, only the last one's
 * place counts.
 */
static void stores_wait(struct sim_cpu *c, u32 n)
{
	if (!n || c->drained <= c->now)
		return;
	n = n < SIM_STORES ? n : SIM_STORES;
	c->now = later(c->now, c->stored[(c->stores + n - 1) % SIM_STORES]);
	const u64 drained = c->drained;
	const u32 from = c->stores % SIM_STORES, end = from + n;
	for (u32 i = from; i < end && i < SIM_STORES; i++)
		c->stored[i] = drained;
	for (u32 i = SIM_STORES; i < end; i++)
		c->stored[i - SIM_STORES] = drained;
	c->stores += n;
}

/* What it costs to get lines @from to @end, one part of a page that is all @c's. */
static u64 own_part(struct sim_cpu *c, struct page_lines *p, unsigned part, u32 from, u32 end)
{
	const struct machine *m = c->m;
	u64 one = 0;
	u32 n = end - from, near = p->nalone ? join(c, p, from, end) : 0;
	if (unlikely(line_age1(c, p->stamp[part]) > c->l1_ticks)) {
		u32 old = line_age2(c, p->stamp[part]);
		bool sunk = old > c->l2_ticks;
		one = !sunk ? m->range_l2 : line_in_llc(m, c, old) ? m->range_llc : m->range_ram;
		line_filled(c, n - near, sunk);
	}
	p->stamp[part] = c->stamp;
	return (n - near) * one;
}

/* @n lines of a page that is all @c's. False: they are not one of its parts, or both. */
static bool own_page(struct sim_cpu *c, struct page_lines *p, u64 first, u32 n, bool write, u64 each)
{
	const struct machine *m = c->m;
	const u32 from = line_on_page(m, first), kernel = m->kernel_lines_from;
	u64 cost = 0;
	if ((from && from != kernel) || (from + n != kernel && from + n != m->lines_per_page))
		return false;
	if (from < kernel)
		cost += own_part(c, p, 0, 0, kernel);
	if (from + n > kernel)
		cost += own_part(c, p, 1, kernel, m->lines_per_page);
	c->now += n * each;
	line_charge(c, cost, write);
	if (write)
		stores_wait(c, n);
	return true;
}

/* Line by line. True: each is one that many have read. */
static bool each_line(struct sim_cpu *c, struct line *l, u32 n, bool write, u64 each)
{
	struct machine *m = c->m;
	u64 cost = 0, remote = 0;
	bool many = true, asked = false;
	for (u32 i = 0; i < n; i++, l++) {
		if (likely(l->state == c->me && line_age1(c, l->stamp) <= c->l1_ticks)) {
			many = false;
			l->stamp = c->stamp;
			continue;
		}
		if (!asked && (c->careful || !line_is_private(m, c, l, write))) {
			asked = true;
			sim_yield(c);
		}
		u64 below = 0, one = line_access(m, c, l, write, &below);
		/*
		 * Neighbours are fetched meanwhile: from below, as measured; from
		 * another CPU, as many at once as from the last-level cache.
		 */
		if (below)
			cost += below;
		else
			remote += remote ? one * m->range_llc / (m->llc + 1) : one;
		many = many && l->nshare == NSHARE_MANY;
	}
	c->now += n * each;
	line_charge(c, cost + remote, write);
	if (write)
		stores_wait(c, n);
	return many;
}

/* The page on which the range is; NULL: on none, or, by mistake, not on one only: then no page stands for its lines. */
static struct page_lines *page_of_range(struct machine *m, u64 first, u32 n)
{
	u64 end = first + n;
	if (!n || end <= m->first_page_line)
		return NULL;
	struct page_lines *page = page_of_line(m, later(first, m->first_page_line)), *last = page_of_line(m, end - 1);
	if (likely(page == last && first >= m->first_page_line))
		return page;
	for (; page <= last; page++)
		page_spread(m, page);
	return NULL;
}

void sim_range(struct sim_cpu *c, const volatile void *p, u32 n, bool write, u64 each)
{
	struct machine *m = c->m;
	u64 first = ((uintptr_t)p - c->base) >> 6;
	struct worker *w = worker_of(c);
	if (unlikely(first >= m->lines || n > m->lines - first))
		sim_followed_nowhere();
	if (unlikely(c->observing))
		return;
	struct page_lines *page = page_of_range(m, first, n);
	if (page && page->state) {
		if (likely(page->state == c->me && !c->careful) && own_page(c, page, first, n, write, each))
			return;
		page_spread(m, page);
	}
	/* Read before, by many, and unchanged since. */
	if (!write && page && w->range == (first << 16 | n) && w->range_epoch == page->epoch && !c->careful) {
		c->now += n * each;
		return;
	}
	c->line = NO_LINE;
	bool many = each_line(c, &m->line[first], n, write, each);
	if (write) {
		if (page && n == m->lines_per_page && !c->careful)
			gather(m, c, page);
	} else if (many && page) {
		w->range = first << 16 | n;
		w->range_epoch = page->epoch;
	}
}
