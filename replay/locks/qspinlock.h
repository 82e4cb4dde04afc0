/*
 * qspinlock.h - the queued spinlock, the kernel's from v4.2 (KERNEL_FACTS.md E.1).
 *
 *   bits  0-7   locked byte
 *   bit   8     pending
 *   bits 16-17  nesting index of the tail's node
 *   bits 18-31  CPU of the tail, plus 1
 *
 * Free: one cmpxchg. The second comer sets pending and spins on the locked
 * byte. Later ones queue on per-CPU nodes and spin there; the head of the queue
 * spins on the word. Unlocking is a plain store of the locked byte.
 *
 * A CPU uses node i while it waits at nesting level i (task, softirq, irq, NMI
 * in the kernel; here a CPU waits for one lock at a time).
 */
#ifndef LOCKS_QSPINLOCK_H
#define LOCKS_QSPINLOCK_H

typedef union {
	SHARED(u32) word;
	struct {
		SHARED(u8) locked;
		SHARED(u8) pending;
		SHARED(u16) tail;
	};
	SHARED(u16) locked_pending;
} qspinlock_t;

#define QS_LOCKED 1u
#define QS_PENDING (1u << 8)
#define QS_LOCKED_PENDING_MASK 0xffffu
#define QS_TAIL_SHIFT 16
#define QS_TAIL_MASK 0xffff0000u
#define QS_NODES 4

struct qs_node {
	SHARED(struct qs_node *) next;
	SHARED(u32) locked; /* 1: the queue's head is ours */
};

/* Per CPU; engines keep them where qs_nodes(cpu) finds them. */
struct qs_nodes {
	struct qs_node node[QS_NODES];
	u32 used;
} ____per_cpu_aligned;

static inline u16 qs_encode_tail(u32 cpu, u32 index)
{
	return (u16)((cpu + 1) << 2 | index);
}

static inline struct qs_node *qs_decode_tail(u16 tail)
{
	return &qs_nodes((u32)(tail >> 2) - 1)->node[tail & 3];
}

static inline void qspin_init(qspinlock_t *l)
{
	WRITE_ONCE(l->word, 0);
}

static inline bool qspin_lock_fast(qspinlock_t *l, u32 *seen)
{
	*seen = cmpxchg(&l->word, 0, QS_LOCKED);
	return *seen == 0;
}

/*
 * The second comer: pending is ours, nobody queues. False when the race for
 * the pending bit was lost and we have to queue; the word is then as it was.
 */
static inline bool qspin_take_pending(qspinlock_t *l)
{
	u32 old = fetch_or(&l->word, QS_PENDING);
	if (old & ~QS_LOCKED) {
		/* Contended after all. Undo only what we set. */
		if (!(old & QS_PENDING))
			WRITE_ONCE(l->pending, 0);
		return false;
	}
	smp_cond_load_acquire(&l->locked, !VAL);
	/* Locked and no longer pending, in one store: the queue's head sees no gap. */
	WRITE_ONCE(l->locked_pending, (u16)QS_LOCKED);
	return true;
}

static inline void qspin_queue(qspinlock_t *l)
{
	struct qs_nodes *mine = qs_nodes(this_cpu()->id);
	u32 index = mine->used++;
	struct qs_node *node = &mine->node[index];
	u16 tail = qs_encode_tail(this_cpu()->id, index);

	WRITE_ONCE(node->next, NULL);
	WRITE_ONCE(node->locked, 0);

	/* The node may have cooled the line; the lock may be free by now. */
	u32 unused;
	if (!READ_ONCE(l->word) && qspin_lock_fast(l, &unused))
		goto out;

	u16 old = xchg(&l->tail, tail);
	if (old) {
		struct qs_node *prev = qs_decode_tail(old);
		WRITE_ONCE(prev->next, node);
		smp_cond_load_acquire(&node->locked, VAL);
	}

	/* Head of the queue: the owner and the pending one come first. */
	u32 word = smp_cond_load_acquire(&l->word, !(VAL & QS_LOCKED_PENDING_MASK));

	/* The last in the queue takes lock and tail at once. */
	if ((word & QS_TAIL_MASK) == (u32)tail << QS_TAIL_SHIFT && cmpxchg(&l->word, word, QS_LOCKED) == word)
		goto out;

	WRITE_ONCE(l->locked, (u8)QS_LOCKED);
	struct qs_node *next = smp_cond_load_acquire(&node->next, VAL);
	smp_store_release(&next->locked, 1);
out:
	mine->used--;
}

/* @seen is what the failed fast path found. */
static inline void qspin_lock_wait(qspinlock_t *l, u32 seen)
{
	/* Pending alone is a hand-over in progress: it passes to locked soon. */
	if (seen == QS_PENDING)
		seen = smp_cond_load_acquire(&l->word, VAL != QS_PENDING);
	if (seen & ~QS_LOCKED || !qspin_take_pending(l))
		qspin_queue(l);
}

static inline void qspin_unlock(qspinlock_t *l)
{
	smp_store_release(&l->locked, 0);
}

static inline bool qspin_is_locked(qspinlock_t *l)
{
	return READ_ONCE(l->word) != 0;
}

/*
 * C.3, D6: a word of 0 returns; a locked byte is waited for; pending or a tail
 * without the locked byte is a hand-over, looked at again (the v4.2 form, which
 * only looked at the locked byte, was broken).
 */
static inline void qspin_unlock_wait(qspinlock_t *l)
{
	if (smp_cond_load_acquire(&l->word, !VAL || VAL & QS_LOCKED))
		smp_cond_load_acquire(&l->locked, !VAL);
}

#endif
