#include "tests/support/mmw_text.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/mmw_check.h"

static const struct {
	unsigned flag;
	const char *name;
} flags[] = { { EV_F_WAIT, "wait" },
	      { EV_F_LEADER, "leader" },
	      { EV_F_LAST, "last" },
	      { EV_F_KTHREAD, "kthread" },
	      { EV_F_ADOPTED, "adopted" } };
#define FLAGS (sizeof(flags) / sizeof(flags[0]))

static void tell(FILE *f, const struct mmw_reader *r, const struct mmw_event *ev, bool kin)
{
	static const unsigned births = 1u << EV_PRESENT | 1u << EV_FORK | 1u << EV_VFORK | 1u << EV_THREAD;
	if (!kin && ev->type == EV_PARENT)
		return;
	fprintf(f, "%" PRIu64 " %s", ev->time_ns, ev_name(ev->type));
	for (unsigned i = 0; i < FLAGS; i++)
		if (ev->flags & flags[i].flag)
			fprintf(f, ",%s", flags[i].name);
	fprintf(f, " %u>%u", ev->task, ev->arg);
	if (ev->mm)
		fprintf(f, " mm%u", ev->mm);
	if (ev->aux && (kin || !(births & 1u << ev->type)))
		fprintf(f, " aux%u", ev->aux);
	if (ev->comm)
		fprintf(f, " %s", mmw_comm(r, ev->comm));
	fputc('\n', f);
}

char *mmw_to_text(const char *path, bool kin)
{
	struct mmr_err e = { 0 };
	struct mmw_reader *r;
	struct mmw_cursor *c;
	struct mmw_event ev;
	char *text;
	size_t size;
	int ret;
	if (mmw_open(path, &r, &e) || mmw_cursor_open(r, &c, &e))
		errx(1, "%s", e.text);
	FILE *f = open_memstream(&text, &size);
	while ((ret = mmw_next(c, &ev, &e)) > 0)
		tell(f, r, &ev, kin);
	if (ret)
		errx(1, "%s", e.text);
	fclose(f);
	mmw_cursor_close(c);
	mmw_close(r);
	return text;
}

/* One line, which ends with @line's terminator. */
static struct mmw_event parse(struct mmw_writer *w, char *line)
{
	struct mmw_event ev = { 0 };
	char type[64], *word, *save = NULL;
	int n = 0;
	if (sscanf(line, "%" SCNu64 " %63s %" SCNu32 ">%" SCNu32 "%n", &ev.time_ns, type, &ev.task, &ev.arg, &n) != 4)
		errx(1, "mmw_text: %s", line);
	word = strtok_r(type, ",", &save);
	ev.type = (uint8_t)ev_by_name(word);
	while ((word = strtok_r(NULL, ",", &save)))
		for (unsigned i = 0; i < FLAGS; i++)
			if (!strcmp(word, flags[i].name))
				ev.flags |= (uint8_t)flags[i].flag;
	for (line += n; *line == ' ';) {
		line++;
		if (sscanf(line, "mm%" SCNu32 "%n", &ev.mm, &n) == 1 ||
		    sscanf(line, "aux%" SCNu32 "%n", &ev.aux, &n) == 1 ||
		    sscanf(line, "cpu%" SCNu16 "%n", &ev.cpu, &n) == 1)
			line += n;
		else
			ev.comm = mmw_string(w, line);
	}
	return ev;
}

static void write_text(const char *path, const char *text, void (*more)(struct mmw_writer *w),
		       const struct mmw_check *peaks)
{
	struct mmr_err e = { 0 };
	struct mmw_writer *w;
	char *copy = strdup(text), *save = NULL;
	if (!copy || mmw_create(path, &w, &e))
		errx(1, "%s", e.text);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct mmw_event ev = parse(w, line);
		if (mmw_add(w, &ev, &e))
			errx(1, "%s", e.text);
	}
	if (more)
		more(w);
	mmw_set_peaks(w, peaks->peak_tasks, peaks->peak_mms);
	if (mmw_finish(w, &e))
		errx(1, "%s", e.text);
	free(copy);
}

void mmw_from_text(const char *path, const char *text, void (*more)(struct mmw_writer *w))
{
	struct mmw_check check = { 0 };
	struct mmr_err e = { 0 };
	write_text(path, text, more, &check);
	if (mmw_check(path, NULL, NULL, &check, &e))
		errx(1, "%s", e.text);
	write_text(path, text, more, &check);
}
