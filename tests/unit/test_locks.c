/*
 * The locks under study, path by path, by looking at the lock word; then under
 * threads. The paths are those of KERNEL_FACTS.md E.1 and E.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define KLOCK_ticket
#include "replay/dialect/kernel.h"
#include "replay/native/world.h"

#define CPUS 4

static struct eng_world *world;

/* A lock operation in a thread that acts as one CPU. */
struct actor {
	pthread_t thread;
	u32 cpu;
	void (*body)(void *lock);
	void *lock;
	u32 done;
};

static void *actor_main(void *arg)
{
	struct actor *a = arg;
	eng_self = &world->cpu[a->cpu];
	a->body(a->lock);
	__atomic_store_n(&a->done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void start(struct actor *a, u32 cpu, void (*body)(void *), void *lock)
{
	*a = (struct actor){ .cpu = cpu, .body = body, .lock = lock };
	assert_int_equal(pthread_create(&a->thread, NULL, actor_main, a), 0);
}

static bool done(struct actor *a)
{
	return __atomic_load_n(&a->done, __ATOMIC_ACQUIRE);
}

static void join(struct actor *a)
{
	pthread_join(a->thread, NULL);
}

/* Wait, within reason, until a word has a value: the path has been reached. */
#define becomes(lvalue, want)                                                                                          \
	({                                                                                                             \
		int tries_ = 0;                                                                                        \
		while (READ_ONCE(lvalue) != (want) && tries_++ < 20000)                                                \
			usleep(100);                                                                                   \
		assert_int_equal(READ_ONCE(lvalue), (want));                                                           \
	})

static int setup(void **state)
{
	static const struct geometry geo = { .nslots = 512, .kernel_boundary = 272, .boot_slots = { 272 } };
	const struct world_config c = { .design = design_find("null", "native", "ticket"),
					.geo = &geo,
					.cpus = CPUS,
					.oversubscribed = true,
					.tsc_mult = 1ull << 32 };
	(void)state;
	return world_make(&c, &world, NULL);
}

static int teardown(void **state)
{
	(void)state;
	world_free(world);
	return 0;
}

/* ---- ticket ---- */

static void ticket_take(void *lock)
{
	u32 t;
	if (!ticket_lock_fast(lock, &t))
		ticket_lock_wait(lock, t);
}

static void ticket_is_fifo(void **state)
{
	(void)state;
	ticket_t l;
	struct actor b, c;
	ticket_init(&l);
	ticket_take(&l);
	assert_int_equal(READ_ONCE(l.word), 0x00010000); /* tail 1, head 0 */
	assert_true(ticket_is_locked(&l));
	start(&b, 1, ticket_take, &l);
	becomes(l.tail, 2);
	start(&c, 2, ticket_take, &l);
	becomes(l.tail, 3);
	ticket_unlock(&l);
	join(&b); /* the second, not the third */
	assert_false(done(&c));
	assert_int_equal(READ_ONCE(l.word), 0x00030001);
	ticket_unlock(&l);
	join(&c);
	ticket_unlock(&l);
	assert_int_equal(READ_ONCE(l.word), 0x00030003);
	assert_false(ticket_is_locked(&l));
}

static void ticket_wraps(void **state)
{
	(void)state;
	ticket_t l;
	ticket_init(&l);
	for (u32 i = 0; i < 70000; i++) {
		ticket_take(&l);
		assert_true(ticket_is_locked(&l));
		ticket_unlock(&l);
		assert_false(ticket_is_locked(&l));
	}
	assert_int_equal(READ_ONCE(l.head), 70000 - 65536);
}

static void ticket_wait(void *lock)
{
	ticket_unlock_wait(lock);
}

static void ticket_unlock_wait_sees_the_head_move(void **state)
{
	(void)state;
	ticket_t l;
	struct actor w, b;
	bool passed_a_held_lock = false;
	ticket_init(&l);
	ticket_unlock_wait(&l); /* free: returns */
	/* Nothing shows when the waiter has looked; an attempt in which it looked too late proves nothing. */
	for (int attempt = 0; attempt < 200 && !passed_a_held_lock; attempt++) {
		ticket_take(&l);
		u16 tail = READ_ONCE(l.tail);
		start(&w, 1, ticket_wait, &l);
		start(&b, 2, ticket_take, &l);
		becomes(l.tail, (u16)(tail + 1));
		usleep(2000);
		assert_false(done(&w));
		ticket_unlock(&l);
		join(&b);
		for (int i = 0; i < 100 && !done(&w); i++)
			usleep(100);
		passed_a_held_lock = done(&w) && ticket_is_locked(&l);
		ticket_unlock(&l);
		join(&w);
	}
	assert_true(passed_a_held_lock);
}

/* ---- qspinlock ---- */

static void qspin_take(void *lock)
{
	u32 seen;
	if (!qspin_lock_fast(lock, &seen))
		qspin_lock_wait(lock, seen);
}

static u32 tail_of(u32 cpu)
{
	return (u32)qs_encode_tail(cpu, 0) << QS_TAIL_SHIFT;
}

static void qspin_free_word_takes_one_cmpxchg(void **state)
{
	(void)state;
	qspinlock_t l;
	qspin_init(&l);
	qspin_take(&l);
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED);
	assert_true(qspin_is_locked(&l));
	qspin_unlock(&l);
	assert_int_equal(READ_ONCE(l.word), 0);
	assert_false(qspin_is_locked(&l));
}

static void qspin_second_sets_pending_third_and_fourth_queue(void **state)
{
	(void)state;
	qspinlock_t l;
	struct actor b, c, d;
	qspin_init(&l);
	qspin_take(&l);
	start(&b, 1, qspin_take, &l);
	becomes(l.word, QS_LOCKED | QS_PENDING);
	start(&c, 2, qspin_take, &l);
	becomes(l.word, QS_LOCKED | QS_PENDING | tail_of(2));
	start(&d, 3, qspin_take, &l);
	becomes(l.word, QS_LOCKED | QS_PENDING | tail_of(3));
	becomes(world->nodes[2].node[0].next, &world->nodes[3].node[0]);

	qspin_unlock(&l); /* to the pending one; the queue stays */
	join(&b);
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED | tail_of(3));
	assert_false(done(&c) || done(&d));
	qspin_unlock(&l); /* to the head of the queue, which leaves the tail to the next */
	join(&c);
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED | tail_of(3));
	assert_false(done(&d));
	qspin_unlock(&l); /* to the last, which takes the tail away */
	join(&d);
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED);
	qspin_unlock(&l);
	assert_int_equal(READ_ONCE(l.word), 0);
	assert_int_equal(world->nodes[2].used, 0);
}

