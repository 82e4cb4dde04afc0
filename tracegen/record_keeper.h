/* record_keeper.h - what the keeper of record_daemon.h does and says; for record_daemon.c only. */
#ifndef MMR_RECORD_KEEPER_H
#define MMR_RECORD_KEEPER_H

#include <stdbool.h>

#include "tracegen/record_place.h"

/* One byte each, on the status pipe. */
enum {
	REC_KEEPER_READY = 'r', /* a daemon answers */
	REC_KEEPER_FAILED = 'f', /* the private one did not start */
	REC_KEEPER_NOT_FOUND = 'n', /* there is no such program */
	REC_KEEPER_DIED = 'x', /* the private one died during the capture */
	REC_KEEPER_STAYS = 's', /* somebody else uses the private one: it stays until they are done */
};

struct rec_keeper {
	int leash, status, log;
	bool own;
	const char *session;
	struct rec_place *place;
};

/* The keeper's life; runs in a fresh fork. */
void rec_keeper(const struct rec_keeper *k) __attribute__((noreturn));

#endif
