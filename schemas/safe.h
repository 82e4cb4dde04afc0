/*
 * safe.h - text that came from a trace or a file, made safe to show.
 *
 * Command names, file names and host names in traces are untrusted. Every
 * string goes through one of these before it reaches a terminal or a file that
 * another program parses. All functions are pure and thread-safe.
 */
#ifndef MMR_SAFE_H
#define MMR_SAFE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Copy @src to @dst (of @size bytes, always terminated); every byte that is a
 * control character or is no part of valid UTF-8 becomes '?'. A multi-byte
 * character is never cut in half. Returns the length written.
 */
size_t safe_copy(char *dst, size_t size, const char *src);

/* Bytes of the character at @s, 0 when they are no valid UTF-8 or a C1 control. */
size_t safe_char(const char *s);

/* Write @s as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void json_string(FILE *f, const char *s);

/* Write @s as one CSV field (RFC 4180), quoted only when it has to be. */
void csv_field(FILE *f, const char *s);

#endif
