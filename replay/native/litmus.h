/*
 * litmus.h (native) - fork x sync on two real CPUs, reduced to its two accesses
 * a side (KERNEL_FACTS.md C.5): one publishes the new mm and reads the
 * reference, the other writes the reference and looks whether the mm is there.
 * Both missing the other is a lost update.
 */
#ifndef NATIVE_LITMUS_H
#define NATIVE_LITMUS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"

struct litmus_variant {
	const char *name, *about;
	bool safe; /* must never lose one */
};

struct litmus_count {
	uint64_t rounds, lost; /* @rounds: made before @stop was set */
	double seconds;
};

#define LITMUS_VARIANTS 6
extern const struct litmus_variant litmus_variant[LITMUS_VARIANTS];

/* Two CPUs that this process may run on, as far apart as their numbers are; -ENODEV: there is but one. */
int litmus_cpus(int cpu[2], struct mmr_err *e);

/*
 * Races variant @v for @rounds rounds on @cpu, with a random delay of up to 300
 * ns on either side before each. Starts a thread for the one side; the caller's
 * is the other, and gets its CPUs back. 0; -errno.
 */
int litmus_run(unsigned v, uint64_t rounds, uint64_t seed, const int cpu[2], const volatile sig_atomic_t *stop,
	       struct litmus_count *r, struct mmr_err *e);

#endif
