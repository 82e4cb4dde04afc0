/*
 * line.c (sim) - what an access costs: the directory of cache lines.
 *
 * A line is in a CPU's cache if that CPU wrote it last, or has read it since,
 * and has not brought so many other lines in meanwhile that it fell out. Loads
 * wait for their line. Stores do not: they wait in the store buffer, which a
 * locked instruction, a fence or whoever wants the lock waits for.
 */
#include "replay/sim/line.h"

#include <stdlib.h>

/* A reader that is none of the CPUs in particular; in distance the next one. */
#define SOMEBODY UINT16_MAX

/* ---- many readers ---- */

static u64 *bits_of(struct machine *m, const struct line *l)
{
	return m->bits + (size_t)l->share_stamp[0] * m->bit_words;
}

static bool more_sets(struct machine *m)
{
	u32 room = m->bits_room ? 2 * m->bits_room : 256;
	m->inside = false;
	u64 *bits = realloc(m->bits, (size_t)room * m->bit_words * sizeof(*bits));
	if (bits)
		m->bits = bits;
	u32 *unused = realloc(m->free_bits, room * sizeof(*unused));
	if (unused)
		m->free_bits = unused;
	m->inside = true;
	if (bits && unused)
		m->bits_room = room;
	return bits && unused;
}

/* From two named readers to a set; false: no memory, the line keeps the two it knows. */
static bool make_set(struct machine *m, struct line *l)
{
	u32 set;
	if (m->nfree_bits) {
		set = m->free_bits[--m->nfree_bits];
	} else {
		if (m->nbits == m->bits_room && !more_sets(m))
			return false;
		set = m->nbits++;
	}
	u64 *b = m->bits + (size_t)set * m->bit_words;
	memset(b, 0, m->bit_words * sizeof(*b));
	for (u32 i = 0; i < l->nshare; i++)
		if (l->share[i] != SOMEBODY)
			b[(l->share[i] - 1u) / 64] |= 1ull << (l->share[i] - 1u) % 64;
	l->nshare = NSHARE_MANY;
	l->share_stamp[0] = set;
	return true;
}

static __noinline void add_to_many(struct machine *m, const struct sim_cpu *c, struct line *l)
{
	if (l->nshare == NSHARE_MANY || make_set(m, l))
		bits_of(m, l)[c->id / 64] |= 1ull << (c->id % 64);
}

static __noinline void forget_many(struct machine *m, const struct line *l)
{
	u64 line = (u64)(l - m->line);
	m->free_bits[m->nfree_bits++] = l->share_stamp[0];
	if (line >= m->first_page_line)
		page_of_line(m, line)->epoch++;
}

/* ---- who has it ---- */

/* The place of @c among those who have the line: its stamp, or one that never gets old; NULL: it is none. */
static inline u32 *own_copy(struct machine *m, struct line *l, const struct sim_cpu *c, u32 *fresh)
{
	if (l->owner == c->me)
		return &l->stamp;
	if (!l->nshare)
		return NULL;
	if (l->nshare == NSHARE_MANY) {
		*fresh = c->stamp;
		return bits_of(m, l)[c->id / 64] >> (c->id % 64) & 1 ? fresh : NULL;
	}
	if (l->share[0] == c->me)
		return &l->share_stamp[0];
	return l->nshare == 2 && l->share[1] == c->me ? &l->share_stamp[1] : NULL;
}

/* Two that are not the same; numbers of cores, clusters and sockets are the machine's, so each differs if the next does. */
static inline enum distance distance(const struct machine *m, u32 a, u32 b)
{
	const struct place *p = &m->place[a], *q = &m->place[b];
	return NEAR_SMT + (p->core != q->core) + (p->cluster != q->cluster) + (p->socket != q->socket);
}

u64 sim_transfer(struct machine *m, u16 from, u16 to)
{
	if (!from)
		return m->llc;
	return m->transfer[from == to ? NEAR_SELF : distance(m, to - 1u, from - 1u)];
}

/* Of many, how near the nearest is, or, for a write, the farthest; not looking farther than needed. */
static __noinline enum distance to_many(struct machine *m, const struct line *l, const struct sim_cpu *c, bool farthest)
{
	enum distance best = farthest ? NEAR_SELF : NEAR_REMOTE;
	const u64 *b = bits_of(m, l);
	if (l->owner && l->owner != c->me)
		best = distance(m, c->id, l->owner - 1u);
	for (u32 w = 0; w < m->bit_words; w++)
		for (u64 set = b[w]; set && best != (farthest ? NEAR_REMOTE : NEAR_SMT); set &= set - 1) {
			u32 id = w * 64 + (u32)__builtin_ctzll(set);
			enum distance d = id != c->id ? distance(m, c->id, id) : best;
			best = (farthest ? d > best : d < best) ? d : best;
		}
	return best;
}

