/*
 * error.h - how a layer below the command line says what went wrong.
 *
 * Functions return 0 or -errno and, where they take a struct mmr_err, fill it
 * with one line: "FILE: PLACE: REASON". Nothing below the command layer prints
 * or exits; the command layer prints the line with cmd_fail() (command.h).
 *
 * A struct mmr_err belongs to its caller and is not shared between threads.
 */
#ifndef MMR_ERROR_H
#define MMR_ERROR_H

#define MMR_ERR_TEXT 512

struct mmr_err {
	int code; /* negative errno, 0 when nothing is set */
	char text[MMR_ERR_TEXT];
};

/*
 * Fill @e (which may be NULL) and return @code, so that a caller can write
 * `return mmr_err(e, -EINVAL, "%s: block %u: bad checksum", file, n);`.
 * Control characters in the result are replaced: names come from traces.
 */
int mmr_err(struct mmr_err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with ": <strerror(-code)>" appended. */
int mmr_err_sys(struct mmr_err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* It sees one file at a time: without this it believes that an error may return 0. */
void mmr_err_seen(struct mmr_err *e, const char *fmt, ...);
#define mmr_err(e, code, ...) (mmr_err_seen(e, __VA_ARGS__), (code))
#define mmr_err_sys(e, code, ...) (mmr_err_seen(e, __VA_ARGS__), (code))
#endif

#endif
