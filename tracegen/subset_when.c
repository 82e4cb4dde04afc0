#include "tracegen/subset.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define S 1000000000ull

/* "12.5" times @unit ns, in whole ns; *@end: what follows. False: no number, or too large a one. */
static bool decimal(const char *s, uint64_t unit, uint64_t *ns, const char **end)
{
	uint64_t whole = 0, part = 0, weight = unit;
	const char *p = s;
	bool any = isdigit((unsigned char)*p), fits = true;
	for (; isdigit((unsigned char)*p); p++)
		fits = fits && !__builtin_mul_overflow(whole, 10u, &whole) &&
		       !__builtin_add_overflow(whole, (uint64_t)(*p - '0'), &whole);
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++) {
			any = true;
			/* Digits beyond a nanosecond do not count. */
			part += weight * (uint64_t)(*p - '0') / 10;
			weight /= 10;
		}
	*end = p;
	return any && fits && !__builtin_mul_overflow(whole, unit, &whole) && !__builtin_add_overflow(whole, part, ns);
}

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = { { "", S },   { "s", S },        { "ms", 1000000 }, { "us", 1000 },
	      { "ns", 1 }, { "min", 60 * S }, { "h", 3600 * S } };

static bool since_start(const char *text, uint64_t *ns)
{
	const char *end;
	uint64_t ignored;
	if (!decimal(text, 1, &ignored, &end) && end == text)
		return false;
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].name))
			return decimal(text, units[i].ns, ns, &end);
	return false;
}

/* Z, +01:00, +0100 or nothing: seconds that local time is ahead. */
static bool zone(const char *s, long *ahead)
{
	*ahead = 0;
	if (!*s || !strcmp(s, "Z"))
		return true;
	if ((*s != '+' && *s != '-') || !isdigit((unsigned char)s[1]) || !isdigit((unsigned char)s[2]))
		return false;
	const char *m = s[3] == ':' ? s + 4 : s + 3;
	if (!isdigit((unsigned char)m[0]) || !isdigit((unsigned char)m[1]) || m[2])
		return false;
	long hours = (s[1] - '0') * 10 + (s[2] - '0'), minutes = (m[0] - '0') * 10 + (m[1] - '0');
	*ahead = (hours * 3600 + minutes * 60) * (*s == '-' ? -1 : 1);
	return hours < 24 && minutes < 60;
}

static bool by_calendar(const char *text, uint64_t *ns)
{
	struct tm tm = { 0 };
	uint64_t part = 0;
	long ahead;
	const char *p = strptime(text, "%Y-%m-%d", &tm);
	if (!p || (*p != 'T' && *p != ' '))
		return false;
	p = strptime(p + 1, "%H:%M:%S", &tm);
	if (p && *p == '.' && !decimal(p, S, &part, &p))
		return false;
	if (!p || !zone(p, &ahead))
		return false;
	time_t t = timegm(&tm) - ahead;
	return t >= 0 && !__builtin_mul_overflow((uint64_t)t, S, ns) && !__builtin_add_overflow(*ns, part, ns);
}

int sub_when_parse(const char *text, struct sub_when *w, struct mmr_err *e)
{
	const char *end;
	w->from = SUB_SINCE_START;
	if (since_start(text, &w->ns))
		return 0;
	w->from = SUB_SINCE_1970;
	if (*text == '@' ? decimal(text + 1, S, &w->ns, &end) && !*end : by_calendar(text, &w->ns))
		return 0;
	w->from = SUB_UNSET;
	return mmr_err(e, -EINVAL,
		       "'%s' is no point of time: seconds from the start (12.5, 300ms), \"2026-01-31 12:00:05\" (UTC), "
		       "or @SECONDS since 1970",
		       text);
}

int sub_root_parse(const char *text, struct sub_root *root, struct mmr_err *e)
{
	static const char prefix[] = "task:";
	root->is_task = !strncmp(text, prefix, sizeof(prefix) - 1);
	const char *s = text + (root->is_task ? sizeof(prefix) - 1 : 0);
	char *end;
	errno = 0;
	unsigned long long v = strtoull(s, &end, 10);
	if (!isdigit((unsigned char)*s) || *end || errno || !v || v > UINT32_MAX)
		return mmr_err(e, -EINVAL, "'%s' is neither a pid nor task:N", text);
	root->number = (uint32_t)v;
	return 0;
}
