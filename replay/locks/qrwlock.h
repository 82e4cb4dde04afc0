/*
 * qrwlock.h - the queued rwlock, tasklist_lock's kind since v3.16 (E.2).
 *
 * One word: the writer's byte (locked, or one waiting) and the count of
 * readers above it. Whoever cannot get in at once queues on an internal
 * spinlock, so readers and writers are served in turn. Unlocking by a writer is
 * a plain store of the byte: release only (C.5).
 *
 * Parameterised by the internal lock: QRW_WAIT_T, qrw_wait_lock/unlock().
 */
#ifndef LOCKS_QRWLOCK_H
#define LOCKS_QRWLOCK_H

#define QRW_WAITING 0x01u
#define QRW_LOCKED 0xffu
#define QRW_WRITER_MASK 0xffu
#define QRW_READER 0x100u

typedef struct {
	union {
		SHARED(u32) word;
		SHARED(u8) writer;
	};
	QRW_WAIT_T wait;
} qrwlock_t;

static inline void qrw_init(qrwlock_t *l)
{
	WRITE_ONCE(l->word, 0);
	qrw_wait_init(&l->wait);
}

static inline bool qrw_read_lock_fast(qrwlock_t *l)
{
	u32 old = fetch_add(&l->word, QRW_READER);
	return !(old & QRW_WRITER_MASK);
}

/* The count taken by the fast path is given back while we queue. */
static inline void qrw_read_lock_wait(qrwlock_t *l)
{
	fetch_add(&l->word, -QRW_READER);
	qrw_wait_lock(&l->wait);
	/* Head of the queue: a waiting writer is impossible, one that holds is waited out. */
	fetch_add(&l->word, QRW_READER);
	while ((smp_load_acquire(&l->word) & QRW_WRITER_MASK) == QRW_LOCKED)
		cpu_relax();
	qrw_wait_unlock(&l->wait);
}

static inline void qrw_read_unlock(qrwlock_t *l)
{
	fetch_add(&l->word, -QRW_READER);
}

static inline bool qrw_write_lock_fast(qrwlock_t *l)
{
	return cmpxchg(&l->word, 0, QRW_LOCKED) == 0;
}

static inline void qrw_write_lock_wait(qrwlock_t *l)
{
	qrw_wait_lock(&l->wait);
	if (!READ_ONCE(l->word) && qrw_write_lock_fast(l))
		goto out;
	/* Announce ourselves: new readers queue from here on. */
	for (;;) {
		u32 w = READ_ONCE(l->word);
		if (!(w & QRW_WRITER_MASK) && cmpxchg(&l->word, w, w | QRW_WAITING) == w)
			break;
		cpu_relax();
	}
	for (;;) {
		u32 w = READ_ONCE(l->word);
		if (w == QRW_WAITING && cmpxchg(&l->word, QRW_WAITING, QRW_LOCKED) == QRW_WAITING)
			break;
		cpu_relax();
	}
out:
	qrw_wait_unlock(&l->wait);
}

static inline void qrw_write_unlock(qrwlock_t *l)
{
	smp_store_release(&l->writer, 0);
}

#endif
