/*
 * Where a part comes from. What counts the whole input (events of the trace,
 * what could not be resolved) does not hold for a part of it: it goes, and one
 * line each says what it was. Without names, only what is on the lists below
 * stays: what is not known to be harmless is taken for a name.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracegen/import.h"
#include "tracegen/import_inputs.h"
#include "tracegen/subset_parts.h"
#include "tracegen/tracegen.h"

static const char *const count_names[SC_NR] = {
	[SC_BEFORE] = "subset_left_out_before",
	[SC_AFTER] = "subset_left_out_after",
	[SC_OTHERS] = "subset_left_out_of_others",
	[SC_NO_TASK] = "subset_left_out_of_no_task",
	[SC_EARLIER_AREA] = "subset_left_out_vfree_of_earlier_area",
	[SC_EARLIER_TASK] = "subset_left_out_free_of_earlier_task",
	[SC_PRESENT] = "subset_present_at_beginning",
	[SC_ROOT] = "subset_made_by_outsider",
	[SC_LEADER] = "subset_leader_gone_at_beginning",
	[SC_MACHINE] = "subset_machine_at_beginning",
};

static bool is_part(const struct sub *s)
{
	return sub_is_stretch(s) || s->o->roots;
}

static void text(struct sub *s, const char *key, const char *value)
{
	mmw_info_text(s->w, MMW_INFO_SOURCE, key, value);
}

static void __attribute__((format(printf, 3, 4))) number(struct sub *s, const char *key, const char *fmt, ...)
{
	char buf[64];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text(s, key, buf);
}

/* ---- without names ---- */

static bool on_list(const char *word, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !strncmp(*list, word, n))
			return true;
	return false;
}

/* The words of @from, which are separated by ", ": those on @list, others as "other". */
static void known_words(char *to, size_t size, const char *from, const char *const *list)
{
	*to = '\0';
	while (*from) {
		size_t n = strcspn(from, ","), used = strlen(to);
		snprintf(to + used, size - used, "%s%.*s", used ? ", " : "", on_list(from, n, list) ? (int)n : 5,
			 on_list(from, n, list) ? from : "other");
		from += n;
		from += strspn(from, ", ");
	}
}

/* Of each word its leading number with dots: 6.1.0 of 6.1.0-acme-prod. */
static void plain_versions(char *to, size_t size, const char *from)
{
	*to = '\0';
	while (*from) {
		size_t n = strspn(from, "0123456789."), used = strlen(to);
		while (n && from[n - 1] == '.')
			n--;
		snprintf(to + used, size - used, "%s%.*s", used ? ", " : "", (int)n, from);
		from += strcspn(from, ",");
		from += strspn(from, ", ");
	}
}

