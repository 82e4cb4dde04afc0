#include "tracegen/subset.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracegen/subset_parts.h"

#define CHECK_EVERY 65536 /* events between looks at the stop flag */

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

/* @w on the input's clock; @fallback when it is not set. */
static int resolve(const struct sub *s, const struct sub_when *w, const char *option, uint64_t fallback, uint64_t *ns)
{
	const char *start = mmw_source(s->r, "start_epoch_ns"), *path = s->path;
	*ns = w->from == SUB_UNSET ? fallback : w->ns;
	if (w->from != SUB_SINCE_1970)
		return 0;
	char *end;
	unsigned long long epoch = start ? strtoull(start, &end, 10) : 0;
	if (!epoch || *end)
		return mmr_err(s->e, -EINVAL, "%s: it does not say when it was recorded: give %s in seconds", path,
			       option);
	if (w->ns < epoch && w == &s->o->to)
		return mmr_err(s->e, -EINVAL, "%s: --to lies %.3f s before it begins", path, seconds(epoch - w->ns));
	/* Before the start is from the start. */
	*ns = w->ns < epoch ? 0 : w->ns - epoch;
	return 0;
}

static int find_window(struct sub *s)
{
	const struct mmw_header *h = mmw_header(s->r);
	const char *path = s->path;
	int ret = resolve(s, &s->o->from, "--from", 0, &s->from);
	if (!ret)
		ret = resolve(s, &s->o->to, "--to", h->duration_ns, &s->to);
	if (ret)
		return ret;
	if (s->from && s->from >= h->duration_ns)
		return mmr_err(s->e, -EINVAL, "%s: it lasts %.6f s: nothing is to be had from %.6f s on", path,
			       seconds(h->duration_ns), seconds(s->from));
	if (s->o->to.from != SUB_UNSET && s->to <= s->from)
		return mmr_err(s->e, -EINVAL, "%s: --to (%.6f s) is not after --from (%.6f s)", path, seconds(s->to),
			       seconds(s->from));
	s->to_the_end = s->to >= h->duration_ns;
	if (s->to_the_end)
		s->to = h->duration_ns;
	s->result->from_ns = s->from;
	s->result->to_ns = s->to;
	return 0;
}

static int init(struct sub *s)
{
	int ret = idmap_init(&s->kin, sizeof(struct sub_kin));
	ret |= idmap_init(&s->tasks, sizeof(struct sub_task));
	ret |= idmap_init(&s->mms, sizeof(struct sub_mm));
	ret |= idmap_init(&s->areas, sizeof(struct sub_area));
	ret |= idmap_init(&s->slots, sizeof(struct sub_thing));
	ret |= idmap_init(&s->down, sizeof(struct sub_thing));
	s->name = calloc(mmw_header(s->r)->strings + 1u, sizeof(*s->name));
	return ret || !s->name ? sub_no_memory(s) : 0;
}

static void release(struct sub *s)
{
	idmap_free(&s->kin);
	idmap_free(&s->tasks);
	idmap_free(&s->mms);
	idmap_free(&s->areas);
	idmap_free(&s->slots);
	idmap_free(&s->down);
	free(s->name);
}

static int read_events(struct sub *s, const volatile sig_atomic_t *stop,
		       void (*progress)(void *ctx, uint64_t events, uint64_t all), void *ctx)
{
	const uint64_t all = mmw_header(s->r)->events;
	struct mmw_cursor *c;
	struct mmw_event ev;
	int ret = mmw_cursor_open(s->r, &c, s->e);
	for (s->event = 0; !ret; s->event++) {
		if (s->event % CHECK_EVERY == 0) {
			if (*stop) {
				ret = mmr_err(s->e, -EINTR, "%s: stopped", s->path);
				break;
			}
			if (progress)
				progress(ctx, s->event, all);
		}
		ret = mmw_next(c, &ev, s->e);
		if (ret <= 0)
			break;
		ret = !s->begun && ev.time_ns >= s->from ? sub_begin(s) : 0;
		if (ret)
			break;
		if (ev.time_ns >= s->to && !s->to_the_end) {
			s->result->count[SC_AFTER] = all - s->event;
			break;
		}
		ret = sub_event(s, &ev);
	}
	s->result->read = s->event;
	mmw_cursor_close(c);
	if (!ret && !s->begun)
		ret = sub_begin(s);
	return ret;
}

static int write_part(struct sub *s, const volatile sig_atomic_t *stop,
		      void (*progress)(void *ctx, uint64_t events, uint64_t all), void *ctx)
{
	int ret = read_events(s, stop, progress, ctx);
	if (!ret && !s->task_ids && s->o->roots)
		ret = mmr_err(s->e, -EINVAL, "%s: nobody of the tree lives between %.6f s and %.6f s", s->path,
			      seconds(s->from), seconds(s->to));
	if (!ret && !s->result->written)
		ret = mmr_err(s->e, -EINVAL, "%s: nothing happens between %.6f s and %.6f s", s->path, seconds(s->from),
			      seconds(s->to));
	if (!ret)
		ret = sub_source_write(s);
	if (ret) {
		mmw_abort(s->w);
		return ret;
	}
	mmw_set_peaks(s->w, s->peak_tasks, s->peak_mms);
	mmw_set_duration(s->w, s->to - s->from);
	return mmw_finish(s->w, s->e);
}

int sub_run(const struct mmw_reader *r, const char *out, const struct sub_options *o, const volatile sig_atomic_t *stop,
	    void (*progress)(void *ctx, uint64_t events, uint64_t all), void *ctx, struct sub_result *result,
	    struct mmr_err *e)
{
	struct sub s = { .r = r,
			 .o = o,
			 .result = result,
			 .e = e,
			 .path = o->input ? o->input : mmw_path(r),
			 .frees = mmw_header(r)->count[EV_FREE] };
	*result = (struct sub_result){ .lost = mmw_header(r)->lost };
	int ret = init(&s);
	if (!ret)
		ret = find_window(&s);
	if (!ret && o->roots)
		ret = sub_tree_read(&s, stop);
	bool input = ret != 0;
	if (!ret)
		ret = mmw_create(out, &s.w, e);
	if (!ret) {
		ret = write_part(&s, stop, progress, ctx);
		input = ret == -EINVAL || ret == -EBADMSG;
	}
	result->bad_input = input && ret != -ENOMEM && ret != -EINTR;
	release(&s);
	return ret;
}
