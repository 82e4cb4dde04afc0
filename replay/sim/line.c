/*
 * line.c (sim) - what an access costs: the directory of cache lines.
 *
 * A line is in a CPU's cache if that CPU wrote it last, or has read it since,
 * and has not brought so many other lines in meanwhile that it fell out. Loads
 * wait for their line. Stores do not: they wait in the store buffer, which a
 * locked instruction, a fence or whoever wants the lock waits for.
 */
#include <stdlib.h>

#include "replay/sim/machine.h"

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

static void forget_readers(struct machine *m, struct line *l)
{
	if (l->nshare == NSHARE_MANY) {
		m->free_bits[m->nfree_bits++] = l->share_stamp[0];
		m->shared_epoch++;
	}
	l->nshare = 0;
}

/* ---- who has it ---- */

/* How long ago @cpu had its stamp at @stamp, in ticks of the first and of the second cache. */
static u32 age1(const struct sim_cpu *c, u32 stamp)
{
	return (u16)(c->stamp - stamp);
}

static u32 age2(const struct sim_cpu *c, u32 stamp)
{
	return (u16)((c->stamp >> 16) - (stamp >> 16));
}

/* A line has come into the first cache, and into the second if it was not there. */
static void filled(struct sim_cpu *c, bool second)
{
	c->fills++;
	c->fills2 += second;
	c->stamp = (c->fills >> c->shift & 0xffff) | c->fills2 >> c->shift2 << 16;
}

/* The place of @c among the readers: its stamp, or one that never gets old; NULL: it is none. */
static u32 *reader(struct machine *m, struct line *l, const struct sim_cpu *c, u32 *fresh)
{
	if (l->nshare == NSHARE_MANY) {
		*fresh = c->stamp;
		return bits_of(m, l)[c->id / 64] >> (c->id % 64) & 1 ? fresh : NULL;
	}
	for (u32 i = 0; i < l->nshare; i++)
		if (l->share[i] == c->me)
			return &l->share_stamp[i];
	return NULL;
}

static enum distance distance(const struct sim_cpu *a, const struct sim_cpu *b)
{
	if (a->core == b->core)
		return a == b ? NEAR_SELF : NEAR_SMT;
	if (a->cluster == b->cluster)
		return NEAR_CLUSTER;
	return a->socket == b->socket ? NEAR_SOCKET : NEAR_REMOTE;
}

u64 sim_transfer(struct machine *m, u16 from, u16 to)
{
	return from ? m->transfer[distance(&m->worker[to - 1].c, &m->worker[from - 1].c)] : m->llc;
}

/* Of those who have the line, how near the nearest is, or, for a write, the farthest. */
static enum distance to_holders(struct machine *m, const struct line *l, const struct sim_cpu *c, bool farthest)
{
	enum distance best = farthest ? NEAR_SELF : NEAR_REMOTE, d;
#define CONSIDER(id)                                                                                                   \
	do {                                                                                                           \
		d = distance(c, &m->worker[id].c);                                                                     \
		if (farthest ? d > best : d < best)                                                                    \
			best = d;                                                                                      \
	} while (0)
	if (l->owner && l->owner != c->me)
		CONSIDER(l->owner - 1u);
	if (l->nshare == NSHARE_MANY) {
		const u64 *b = bits_of(m, l);
		for (u32 w = 0; w < m->bit_words; w++)
			for (u64 set = b[w]; set; set &= set - 1) {
				u32 id = w * 64 + (u32)__builtin_ctzll(set);
				if (id != c->id)
					CONSIDER(id);
				if (best == (farthest ? NEAR_REMOTE : NEAR_SMT))
					return best;
			}
	} else {
		for (u32 i = 0; i < l->nshare; i++)
			if (l->share[i] != c->me)
				CONSIDER(l->share[i] != SOMEBODY ? l->share[i] - 1u : c->id ? c->id - 1u : 1u);
	}
#undef CONSIDER
	return best;
}

/* Below the second cache: still in the last one? @old: ticks of the second cache, of one of the cluster's CPUs. */
static bool in_llc(const struct machine *m, const struct sim_cpu *c, u32 old)
{
	return ((u64)old << c->shift2) * m->cores_per_cluster <= m->llc_lines;
}

/*
 * What it takes to get the line, which is not in @c's cache as it is wanted.
 * *@below: it comes from a lower cache or memory, from where neighbours are
 * fetched meanwhile; then what it costs as one of many.
 */
static u64 fetch(struct machine *m, const struct line *l, const struct sim_cpu *c, bool write, bool known, u64 *below)
{
	bool near = true;
	u32 old = 0;
	if (!l->owner && !l->nshare) {
		/* Fresh memory was cleared when it came. */
	} else if (l->owner == c->me && !l->nshare) {
		old = age2(c, l->stamp);
	} else if (!write && l->owner && l->owner != c->me && !l->nshare) {
		const struct sim_cpu *o = &m->worker[l->owner - 1].c;
		old = age2(o, l->stamp);
		if (old <= o->l2_ticks)
			return m->transfer[distance(c, o)];
		near = o->cluster == c->cluster;
	} else if (write || !known) {
		return m->transfer[to_holders(m, l, c, write)];
	}
	/* Others who read it know nothing new: a copy of ours that has sunk comes from below. */
	bool llc = near && in_llc(m, c, old);
	*below = llc ? m->range_llc : m->range_ram;
	return llc ? m->llc : m->ram;
}

/* ---- figures ---- */

static void conflict(struct machine *m, const struct sim_cpu *c, const struct line *l, u64 ps)
{
	struct conflict_count *n = &m->conflict[c->op * LINE_NAMES + l->name];
	n->count++;
	n->ps += ps;
}

