#include "replay/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_MS 100 /* so often the sweep shows how far it is, and passes on a signal */

struct member {
	struct sweep_run run;
	struct crew *crew;
	pthread_t thread;
	bool busy;
	bool over; /* under the crew's lock */
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t some_over;
	unsigned n, busy;
	struct member member[];
};

struct crew *crew_make(unsigned n)
{
	struct crew *c = calloc(1, sizeof(*c) + n * sizeof(c->member[0]));
	pthread_condattr_t attr;
	if (!c)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->some_over, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_init(&c->lock, NULL);
	c->n = n;
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->some_over);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

bool crew_needs(const struct crew *c, unsigned threads)
{
	for (unsigned i = 0; c && i < c->n; i++)
		if (c->member[i].busy && c->member[i].run.setting.threads == threads)
			return true;
	return false;
}

static void *member_main(void *arg)
{
	struct member *m = arg;
	sweep_run_perform(&m->run);
	pthread_mutex_lock(&m->crew->lock);
	m->over = true;
	pthread_cond_signal(&m->crew->some_over);
	pthread_mutex_unlock(&m->crew->lock);
	return NULL;
}

static struct member *one_that_is_over(struct crew *c)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->member[i].busy && c->member[i].over)
			return &c->member[i];
	return NULL;
}

static void look(struct crew *c, struct job *j)
{
	if (*j->ctx->stop)
		__atomic_store_n(&j->halt, *j->ctx->stop, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < c->n; i++)
		if (c->member[i].busy)
			sweep_run_progress(&c->member[i].run);
	progress_show(&j->progress, j->ctx);
}

/* The next one that is over, which may take a while; some run is under way. */
static struct member *await_one(struct crew *c, struct job *j)
{
	struct member *m;
	/* Also when it takes no while, each time. */
	look(c, j);
	pthread_mutex_lock(&c->lock);
	while (!(m = one_that_is_over(c))) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += LOOK_MS * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (pthread_cond_timedwait(&c->some_over, &c->lock, &until) == ETIMEDOUT) {
			pthread_mutex_unlock(&c->lock);
			look(c, j);
			pthread_mutex_lock(&c->lock);
		}
	}
	pthread_mutex_unlock(&c->lock);
	pthread_join(m->thread, NULL);
	m->busy = false;
	c->busy--;
	return m;
}

int crew_wait(struct crew *c, struct job *j, bool stop)
{
	int status = MMR_OK;
	while (c->busy) {
		if (stop || status)
			__atomic_store_n(&j->halt, SIGTERM, __ATOMIC_RELAXED);
		int one = sweep_run_end(&await_one(c, j)->run);
		status = status ? status : one;
	}
	return status;
}

int crew_run(struct crew *c, struct job *j, const struct setting *s)
{
	struct member *m = c->member;
	if (c->busy == c->n) {
		m = await_one(c, j);
		int status = sweep_run_end(&m->run);
		if (status)
			return status;
	}
	while (m->busy)
		m++;
	m->crew = c;
	m->over = false;
	m->run.job = j;
	m->run.setting = *s;
	m->run.place = (unsigned)(m - c->member);
	int status = sweep_run_begin(&m->run, false);
	if (status)
		return status;
	int err = pthread_create(&m->thread, NULL, member_main, m);
	if (err) {
		mmr_err_sys(&m->run.e, -err, "a thread for a run");
		m->run.ran = false;
		return sweep_run_end(&m->run);
	}
	m->busy = true;
	c->busy++;
	return MMR_OK;
}
