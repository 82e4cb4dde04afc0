#include "schemas/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schemas/safe.h"

#undef mmr_err
#undef mmr_err_sys

static void fill(struct mmr_err *e, int code, const char *suffix, const char *fmt, va_list ap)
{
	if (!e)
		return;
	char raw[MMR_ERR_TEXT];
	int n = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(raw) && suffix)
		snprintf(raw + n, sizeof(raw) - (size_t)n, ": %s", suffix);
	e->code = code;
	safe_copy(e->text, sizeof(e->text), raw);
}

int mmr_err(struct mmr_err *e, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fill(e, code, NULL, fmt, ap);
	va_end(ap);
	return code;
}

int mmr_err_sys(struct mmr_err *e, int code, const char *fmt, ...)
{
	char why[128];
	va_list ap;
	va_start(ap, fmt);
	/* GNU strerror_r: returns the text, which need not be in the buffer. */
	fill(e, code, strerror_r(-code, why, sizeof(why)), fmt, ap);
	va_end(ap);
	return code;
}