/* ---- one access ---- */

/*
 * @c has touched @l: the directory afterwards. Returns what it waits for, besides
 * a step; 0 for a hit in the first cache.
 */
static u64 access_line(struct machine *m, struct sim_cpu *c, struct line *l, bool write, u64 *below)
{
	u32 fresh, *mine = l->owner == c->me ? &l->stamp : reader(m, l, c, &fresh);
	bool writable = !write || (l->owner == c->me && !l->nshare);
	u64 cost;
	if (mine && writable && age1(c, *mine) <= c->l1_ticks) {
		*mine = c->stamp;
		return 0;
	}
	if (mine && writable && age2(c, *mine) <= c->l2_ticks) {
		filled(c, false);
		*mine = c->stamp;
		*below = m->range_l2;
		return m->l2;
	}
	cost = fetch(m, l, c, write, mine != NULL, below);
	filled(c, true);
	u32 now = c->stamp;
	if (l->owner && !mine)
		conflict(m, c, l, cost);
	/* It passes from one to the next; what nobody has written the last-level cache gives to all that ask. */
	if (write || l->owner) {
		u64 from = later(c->now, l->busy);
		l->busy = from + cost;
		cost = l->busy - c->now;
	}
	if (write) {
		forget_readers(m, l);
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
	} else if (l->nshare == NSHARE_MANY || make_set(m, l)) {
		bits_of(m, l)[c->id / 64] |= 1ull << (c->id % 64);
	}
	return cost;
}

/* Would this access be a hit, which nobody else can notice? */
static bool unnoticed(struct machine *m, struct sim_cpu *c, struct line *l, bool write)
{
	u32 fresh;
	if (l->owner == c->me)
		return (!write || !l->nshare) && age2(c, l->stamp) <= c->l2_ticks;
	u32 *mine = write ? NULL : reader(m, l, c, &fresh);
	return mine && age2(c, *mine) <= c->l2_ticks;
}

static void charge(struct sim_cpu *c, u64 cost, bool write)
{
	if (write)
		c->drained = later(c->drained, c->now + cost);
	else
		c->now += cost;
}

static __noinline void look_up(struct sim_cpu *c, struct line *l, bool write)
{
	struct machine *m = c->m;
	if (unlikely(c->running_ahead_barred || l->flags & LINE_LOCK) || !unnoticed(m, c, l, write))
		sim_yield(c);
	u64 below, cost = access_line(m, c, l, write, &below);
	/* What the second cache takes is hidden behind what goes on meanwhile. */
	charge(c, cost, write || cost <= m->l2);
	u64 line = (u64)(l - m->line);
	if (unlikely(write && l->flags & LINE_WATCHED))
		sim_wake_watchers(c, line);
	c->line = c->running_ahead_barred || l->flags ? NO_LINE : line;
	c->writable = l->owner == c->me && !l->nshare;
}

void sim_line(struct sim_cpu *c, u64 line, bool write)
{
	struct machine *m = c->m;
	if (unlikely(line >= m->lines))
		sim_followed_nowhere();
	if (unlikely(c->observing))
		return;
	struct line *l = &m->line[line];
	/* Mine alone and near: most are. */
	if (likely(l->state == c->me && age1(c, l->stamp) <= c->l1_ticks && !c->running_ahead_barred)) {
		if (unlikely(l->stamp != c->stamp))
			l->stamp = c->stamp;
		c->line = line;
		c->writable = true;
		return;
	}
	look_up(c, l, write);
}

struct line *sim_line_of(struct sim_cpu *c, const volatile void *p)
{
	return &c->m->line[((uintptr_t)p - c->base) >> 6];
}

void sim_glance(struct sim_cpu *c, const volatile void *p)
{
	const struct line *l = sim_line_of(c, p);
	/* Near, and nobody else's: nothing to wait for, nobody to let go first. */
	if (likely(l->state == c->me && age1(c, l->stamp) <= c->l1_ticks && !c->running_ahead_barred)) {
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
	u64 below, cost = access_line(c->m, c, sim_line_of(c, p), true, &below);
	c->now = later(c->now + cost, c->drained) + c->atomic;
	c->line = NO_LINE;
}

/* ---- ranges ---- */

void sim_range(struct sim_cpu *c, const volatile void *p, u32 n, bool write, u64 each)
{
	struct machine *m = c->m;
	u64 first = ((uintptr_t)p - c->base) >> 6, cost = 0, remote = 0;
	struct worker *w = worker_of(c);
	if (unlikely(first >= m->lines || n > m->lines - first))
		sim_followed_nowhere();
	if (unlikely(c->observing))
		return;
	/* Read before, by many, and unchanged since. */
	if (!write && w->range == (first << 16 | n) && w->range_epoch == m->shared_epoch && !c->running_ahead_barred) {
		c->now += n * each;
		return;
	}
	c->line = NO_LINE;
	bool many = true, asked = false;
	for (u32 i = 0; i < n; i++) {
		struct line *l = &m->line[first + i];
		if (likely(l->state == c->me && age1(c, l->stamp) <= c->l1_ticks)) {
			many = false;
			if (unlikely(l->stamp != c->stamp))
				l->stamp = c->stamp;
			continue;
		}
		if (!asked && !unnoticed(m, c, l, write)) {
			asked = true;
			sim_yield(c);
		}
		u64 below = 0, one = access_line(m, c, l, write, &below);
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
	charge(c, cost + remote, write);
	for (u32 i = 0; write && c->drained > c->now && i < n; i++)
		sim_store_waits(c);
	if (!write && many) {
		w->range = first << 16 | n;
		w->range_epoch = m->shared_epoch;
	}
}
