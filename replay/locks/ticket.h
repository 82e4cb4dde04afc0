/*
 * ticket.h - the ticket spinlock, the kernel's up to v4.1 (KERNEL_FACTS.md E.1).
 *
 * One word, two halves: tail is the next ticket to draw, head the one being
 * served. Taking: one locked add on the tail. Unlocking: the holder alone adds
 * to the head, a plain store, which invalidates the copy of every waiter. FIFO.
 */
#ifndef LOCKS_TICKET_H
#define LOCKS_TICKET_H

typedef union {
	SHARED(u32) word;
	struct {
		SHARED(u16) head;
		SHARED(u16) tail;
	};
} ticket_t;

#define TICKET_TAIL_ONE (1u << 16)

static inline void ticket_init(ticket_t *l)
{
	WRITE_ONCE(l->word, 0);
}

/* Draw a ticket; true when it is already being served. @ticket goes to ticket_wait(). */
static inline bool ticket_lock_fast(ticket_t *l, u32 *ticket)
{
	u32 old = fetch_add(&l->word, TICKET_TAIL_ONE);
	*ticket = old >> 16;
	return (old & 0xffff) == *ticket;
}

static inline void ticket_lock_wait(ticket_t *l, u32 ticket)
{
	smp_cond_load_acquire(&l->head, VAL == (u16)ticket);
}

static inline void ticket_unlock(ticket_t *l)
{
	smp_store_release(&l->head, (u16)(READ_ONCE(l->head) + 1));
}

static inline bool ticket_is_locked(ticket_t *l)
{
	u32 w = READ_ONCE(l->word);
	return (w & 0xffff) != w >> 16;
}

/*
 * Wait until whoever held the lock at the call has let it go (C.3, D6): the two
 * halves equal, or the head moved on; later holders are not waited for.
 */
static inline void ticket_unlock_wait(ticket_t *l)
{
	u32 w = READ_ONCE(l->word);
	u16 head = (u16)w;
	if (head == w >> 16)
		return;
	smp_cond_load_acquire(&l->head, VAL != head);
}

#endif
