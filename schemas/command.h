/*
 * command.h - what a verb is, and what the parts lend each other.
 *
 * Each verb is one file in its part's folder and one row in mmreplay.c, which
 * also fills struct mmr_services: the parts do not include each other beyond
 * `ui -> analyze -> schemas`, `replay -> schemas`, `tracegen -> schemas`, so
 * what crosses (replay stores results, replay imports a trace on the fly) goes
 * through these pointers.
 */
#ifndef MMR_COMMAND_H
#define MMR_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "schemas/error.h"
#include "schemas/result.h"
#include "schemas/ust/replay.h"

#define MMR_VERSION "0.1.0"

/* Exit statuses, beside 128 + n for signal n. */
enum mmr_exit {
	MMR_OK = 0,
	MMR_FAILED = 1, /* failed, or a violation where none is allowed */
	MMR_BAD_INPUT = 2, /* wrong usage, or input that cannot be read */
	MMR_INCOMPLETE = 3, /* done, but events were lost */
};

struct mmr_ctx;

struct mmr_verb {
	const char *name;
	const char *summary; /* one line for `mmreplay help` */
	/* argv[0] is "mmreplay NAME", ready for argp. Returns the exit status. */
	int (*run)(struct mmr_ctx *ctx, int argc, char **argv);
};

/* One row of `mmreplay list KIND`. */
struct mmr_item {
	const char *name;
	const char *detail; /* source, unit...; may be "" */
	const char *about;
};
struct mmr_catalogue {
	const char *kind;
	/* Item @i, or NULL past the end; the item lives until the next call. */
	const struct mmr_item *(*item)(unsigned i);
};

/* A trace that a replay writes of itself; made by trace_open, freed by trace_end. */
struct mmr_trace;

struct mmr_services {
	/*
	 * Import the traces @inputs into the workload file @out (tracegen).
	 * Returns an exit status; on anything but MMR_OK and MMR_INCOMPLETE
	 * @out does not exist and @e says why.
	 */
	int (*import)(struct mmr_ctx *ctx, char *const *inputs, unsigned n, const char *out, struct mmr_err *e);
	/* Open a results store to write to (analyze); see result.h. */
	int (*results_open)(const char *path, struct result_sink **sink, struct mmr_err *e);
	/*
	 * The latest calibration that the store @path holds of machine @m: one
	 * of the same host, cpu_model and cpus. @row is called for each row,
	 * which lives for that call; non-zero from it ends the reading and is
	 * returned. 0 and no row when there is none, or no store at @path.
	 */
	int (*calibration_read)(const char *path, const struct result_machine *m,
				int (*row)(void *arg, const struct result_calibration *c), void *arg,
				struct mmr_err *e);
	/*
	 * A trace of our own doings in the directory @dir (tracegen), in four steps.
	 * open: make @dir; -EEXIST when something is in it already. start, before
	 * there are threads: a session daemon, a session, and @ust, through which
	 * any thread emits until the end; @paths, ended by NULL: absolute names of
	 * files that this process will still open (a private mount may hide others).
	 * look, now and then: -ENOSPC when the disk fills up, -EPIPE when the daemon
	 * died. end, also after a start that failed: everything is on disk, but for
	 * the events that found no room, *@lost; or, unless @keep, @dir is gone.
	 * 0 or -errno.
	 */
	int (*trace_open)(struct mmr_ctx *ctx, const char *dir, struct mmr_trace **t, struct mmr_err *e);
	int (*trace_start)(struct mmr_trace *t, const char *const *paths, const struct mmr_ust_replay **ust,
			   struct mmr_err *e);
	int (*trace_look)(struct mmr_trace *t, struct mmr_err *e);
	int (*trace_end)(struct mmr_trace *t, bool keep, uint64_t *lost, struct mmr_err *e);
	/* `mmreplay info RESULTS.db`: describe a store on stdout (analyze). Returns an exit status. */
	int (*results_info)(struct mmr_ctx *ctx, const char *path, bool json);
};

struct mmr_ctx {
	const struct mmr_verb *verbs;
	const struct mmr_catalogue *catalogues;
	const struct mmr_services *services;
	const char *command_line; /* as typed, made safe; stored with results */
	/* The signal that asked us to stop, 0 while none has; polled by everything that takes long. */
	volatile sig_atomic_t *stop;
	bool progress; /* stderr is a terminal */
};

/* Names the verb being run, for the prefix of messages; called once, by main. */
void cmd_begin(const char *verb);

/*
 * Ends of a verb. cmd_fail prints "mmreplay VERB: TEXT" on stderr and returns
 * @status; the verb's name is the one being run. cmd_note prints the same and
 * goes on. Nothing else in the program prints errors.
 */
int cmd_fail(struct mmr_ctx *ctx, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void cmd_note(struct mmr_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* 128 + the signal that stopped us; call when *ctx->stop is set. */
int cmd_stopped(struct mmr_ctx *ctx);

/*
 * Progress on stderr, only when it is a terminal: "label  42 %  1.3 M/s  0:05
 * left". Throttled here; @total 0 means unknown. cmd_progress_end clears the line.
 */
void cmd_progress(struct mmr_ctx *ctx, const char *label, uint64_t done, uint64_t total);
/* The same for what knows its own way: "label  42 %  0:05 left"; @left_s 0: it is not known. */
void cmd_progress_left(struct mmr_ctx *ctx, const char *label, double part, double left_s);
void cmd_progress_end(struct mmr_ctx *ctx);

/*
 * Flush stdout and say whether everything arrived: @status, or MMR_FAILED with
 * a message when the disk is full. Every verb that writes data ends with it.
 */
int cmd_done(struct mmr_ctx *ctx, int status);

#endif
