/*
 * The heart of the import, below babeltrace2: whatever order trace events come
 * in, with whatever in their fields, what is written is a possible history.
 *
 * An input is a head (which kinds of events the two hosts' traces have) and
 * records of 12 bytes, over few tids, so that they meet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/mmw_input.h"
#include "tests/support/mmw_check.h"
#include "tracegen/import.h"

#define HEAD 12
#define RECORD 12

static int32_t tid_of(unsigned v)
{
	v &= 15;
	return v == 15 ? -1 : v == 14 ? INT32_MAX : (int32_t)v + 1;
}

static void read_record(const uint8_t *b, struct imp_raw *r, int64_t *now)
{
	static const uint64_t flags[] = { 0,          0x100,   0x4000,   0x4100,  0x10000,
					  0x10100,    0x10f00, 0x3d0f00, 0x11000, 0xffffc90000000000,
					  UINT64_MAX, 0x200 };
	static const int64_t numbers[] = { 0, 1, -1, 2, 3, 57, 58, 0x5000, INT64_MAX, INT64_MIN };
	static const char *const names[] = { "", "bash", "make", "kthreadd" };
	memset(r, 0, sizeof(*r));
	r->kind = b[0] % IK_NR;
	r->tid = tid_of(b[1]);
	r->tgid = tid_of(b[1] >> 4);
	r->ptid = tid_of(b[2]);
	r->ptgid = tid_of(b[2] >> 4);
	r->old = tid_of(b[3]);
	r->cur = tid_of(b[4]);
	r->u = flags[b[5] % (sizeof(flags) / sizeof(*flags))];
	r->n = numbers[b[6] % (sizeof(numbers) / sizeof(*numbers))];
	r->state = (int8_t)b[7];
	r->cpu = b[8] & 3;
	r->host = b[8] >> 2 & 1;
	/* Only perf's own records are told apart by time 0 (import_feed.c). */
	r->before = r->kind >= IK_PERF_FORK && r->kind <= IK_PERF_EXIT && b[8] & 0x40;
	strcpy(r->comm, names[b[9] & 3]);
	/* Mostly on, now and then back or far ahead. */
	*now += b[10] == 255 ? -500 : b[10] == 254 ? 6000000000ll : (int64_t)b[10] * 100;
	r->ns = r->before ? 0 : *now;
}

static void violated(void *arg, uint64_t event, const char *text)
{
	(void)arg;
	fprintf(stderr, "event %lld: %s\n", (long long)event, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	struct mmw_check c;
	struct imp im;
	struct imp_chains chains = { 0 };
	uint64_t nameless;
	if (size < HEAD)
		return 0;
	if (!*path)
		snprintf(path, sizeof(path), "/dev/shm/mmreplay-fuzz-%d.mmw", (int)getpid());
	if (mmw_create(path, &w, &e) || imp_init(&im, w, &e))
		abort();
	if (imp_host(&im, "one") != 0 || imp_host(&im, "two") != 1)
		abort();
	memcpy(&im.host[0].declared, data, 4);
	memcpy(&im.host[1].declared, data + 4, 4);
	im.host[0].tracers = data[8] & 7;
	im.host[1].tracers = data[8] >> 3 & 7;
	im.force_stand_in = (data[9] & 1 ? 1u << IK_EXEC : 0) | (data[9] & 2 ? 1u << IK_EXIT : 0);
	/* An event that comes is one that its trace has declared. */
	for (size_t at = HEAD; at + RECORD <= size; at += RECORD)
		im.host[data[at + 8] >> 2 & 1].declared |= (uint32_t)(1ull << data[at] % IK_NR);
	imp_settle(&im);
	int64_t now = 1000000000;
	im.origin = im.last = im.end = now;
	for (size_t at = HEAD; at + RECORD <= size; at += RECORD) {
		struct imp_raw r;
		read_record(data + at, &r, &now);
		im.events++;
		if (r.kind == IK_DISCARDED)
			imp_discarded(&im, &r);
		else
			imp_take(&im, &r, r.ns);
		if (r.ns > im.end)
			im.end = r.ns;
	}
	imp_end(&im);
	imp_write_counts(&im);
	int ret = im.failed;
	if (imp_waits_write(&im.waits, &chains, &(struct imp_names){ 0 }, im.origin, w, &nameless, &e) ||
	    nameless != im.waits.ended)
		abort();
	imp_free(&im);
	if (ret) {
		mmw_abort(w);
		abort();
	}
	if (mmw_finish(w, &e) || mmw_check(path, violated, NULL, &c, &e)) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	unlink(path);
	if (c.violations)
		abort();
	return 0;
}