/* ... of those who share the line. */
static inline enum distance to_holders(struct machine *m, const struct line *l, const struct sim_cpu *c, bool farthest)
{
	if (unlikely(l->nshare == NSHARE_MANY))
		return to_many(m, l, c, farthest);
	enum distance best = farthest ? NEAR_SELF : NEAR_REMOTE;
	if (l->owner && l->owner != c->me)
		best = distance(m, c->id, l->owner - 1u);
	for (u32 i = 0; i < l->nshare; i++) {
		u16 r = l->share[i];
		if (r == c->me)
			continue;
		enum distance d = distance(m, c->id, likely(r != SOMEBODY) ? r - 1u : c->id ? c->id - 1u : 1u);
		best = (farthest ? d > best : d < best) ? d : best;
	}
	return best;
}

bool line_in_llc(const struct machine *m, const struct sim_cpu *c, u32 old)
{
	return ((u64)old << c->shift2) * m->cores_per_cluster <= m->llc_lines;
}

/*
 * What it takes to get the line, which is not in @c's cache as it is wanted.
 * *@below: it comes from a lower cache or memory, from where neighbours are
 * fetched meanwhile; then what it costs as one of many.
 */
static inline u64 fetch(struct machine *m, const struct line *l, const struct sim_cpu *c, bool write, bool known,
			u64 *below)
{
	bool near = true;
	u32 old = 0;
	if (!l->nshare && l->owner) {
		if (l->owner == c->me) {
			old = line_age2(c, l->stamp);
		} else {
			const struct place *o = &m->place[l->owner - 1];
			old = (u16)(o->ticks2 - (l->stamp >> 16));
			if (write || old <= c->l2_ticks)
				return m->transfer[distance(m, c->id, l->owner - 1u)];
			near = o->cluster == m->place[c->id].cluster;
		}
	} else if (l->nshare && (write || !known)) {
		return m->transfer[to_holders(m, l, c, write)];
	}
	/*
	 * Fresh memory was cleared when it came. Others who read it know nothing
	 * new: a copy of ours that has sunk comes from below.
	 */
	bool llc = near && line_in_llc(m, c, old);
	*below = llc ? m->range_llc : m->range_ram;
	return llc ? m->llc : m->ram;
}

/* ---- one access ---- */

/* @c, whose copy @mine was, gets the line. */
static inline u64 bring(struct machine *m, struct sim_cpu *c, struct line *l, bool write, u32 *mine, u64 *below)
{
	u64 cost = fetch(m, l, c, write, mine != NULL, below);
	line_filled(c, 1, true);
	u32 now = c->stamp;
	if (l->owner && !mine) {
		struct conflict_count *n = &m->conflict[c->op * LINE_NAMES + l->name];
		n->count++;
		n->ps += cost;
	}
	/* It passes from one to the next; what nobody has written the last-level cache gives to all that ask. */
	if (write || l->owner) {
		u64 from = later(c->now, l->busy);
		l->busy = from + cost;
		cost = l->busy - c->now;
	}
	if (write) {
		if (unlikely(l->nshare == NSHARE_MANY))
			forget_many(m, l);
		l->nshare = 0;
		l->owner = c->me;
		l->stamp = now;
		if (unlikely(l->spinners)) {
			/* They all look again, one after another; nobody in particular stands for them. */
			l->busy += l->spinners * m->mean_transfer;
			l->share[0] = SOMEBODY;
			l->share_stamp[0] = 0;
			l->nshare = m->cpus > 1;
		}
	} else if (mine) {
		*mine = now;
	} else if (l->nshare < 2) {
		l->share[l->nshare] = c->me;
		l->share_stamp[l->nshare++] = now;
	} else {
		add_to_many(m, c, l);
	}
	return cost;
}

u64 line_access(struct machine *m, struct sim_cpu *c, struct line *l, bool write, u64 *below)
{
	u32 fresh, *mine = own_copy(m, l, c, &fresh);
	if (mine && (!write || (l->owner == c->me && !l->nshare))) {
		if (line_age1(c, *mine) <= c->l1_ticks) {
			*mine = c->stamp;
			return 0;
		}
		if (line_age2(c, *mine) <= c->l2_ticks) {
			line_filled(c, 1, false);
			*mine = c->stamp;
			*below = m->range_l2;
			return m->l2;
		}
	}
	return bring(m, c, l, write, mine, below);
}

/* A hit, or what nobody has touched before: nobody else can notice. */
static inline bool unnoticed(const struct line *l, bool hit)
{
	return hit || !(l->owner | l->nshare);
}

bool line_is_private(struct machine *m, struct sim_cpu *c, struct line *l, bool write)
{
	u32 fresh, *mine = own_copy(m, l, c, &fresh);
	return unnoticed(l, mine && (!write || (l->owner == c->me && !l->nshare)));
}

