#include "replay/native/descheduled.h"

/*
 * The kernel reads the four bytes before the abort address and wants its
 * signature there; it never goes to that address, because no instruction
 * pointer lies within the sequence, a byte at address 1.
 */
static const struct {
	u32 signature;
	u32 abort_target;
} landing = { RSEQ_SIG, 0 };

const struct rseq_cs eng_nowhere = {
	.version = 0,
	.flags = 0,
	.start_ip = 1,
	.post_commit_offset = 1,
	.abort_ip = (u64)(uintptr_t)&landing.abort_target,
};
