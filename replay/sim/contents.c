/*
 * contents.c (sim) - what is in the pages of page directories.
 *
 * A page is cleared and its kernel part copied for each mm, and most of it is
 * never looked at: so a line's content is put off until somebody touches it.
 * What it costs in virtual time is another matter (range.c), and nobody can
 * tell the difference: of the page that was copied from, whoever writes to it
 * first lets everybody take his copy.
 */
#include "replay/sim/line.h"

/* Lines that @n entries from @p lie on. */
static u32 lines_of(const pgd_t *p, u32 n)
{
	uintptr_t first = (uintptr_t)p / 64, last = ((uintptr_t)(p + n) - 1) / 64;
	return n ? (u32)(last - first + 1) : 0;
}

static char *line_at(const struct machine *m, const struct page_lines *p, u32 line)
{
	return m->pages + ((size_t)(p - m->page) << m->page_shift << 6) + line * 64u;
}

void contents_due(struct machine *m, struct page_lines *p, u64 lines)
{
	for (u64 left = (p->zero | p->copied) & lines; left; left &= left - 1) {
		u32 i = (u32)__builtin_ctzll(left);
		if (p->zero >> i & 1)
			memset(line_at(m, p, i), 0, 64);
		else
			memcpy(line_at(m, p, i), line_at(m, m->source, i), 64);
	}
	p->zero &= ~lines;
	p->copied &= ~lines;
}

void contents_source_changes(struct machine *m)
{
	for (u32 i = m->copiers, next; i; i = next) {
		struct page_lines *p = &m->page[i - 1];
		next = p->next_copier;
		p->next_copier = 0;
		p->is_copier = false;
		contents_due(m, p, p->copied);
	}
	m->copiers = 0;
}

/* The page that @n entries from @at lie on, and, *@lines, which of it; NULL: they are not whole lines of one page of up to 64. */
static struct page_lines *page_of(const struct machine *m, const pgd_t *at, u32 n, u64 *lines)
{
	const char *from = (const char *)at;
	const u64 byte = (u64)(from - m->pages);
	const u32 first = line_on_page(m, m->first_page_line + byte / 64), many = n * (u32)sizeof(*at) / 64;
	if (from < m->pages || byte % 64 || n * sizeof(*at) % 64 || !n || m->page_shift > 6 || first + many > 64)
		return NULL;
	*lines = UINT64_MAX >> (64 - many) << first;
	return &m->page[byte / 64 >> m->page_shift];
}

/* Somebody looks at, or writes to, @n entries from @at, by no word of the dialect. */
static void settle(struct machine *m, const pgd_t *at, u32 n, bool write)
{
	if (!n || (const char *)at < m->pages)
		return;
	const u64 first = (u64)((const char *)at - m->pages) / 64 >> m->page_shift;
	const u64 last = (u64)((const char *)(at + n) - 1 - m->pages) / 64 >> m->page_shift;
	for (u64 i = first; i <= last; i++) {
		if (write && &m->page[i] == m->source)
			contents_source_changes(m);
		contents_due(m, &m->page[i], UINT64_MAX);
	}
}

void copy_entries(pgd_t *dst, pgd_t *src, u32 n)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	sim_range(c, src, lines_of(src, n), false, 0);
	sim_range(c, dst, lines_of(dst, n), true, m->copy);
	u64 to, from;
	struct page_lines *p = page_of(m, dst, n, &to), *source = page_of(m, src, n, &from);
	if (!m->source && source && !c->careful)
		m->source = source;
	if (p && source && source == m->source && p != source && to == from && !(source->zero | source->copied) &&
	    !c->careful) {
		p->zero &= ~to;
		p->copied |= to;
		if (!p->is_copier) {
			p->is_copier = true;
			p->next_copier = m->copiers;
			m->copiers = (u32)(p - m->page) + 1;
		}
		c->line = NO_LINE;
		return;
	}
	settle(m, src, n, false);
	settle(m, dst, n, true);
	memcpy((void *)dst, (const void *)src, n * sizeof(*dst));
}

/* Most are 0: lines of the source are looked at, entries that are there are stored one by one. */
void copy_present_entries(pgd_t *dst, pgd_t *src, u32 n)
{
	struct sim_cpu *c = sim_self;
	sim_range(c, src, lines_of(src, n), false, c->m->scan);
	settle(c->m, src, n, false);
	const u64 *from = (const u64 *)(const void *)src;
	for (u32 i = 0; i < n; i++) {
		const u64 *f = from + i;
		if (i + 8 <= n && !(f[0] | f[1] | f[2] | f[3] | f[4] | f[5] | f[6] | f[7]))
			i += 7;
		else if (*f)
			WRITE_ONCE(dst[i], *f);
	}
}

void clear_page(pgd_t *page, u32 n)
{
	struct sim_cpu *c = sim_self;
	struct machine *m = c->m;
	sim_range(c, page, lines_of(page, n), true, m->clear);
	u64 lines;
	struct page_lines *p = page_of(m, page, n, &lines);
	if (p && !c->careful && p != m->source) {
		p->zero |= lines;
		p->copied &= ~lines;
		c->line = NO_LINE;
		return;
	}
	settle(m, page, n, true);
	memset((void *)page, 0, n * sizeof(*page));
}
