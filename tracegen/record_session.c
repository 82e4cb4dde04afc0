#include "tracegen/record_session.h"

#include <errno.h>
#include <lttng/lttng.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL "mmreplay"
#define SUBBUFS 8
/* Per CPU. 8 MiB hold more than a second of 100,000 events/s, all of which one thread emits on one CPU. */
#define BUFFER_MAX (8ul << 20)
#define BUFFER_MIN (1ul << 20)
#define ALL_BUFFERS (64ul << 20)
#define FLUSH_MS 60000
/* So long a replay's worker waits for room before its event is lost. */
#define BLOCK_US 200000

static void hold_signals(sigset_t *before)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

static void release_signals(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static size_t buffer_per_cpu(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	size_t size = BUFFER_MAX;
	while (size > BUFFER_MIN && size * (size_t)(cpus > 0 ? cpus : 1) > ALL_BUFFERS)
		size /= 2;
	return size;
}

size_t rec_session_buffers(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	return buffer_per_cpu() * (size_t)(cpus > 0 ? cpus : 1);
}

/* LTTng's answer @ret as an error; positive codes come from the _ext calls. */
static int failed(struct mmr_err *e, const char *what, int ret)
{
	return mmr_err(e, -EIO, "LTTng: %s: %s", what, lttng_strerror(ret < 0 ? ret : -ret));
}

static struct lttng_domain domain_ust(void)
{
	struct lttng_domain domain;
	memset(&domain, 0, sizeof(domain));
	domain.type = LTTNG_DOMAIN_UST;
	domain.buf_type = LTTNG_BUFFER_PER_UID;
	return domain;
}

static int create(const char *name, const char *dir, struct mmr_err *e)
{
	struct lttng_session_descriptor *desc = lttng_session_descriptor_local_create(name, dir);
	if (!desc)
		return mmr_err(e, -EINVAL, "LTTng cannot write to the directory %s", dir);
	enum lttng_error_code code = lttng_create_session_ext(desc);
	lttng_session_descriptor_destroy(desc);
	return code == LTTNG_OK ? 0 : failed(e, "creating a session", code);
}

/* Other programs of this user may have our provider, too: another recorder, for one. */
static int only_app(const char *name, pid_t app, struct mmr_err *e)
{
	struct lttng_process_attr_tracker_handle *tracker;
	int code = lttng_session_get_tracker_handle(name, LTTNG_DOMAIN_UST, LTTNG_PROCESS_ATTR_VIRTUAL_PROCESS_ID,
						    &tracker);
	if (code != LTTNG_OK)
		return failed(e, "restricting the session to this process", code);
	int status = lttng_process_attr_tracker_handle_set_tracking_policy(tracker, LTTNG_TRACKING_POLICY_INCLUDE_SET);
	if (status == LTTNG_PROCESS_ATTR_TRACKER_HANDLE_STATUS_OK)
		status = lttng_process_attr_virtual_process_id_tracker_handle_add_pid(tracker, app);
	lttng_process_attr_tracker_handle_destroy(tracker);
	if (status != LTTNG_PROCESS_ATTR_TRACKER_HANDLE_STATUS_OK)
		return mmr_err(e, -EIO, "LTTng: restricting the session to this process: status %d", status);
	return 0;
}

static int enable(struct lttng_handle *handle, struct lttng_domain *domain, enum rec_provider what, struct mmr_err *e)
{
	struct lttng_channel *channel = lttng_channel_create(domain);
	if (!channel)
		return mmr_err_sys(e, -ENOMEM, "LTTng: creating a channel");
	snprintf(channel->name, sizeof(channel->name), CHANNEL);
	channel->enabled = 1;
	channel->attr.overwrite = 0;
	channel->attr.num_subbuf = SUBBUFS;
	channel->attr.subbuf_size = buffer_per_cpu() / SUBBUFS;
	/* A slow capture reaches the disk in time, too, and survives our being killed. */
	channel->attr.switch_timer_interval = 1000000;
	channel->attr.output = LTTNG_EVENT_MMAP;
	int ret = what == REC_PROVIDER_REPLAY ? lttng_channel_set_blocking_timeout(channel, BLOCK_US) : 0;
	if (!ret)
		ret = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	if (ret < 0)
		return failed(e, "creating a channel", ret);

	struct lttng_event *event = lttng_event_create();
	if (!event)
		return mmr_err_sys(e, -ENOMEM, "LTTng: enabling events");
	event->type = LTTNG_EVENT_TRACEPOINT;
	snprintf(event->name, sizeof(event->name), what == REC_PROVIDER_REPLAY ? "mmreplay_replay:*" : "mmreplay:*");
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;
	event->loglevel = -1;
	ret = lttng_enable_event(handle, event, CHANNEL);
	lttng_event_destroy(event);
	return ret < 0 ? failed(e, "enabling events", ret) : 0;
}

static int fill(const char *name, pid_t app, enum rec_provider what, struct mmr_err *e)
{
	struct lttng_domain domain = domain_ust();
	struct lttng_handle *handle = lttng_create_handle(name, &domain);
	if (!handle)
		return mmr_err_sys(e, -ENOMEM, "LTTng");
	int err = only_app(name, app, e);
	if (!err)
		err = enable(handle, &domain, what, e);
	lttng_destroy_handle(handle);
	if (err)
		return err;
	int ret = lttng_start_tracing(name);
	return ret < 0 ? failed(e, "starting the session", ret) : 0;
}

int rec_session_start(const char *name, const char *dir, pid_t app, enum rec_provider what, struct mmr_err *e)
{
	sigset_t before;
	hold_signals(&before);
	int err = create(name, dir, e);
	if (!err) {
		err = fill(name, app, what, e);
		if (err)
			lttng_destroy_session_no_wait(name);
	}
	release_signals(&before);
	return err;
}

static uint64_t discarded_by(const char *name)
{
	struct lttng_domain domain = domain_ust();
	struct lttng_handle *handle = lttng_create_handle(name, &domain);
	struct lttng_channel *channels = NULL;
	uint64_t sum = 0;
	int n = handle ? lttng_list_channels(handle, &channels) : 0;
	for (int i = 0; i < n; i++) {
		uint64_t events = 0;
		if (!lttng_channel_get_discarded_event_count(&channels[i], &events))
			sum += events;
	}
	free(channels);
	lttng_destroy_handle(handle);
	return sum;
}

int rec_session_stop(const char *name, uint64_t *discarded, struct mmr_err *e)
{
	sigset_t before;
	int err = 0, pending = 1;
	*discarded = 0;
	hold_signals(&before);
	int ret = lttng_stop_tracing_no_wait(name);
	if (ret < 0)
		err = failed(e, "stopping the session", ret);
	for (int waited = 0; !err && pending && waited < FLUSH_MS; waited += 10) {
		pending = lttng_data_pending(name);
		if (pending < 0)
			err = failed(e, "writing the trace", pending);
		/* A second ^C is heard here. */
		release_signals(&before);
		if (pending > 0)
			nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		hold_signals(&before);
	}
	if (!err && pending)
		err = mmr_err(e, -ETIMEDOUT, "LTTng: the trace is not on disk after %d s", FLUSH_MS / 1000);
	if (!err)
		*discarded = discarded_by(name);
	ret = err ? lttng_destroy_session_no_wait(name) : lttng_destroy_session(name);
	if (ret < 0 && !err)
		err = failed(e, "ending the session", ret);
	release_signals(&before);
	return err;
}