static void qspin_waits_out_a_hand_over(void **state)
{
	(void)state;
	qspinlock_t l;
	struct actor b;
	qspin_init(&l);
	WRITE_ONCE(l.word, QS_PENDING); /* between unlock and the pending one's store */
	start(&b, 1, qspin_take, &l);
	usleep(3000);
	assert_int_equal(READ_ONCE(l.word), QS_PENDING); /* it neither queued nor took anything */
	WRITE_ONCE(l.word, QS_LOCKED);
	becomes(l.word, QS_LOCKED | QS_PENDING);
	qspin_unlock(&l);
	join(&b);
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED);
}

static void qspin_lost_race_for_pending_is_undone(void **state)
{
	(void)state;
	qspinlock_t l;
	qspin_init(&l);
	/* Somebody queued meanwhile: our pending bit must go. */
	WRITE_ONCE(l.word, QS_LOCKED | tail_of(2));
	assert_false(qspin_take_pending(&l));
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED | tail_of(2));
	/* Somebody else has pending: theirs must stay. */
	WRITE_ONCE(l.word, QS_LOCKED | QS_PENDING);
	assert_false(qspin_take_pending(&l));
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED | QS_PENDING);
}

static void qspin_queue_finds_a_free_word(void **state)
{
	(void)state;
	qspinlock_t l;
	qspin_init(&l);
	qspin_queue(&l); /* freed between the look and the queueing */
	assert_int_equal(READ_ONCE(l.word), QS_LOCKED);
	assert_int_equal(world->nodes[0].used, 0);
}

static void qspin_wait(void *lock)
{
	qspin_unlock_wait(lock);
}

static void qspin_unlock_wait_looks_again_at_a_hand_over(void **state)
{
	(void)state;
	qspinlock_t l;
	struct actor w;
	qspin_init(&l);
	qspin_unlock_wait(&l);
	WRITE_ONCE(l.word, QS_PENDING); /* the v4.2 form returned here */
	start(&w, 1, qspin_wait, &l);
	usleep(3000);
	assert_false(done(&w));
	WRITE_ONCE(l.word, QS_LOCKED);
	usleep(3000);
	assert_false(done(&w));
	qspin_unlock(&l);
	join(&w);
}

/* ---- queued rwlock ---- */

static void qrw_write(void *lock)
{
	if (!qrw_write_lock_fast(lock))
		qrw_write_lock_wait(lock);
}

static void qrw_read(void *lock)
{
	if (!qrw_read_lock_fast(lock))
		qrw_read_lock_wait(lock);
}