/* It is not simply @c's, in its first cache. */
static __noinline void touch(struct sim_cpu *c, struct line *l, bool write)
{
	struct machine *m = c->m;
	if (unlikely(c->observing))
		return;
	u32 fresh, *mine = own_copy(m, l, c, &fresh);
	bool hit = mine && (!write || (l->owner == c->me && !l->nshare));
	if ((unlikely(c->careful || l->flags & LINE_LOCK) || !unnoticed(l, hit)) && sim_yield(c)) {
		mine = own_copy(m, l, c, &fresh);
		hit = mine && (!write || (l->owner == c->me && !l->nshare));
	}
	if (hit && line_age1(c, *mine) <= c->l1_ticks) {
		*mine = c->stamp;
	} else if (hit && line_age2(c, *mine) <= c->l2_ticks) {
		line_filled(c, 1, false);
		*mine = c->stamp;
		/* What the second cache takes is hidden behind what goes on meanwhile. */
		c->drained = later(c->drained, c->now + m->l2);
	} else {
		u64 below, cost = bring(m, c, l, write, mine, &below);
		line_charge(c, cost, write || cost <= m->l2);
	}
	u64 line = (u64)(l - m->line);
	if (unlikely(l->flags)) {
		if (write && l->flags & LINE_WATCHED)
			sim_wake_watchers(c, line);
		line = NO_LINE;
	}
	c->line = unlikely(c->careful) ? NO_LINE : line;
	c->writable = l->owner == c->me && !l->nshare;
}

static inline void touch_line(struct sim_cpu *c, u64 line, bool write)
{
	struct line *l = &c->m->line[line];
	/* Mine alone and near: most are. */
	if (unlikely(l->state != c->me || line_age1(c, l->stamp) > c->l1_ticks || c->careful)) {
		touch(c, l, write);
		return;
	}
	l->stamp = c->stamp;
	c->line = line;
	c->writable = true;
}

/* What has been put off is due before the access, but after those that go first: they may do the same to the page. */
static inline void page_contents(struct sim_cpu *c, struct page_lines *p, u32 number, bool write)
{
	struct machine *m = c->m;
	if ((p->zero | p->copied) >> (number & 63) & 1)
		contents_due(m, p, 1ull << number);
	if (unlikely(p == m->source)) {
		if (write)
			contents_source_changes(m);
		/* So that the next access comes here, too. */
		c->line = NO_LINE;
	}
}

/* On a page of a page directory. */
static __noinline void touch_page(struct sim_cpu *c, u64 line, bool write)
{
	struct machine *m = c->m;
	struct page_lines *p = page_of_line(m, line);
	const u32 number = line_on_page(m, line);
	u32 *stamp = NULL;
	if (p->state == c->me && !c->careful)
		stamp = page_alone(m, p, number);
	if (stamp) {
		if (unlikely(line_age1(c, *stamp) > c->l1_ticks)) {
			u32 old = line_age2(c, *stamp);
			bool sunk = old > c->l2_ticks;
			line_filled(c, 1, sunk);
			line_charge(c, !sunk ? m->l2 : line_in_llc(m, c, old) ? m->llc : m->ram, write || !sunk);
		}
		*stamp = c->stamp;
		c->line = line;
		c->writable = true;
	} else if (!c->observing) {
		page_spread(m, p);
		touch_line(c, line, write);
	}
	page_contents(c, p, number, write);
}

void sim_line(struct sim_cpu *c, u64 line, bool write)
{
	if (unlikely(line >= c->m->first_page_line))
		touch_page(c, line, write);
	else
		touch_line(c, line, write);
}

struct line *sim_any_line_of(struct sim_cpu *c, const volatile void *p)
{
	struct machine *m = c->m;
	u64 line = ((uintptr_t)p - c->base) >> 6;
	if (line >= m->first_page_line)
		page_spread(m, page_of_line(m, line));
	return &m->line[line];
}

void sim_glance(struct sim_cpu *c, const volatile void *p)
{
	const struct line *l = sim_line_of(c, p);
	/* Near, and nobody else's: nothing to wait for, nobody to let go first. */
	if (likely(l->state == c->me && line_age1(c, l->stamp) <= c->l1_ticks && !c->careful)) {
		c->now += c->step;
		return;
	}
	sim_yield(c);
	u64 from = c->now;
	sim_touch(p, false);
	c->drained = later(c->drained, c->now);
	c->now = from + c->step;
}

void sim_lock_word(struct sim_cpu *c, const volatile void *p)
{
	c->now += c->step;
	u64 below, cost = line_access(c->m, c, sim_line_of(c, p), true, &below);
	c->now = later(c->now + cost, c->drained) + c->atomic;
	c->line = NO_LINE;
}