static bool all_digits(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static bool is_profile(const char *name)
{
	const struct mmr_item *item;
	for (unsigned i = 0; (item = list_profiles(i)); i++)
		if (!strcmp(item->name, name))
			return true;
	return false;
}

static void harmless_text(struct sub *s, const struct mmw_info *in)
{
	static const char *const tracers[] = { "lttng-kernel", "perf", "mmreplay-ust", "generate", NULL };
	static const char *const numbers[] = { "traces",
					       "streams",
					       "seed",
					       "subset_from_ns",
					       "subset_to_ns",
					       "subset_of_events",
					       "subset_of_lost",
					       "subset_of_unresolved",
					       NULL };
	static const char *const dumps[] = { "complete", "incomplete", "none", NULL };
	char buf[256];
	if (!strcmp(in->key, "tracer"))
		known_words(buf, sizeof(buf), in->text, tracers);
	else if (!strcmp(in->key, "state_dump"))
		known_words(buf, sizeof(buf), in->text, dumps);
	else if (!strcmp(in->key, "kernel") || !strcmp(in->key, "tracer_version"))
		plain_versions(buf, sizeof(buf), in->text);
	else if ((on_list(in->key, strlen(in->key), numbers) && all_digits(in->text)) ||
		 (!strcmp(in->key, "profile") && is_profile(in->text)))
		snprintf(buf, sizeof(buf), "%s", in->text);
	else
		return;
	if (*buf)
		text(s, in->key, buf);
}

/* "ring buffer, cpu 3": what import writes, and nothing else. */
static bool lost_name(const char *key)
{
	static const char *const before[] = { "ring buffer, cpu ", "discarded events, cpu ", "discarded packets, cpu ",
					      NULL };
	for (unsigned i = 0; before[i]; i++)
		if (!strncmp(key, before[i], strlen(before[i])))
			return all_digits(key + strlen(before[i]));
	return false;
}

static bool own_name(const char *key)
{
	for (unsigned i = 0; i < SC_NR; i++)
		if (count_names[i] && !strcmp(key, count_names[i]))
			return true;
	return false;
}

static void harmless_count(struct sub *s, const struct mmw_info *in)
{
	bool known = in->group == MMW_INFO_SOURCE_EVENT ? imp_map_find(in->key) != NULL
		     : in->group == MMW_INFO_LOST       ? lost_name(in->key)
							: imp_count_name(in->key) || own_name(in->key);
	mmw_info_count(s->w, in->group, known ? in->key : "(other)", in->count);
}

/* ---- the table ---- */

/* What is said anew below. */
static bool said_anew(const struct sub *s, const char *key)
{
	static const char *const keys[] = { "start_epoch_ns", "source_hash", NULL };
	return on_list(key, strlen(key), keys) || (is_part(s) && !strncmp(key, "subset", 6));
}

static void copy(struct sub *s)
{
	for (uint32_t i = 0; i < mmw_header(s->r)->infos; i++) {
		struct mmw_info in = mmw_info(s->r, i);
		if (in.group != MMW_INFO_SOURCE) {
			if (is_part(s))
				continue;
			if (s->o->anonymise)
				harmless_count(s, &in);
			else
				mmw_info_count(s->w, in.group, in.key, in.count);
		} else if (mmw_is_contention(&in)) {
			continue; /* subset_contention.c */
		} else if (!said_anew(s, in.key)) {
			if (s->o->anonymise)
				harmless_text(s, &in);
			else
				text(s, in.key, in.text);
		}
	}
}

static uint64_t number_of(const struct sub *s, const char *key)
{
	const char *v = mmw_source(s->r, key);
	return v ? strtoull(v, NULL, 10) : 0;
}

/* "1.5 s to 2 s of 10 s; tree of task 7 (pid 300)", after what it was a part of already. */
static void say_part(struct sub *s)
{
	const char *before = s->o->anonymise ? NULL : mmw_source(s->r, "subset");
	char buf[MMW_INFO_VALUE_MAX + 1] = "";
	size_t n = (size_t)snprintf(buf, sizeof(buf), "%s%s%.9g s to %.9g s of %.9g s", before ? before : "",
				    before ? "; of that " : "", (double)s->from / 1e9, (double)s->to / 1e9,
				    (double)mmw_header(s->r)->duration_ns / 1e9);
	for (unsigned i = 0; i < s->o->roots && n < sizeof(buf); i++) {
		const struct sub_root *root = &s->o->root[i];
		if (root->is_task || s->o->anonymise)
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, ", tree of task %u",
					      s->result->found[i].first[0]);
		else
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, ", tree of pid %u", root->number);
	}
	text(s, "subset", buf);
	/* Of the whole, when this is a part of a part. */
	uint64_t before_ns = number_of(s, "subset_from_ns");
	number(s, "subset_from_ns", "%" PRIu64, before_ns + s->from);
	number(s, "subset_to_ns", "%" PRIu64, before_ns + s->to);
	number(s, "subset_of_events", "%" PRIu64, mmw_header(s->r)->events);
	number(s, "subset_of_lost", "%" PRIu64, mmw_header(s->r)->lost);
	number(s, "subset_of_unresolved", "%" PRIu64, mmw_header(s->r)->unresolved);
}

/* A part is another workload than the whole, the same part the same one. */
static void say_hash(struct sub *s)
{
	const char *whole = mmw_source(s->r, "source_hash");
	if (!whole || s->o->anonymise)
		return;
	uint64_t hash = imp_hash(0, whole, strlen(whole));
	if (is_part(s)) {
		hash = imp_hash(hash, &s->from, sizeof(s->from));
		hash = imp_hash(hash, &s->to, sizeof(s->to));
		for (unsigned i = 0; i < s->o->roots; i++) {
			hash = imp_hash(hash, &s->o->root[i].number, sizeof(s->o->root[i].number));
			hash = imp_hash(hash, &s->o->root[i].is_task, sizeof(s->o->root[i].is_task));
		}
	}
	number(s, "source_hash", "%016" PRIx64, hash);
}

int sub_source_write(struct sub *s)
{
	int ret = sub_contention_write(s);
	copy(s);
	uint64_t start = number_of(s, "start_epoch_ns");
	if (start && !s->o->anonymise)
		number(s, "start_epoch_ns", "%" PRIu64, start + s->from);
	if (is_part(s))
		say_part(s);
	if (s->o->anonymise)
		text(s, "anonymised", "command names, pids, host, command, paths, date");
	say_hash(s);
	for (unsigned i = 0; i < SC_NR; i++)
		if (count_names[i] && s->result->count[i])
			mmw_info_count(s->w, MMW_INFO_ASSUMED, count_names[i], s->result->count[i]);
	return ret;
}
