/* A thread learns that it was off its CPU, and only then. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "replay/native/descheduled.h"

static void sleeping_is_noticed(void **state)
{
	(void)state;
	if (!__rseq_size)
		skip(); /* this C library does not register restartable sequences */
	for (int i = 0; i < 20; i++) {
		eng_mark_running();
		usleep(100);
		assert_true(eng_was_descheduled());
	}
}

static void running_on_is_not(void **state)
{
	(void)state;
	if (!__rseq_size)
		skip();
	/* A busy machine may take us off now and then, but not for most of so short a time. */
	int away = 0;
	for (int i = 0; i < 1000; i++) {
		eng_mark_running();
		away += eng_was_descheduled();
	}
	assert_true(away < 500);
}

static void *in_a_thread(void *result)
{
	eng_mark_running();
	usleep(100);
	*(int *)result = eng_was_descheduled() || !__rseq_size;
	return NULL;
}

static void each_thread_for_itself(void **state)
{
	(void)state;
	pthread_t t;
	int noticed = 0;
	assert_int_equal(pthread_create(&t, NULL, in_a_thread, &noticed), 0);
	pthread_join(t, NULL);
	assert_true(noticed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeping_is_noticed),
		cmocka_unit_test(running_on_is_not),
		cmocka_unit_test(each_thread_for_itself),
	};
	return cmocka_run_group_tests_name("descheduled", tests, NULL, NULL);
}
