/*
 * line.h (sim) - inside the directory of cache lines: what line.c and range.c
 * share. A line is as old as its CPU has brought in others since, in ticks.
 *
 * The lines of a page directory's page are mostly one CPU's, touched together:
 * then the page stands for all of them (struct page_lines), and their entries in
 * the directory say nothing, until another CPU touches one or too many of them
 * were touched alone.
 */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "replay/sim/machine.h"

/* How long ago @c had its stamp at @stamp, in ticks of the first and of the second cache. */
static inline u32 line_age1(const struct sim_cpu *c, u32 stamp)
{
	return (u16)(c->stamp - stamp);
}

static inline u32 line_age2(const struct sim_cpu *c, u32 stamp)
{
	return (u16)((c->stamp >> 16) - (stamp >> 16));
}

/* @n lines have come into the first cache, @second: and into the second, where they were not. */
static inline void line_filled(struct sim_cpu *c, u32 n, bool second)
{
	c->fills += n;
	if (second) {
		c->fills2 += n;
		c->m->place[c->id].ticks2 = (u16)(c->fills2 >> c->shift2);
	}
	c->stamp = (c->fills >> c->shift & 0xffff) | c->fills2 >> c->shift2 << 16;
}

/* It waits for a load; a store waits in the store buffer. */
static inline void line_charge(struct sim_cpu *c, u64 cost, bool write)
{
	if (write)
		c->drained = later(c->drained, c->now + cost);
	else
		c->now += cost;
}

/*
 * @c touches @l: the directory afterwards. Returns what it waits for, besides a
 * step; 0 for a hit in the first cache. *@below: the line comes from a lower cache
 * or memory, from where neighbours are fetched meanwhile: what it costs as one of
 * many. Left alone otherwise.
 */
u64 line_access(struct machine *m, struct sim_cpu *c, struct line *l, bool write, u64 *below);

/* Is it nobody else's affair when @c touches @l now? */
bool line_is_private(struct machine *m, struct sim_cpu *c, struct line *l, bool write);

/* Below the second cache: still in the last one? @old: ticks of the second cache, of one of the cluster's CPUs. */
bool line_in_llc(const struct machine *m, const struct sim_cpu *c, u32 old);

/* ---- range.c ---- */

/* The number of @line on its page. */
static inline u32 line_on_page(const struct machine *m, u64 line)
{
	return (u32)(line - m->first_page_line) & ((1u << m->page_shift) - 1);
}

/* The page on which @line lies, which is no less than m->first_page_line; ends the run if there is no such line. */
struct page_lines *page_of_line(struct machine *m, u64 line);
/* The stamp of one of its lines, which is touched alone; NULL: too many have been. */
u32 *page_alone(struct machine *m, struct page_lines *p, u32 line);
/* It no longer stands for its lines. */
void page_spread(struct machine *m, struct page_lines *p);

/* ---- contents.c ---- */

/* Those of @lines (bit by number) that were put off get what is to be in them. */
void contents_due(struct machine *m, struct page_lines *p, u64 lines);
/* The page m->source is about to. */
void contents_source_changes(struct machine *m);

#endif