static void qrw_readers_share(void **state)
{
	(void)state;
	qrwlock_t l;
	qrw_init(&l);
	qrw_read(&l);
	qrw_read(&l);
	assert_int_equal(READ_ONCE(l.word), 2 * QRW_READER);
	qrw_read_unlock(&l);
	qrw_read_unlock(&l);
	assert_int_equal(READ_ONCE(l.word), 0);
}

static void qrw_writer_waits_and_new_readers_queue(void **state)
{
	(void)state;
	qrwlock_t l;
	struct actor writer, reader;
	qrw_init(&l);
	qrw_read(&l);
	start(&writer, 1, qrw_write, &l);
	becomes(l.word, QRW_READER | QRW_WAITING);
	start(&reader, 2, qrw_read, &l);
	usleep(3000);
	assert_false(done(&reader)); /* not past a waiting writer */
	becomes(l.word, QRW_READER | QRW_WAITING);
	qrw_read_unlock(&l);
	join(&writer);
	/* The reader is at the queue's head by now, its count in the word. */
	becomes(l.word, QRW_READER | QRW_LOCKED);
	assert_false(done(&reader));
	qrw_write_unlock(&l);
	join(&reader);
	assert_int_equal(READ_ONCE(l.word), QRW_READER);
	qrw_read_unlock(&l);
}

static void qrw_write_unlock_is_one_byte(void **state)
{
	(void)state;
	qrwlock_t l;
	qrw_init(&l);
	qrw_write(&l);
	assert_int_equal(READ_ONCE(l.word), QRW_LOCKED);
	fetch_add(&l.word, QRW_READER); /* a reader's attempt, about to queue */
	qrw_write_unlock(&l);
	assert_int_equal(READ_ONCE(l.word), QRW_READER);
}

/* ---- all of them under threads ---- */

#define ROUNDS 20000

static struct {
	ticket_t ticket;
	qspinlock_t qspin;
	qrwlock_t qrw;
	u64 counter;
} shared;

static void hammer_ticket(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		ticket_take(&shared.ticket);
		shared.counter++;
		ticket_unlock(&shared.ticket);
	}
}

static void hammer_qspin(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		qspin_take(&shared.qspin);
		shared.counter++;
		qspin_unlock(&shared.qspin);
	}
}

static void hammer_qrw(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 4 == 0) {
			qrw_read(&shared.qrw);
			u64 a = *(volatile u64 *)&shared.counter;
			u64 b = *(volatile u64 *)&shared.counter;
			assert_int_equal(a, b);
			qrw_read_unlock(&shared.qrw);
			continue;
		}
		qrw_write(&shared.qrw);
		shared.counter++;
		qrw_write_unlock(&shared.qrw);
	}
}

static void hammered(void (*body)(void *), u64 want)
{
	struct actor a[CPUS];
	shared.counter = 0;
	for (u32 i = 0; i < CPUS; i++)
		start(&a[i], i, body, NULL);
	for (u32 i = 0; i < CPUS; i++)
		join(&a[i]);
	assert_int_equal(shared.counter, want);
}

static void nothing_is_lost_under_threads(void **state)
{
	(void)state;
	hammered(hammer_ticket, CPUS * ROUNDS);
	hammered(hammer_qspin, CPUS * ROUNDS);
	hammered(hammer_qrw, CPUS * ROUNDS * 3 / 4);
	assert_int_equal(READ_ONCE(shared.qspin.word), 0);
	assert_int_equal(READ_ONCE(shared.qrw.word), 0);
}

int main(void)
{
	alarm(120); /* a lock that is never let go must not hang the suite */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticket_is_fifo),
		cmocka_unit_test(ticket_wraps),
		cmocka_unit_test(ticket_unlock_wait_sees_the_head_move),
		cmocka_unit_test(qspin_free_word_takes_one_cmpxchg),
		cmocka_unit_test(qspin_second_sets_pending_third_and_fourth_queue),
		cmocka_unit_test(qspin_waits_out_a_hand_over),
		cmocka_unit_test(qspin_lost_race_for_pending_is_undone),
		cmocka_unit_test(qspin_queue_finds_a_free_word),
		cmocka_unit_test(qspin_unlock_wait_looks_again_at_a_hand_over),
		cmocka_unit_test(qrw_readers_share),
		cmocka_unit_test(qrw_writer_waits_and_new_readers_queue),
		cmocka_unit_test(qrw_write_unlock_is_one_byte),
		cmocka_unit_test(nothing_is_lost_under_threads),
	};
	return cmocka_run_group_tests_name("locks", tests, setup, teardown);
}
