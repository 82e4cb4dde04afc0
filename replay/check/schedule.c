/* An interleaving's machine form, out and in. */
#include "replay/check/schedule.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "# schedule "
#define STEPS_LIMIT 1000000u

/* ---- out ---- */

static const char actor_letter[ACTORS] = {
	[ACTOR_MAIN] = 0, [ACTOR_DRAIN] = 'd', [ACTOR_IRQ] = 'i', [ACTOR_RCU] = 'r'
};

static int run_text(char *buf, size_t size, u8 thread, unsigned n)
{
	char letter[2] = { actor_letter[CHECK_ACTOR(thread)], 0 };
	return snprintf(buf, size, " %s%ux%u", letter, CHECK_CPU(thread), n);
}

void schedule_write(FILE *f, const struct schedule *s)
{
	fprintf(f, PREFIX "1\n" PREFIX "design %s\n" PREFIX "scenario %s\n", s->design, s->scenario);
	fprintf(f,
		PREFIX "lock %s\n" PREFIX "memory %s\n" PREFIX "geometry %s\n" PREFIX "interrupts %d\n" PREFIX
		       "violation %s\n",
		s->lock, s->memory, s->geometry, s->interrupts, s->violation);
	size_t column = 0;
	for (unsigned i = 0, n; i < s->n; i += n) {
		char word[32];
		for (n = 1; i + n < s->n && s->thread[i + n] == s->thread[i]; n++)
			;
		size_t w = (size_t)run_text(word, sizeof(word), s->thread[i], n);
		if (column + w > 78)
			column = 0;
		if (!column) {
			fputs(i ? "\n" PREFIX "run" : PREFIX "run", f);
			column = strlen(PREFIX "run");
		}
		fputs(word, f);
		column += w;
	}
	fprintf(f, "%s" PREFIX "end %u\n", s->n ? "\n" : "", s->n);
}

/* ---- in ---- */

struct reader {
	const char *path;
	unsigned *line;
	struct schedule *s;
	struct mmr_err *e;
	size_t room;
	bool begun, ended;
};

static int __attribute__((format(printf, 2, 3))) bad(const struct reader *r, const char *fmt, ...)
{
	char text[MMR_ERR_TEXT / 2];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return mmr_err(r->e, -EINVAL, "%s: line %u: %s", r->path, *r->line, text);
}

static int append(struct reader *r, u8 thread, unsigned n)
{
	struct schedule *s = r->s;
	if (n > STEPS_LIMIT - s->n)
		return bad(r, "more than %u steps", STEPS_LIMIT);
	if (s->n + n > r->room) {
		size_t room = (s->n + n) * 2;
		u8 *p = realloc(s->thread, room);
		if (!p)
			return mmr_err(r->e, -ENOMEM, "no memory for a schedule");
		s->thread = p;
		r->room = room;
	}
	memset(s->thread + s->n, thread, n);
	s->n += n;
	return 0;
}

/* "d1x12" */
static int read_run(struct reader *r, const char *word)
{
	const char *at = word;
	enum check_actor actor = ACTOR_MAIN;
	for (unsigned a = 1; a < ACTORS; a++)
		if (*at == actor_letter[a])
			actor = (enum check_actor)a;
	at += actor != ACTOR_MAIN;
	unsigned cpu = (unsigned)(*at - '0');
	char *end = NULL;
	unsigned long n =
		cpu < CHECK_CPUS && at[1] == 'x' && at[2] >= '0' && at[2] <= '9' ? strtoul(at + 2, &end, 10) : 0;
	if (!n || *end || n > STEPS_LIMIT)
		return bad(r, "'%.40s' is not a run of steps, like 0x12 or d1x3", word);
	return append(r, (u8)CHECK_THREAD(actor, cpu), (unsigned)n);
}

static int read_runs(struct reader *r, char *words)
{
	char *save = NULL;
	int ret = 0;
	for (char *w = strtok_r(words, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save))
		ret = read_run(r, w);
	return ret;
}

static int read_end(struct reader *r, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);
	if (*end || end == value || n != r->s->n)
		return bad(r, "the schedule ends with '%.40s', but has %u steps", value, r->s->n);
	const struct schedule *s = r->s;
	if (!*s->design || !*s->scenario || !*s->lock || !*s->memory || !*s->geometry || !*s->violation)
		return bad(r, "the schedule lacks its %s",
			   !*s->design     ? "design"
			   : !*s->scenario ? "scenario"
			   : !*s->lock     ? "lock"
			   : !*s->memory   ? "memory"
			   : !*s->geometry ? "geometry"
					   : "violation");
	r->ended = true;
	return 0;
}

static int read_field(struct reader *r, char *text)
{
	struct schedule *s = r->s;
	char *value = strchr(text, ' ');
	if (value)
		*value++ = '\0';
	else
		value = text + strlen(text);
	if (!strcmp(text, "1")) {
		if (r->begun)
			return bad(r, "a schedule begins before the last one's end");
		r->begun = true;
		s->line = *r->line;
		return 0;
	}
	if (!r->begun)
		return bad(r, "'%.40s' before the line '" PREFIX "1'", text);
	if (!strcmp(text, "run"))
		return read_runs(r, value);
	if (!strcmp(text, "end"))
		return read_end(r, value);
	if (!strcmp(text, "interrupts")) {
		if (strcmp(value, "0") && strcmp(value, "1"))
			return bad(r, "interrupts: '%.40s' is not 0 or 1", value);
		s->interrupts = *value == '1';
		return 0;
	}
	const struct {
		const char *name;
		char *to;
	} field[] = {
		{ "design", s->design }, { "scenario", s->scenario }, { "lock", s->lock },
		{ "memory", s->memory }, { "geometry", s->geometry }, { "violation", s->violation },
	};
	for (unsigned i = 0; i < sizeof(field) / sizeof(*field); i++)
		if (!strcmp(text, field[i].name)) {
			if (!*value || strlen(value) >= SCHEDULE_WORD)
				return bad(r, "%s: the name is missing or too long", text);
			strcpy(field[i].to, value);
			return 0;
		}
	return bad(r, "no '%.40s' in a schedule", text);
}

int schedule_read(FILE *f, const char *path, unsigned *line, struct schedule *s, struct mmr_err *e)
{
	struct reader r = { .path = path, .line = line, .s = s, .e = e };
	char *text = NULL;
	size_t room = 0;
	int ret = 0;
	memset(s, 0, sizeof(*s));
	while (!ret && !r.ended && getline(&text, &room, f) >= 0) {
		++*line;
		text[strcspn(text, "\r\n")] = '\0';
		if (!strncmp(text, PREFIX, strlen(PREFIX)))
			ret = read_field(&r, text + strlen(PREFIX));
	}
	free(text);
	if (!ret && ferror(f))
		ret = mmr_err_sys(e, -EIO, "%s", path);
	else if (!ret && r.begun && !r.ended)
		ret = bad(&r, "the file ends in the middle of a schedule");
	if (!ret && r.ended)
		return 1;
	schedule_free(s);
	return ret;
}

void schedule_free(struct schedule *s)
{
	free(s->thread);
	s->thread = NULL;
	s->n = 0;
}
