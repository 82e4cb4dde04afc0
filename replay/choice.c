#include "replay/choice.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/dialect/kernel.h"
#include "replay/era.h"
#include "schemas/safe.h"

#define NAME_LENGTH 512

/* "K10" is 10; 0: @word is no such thing. */
static unsigned bug_number(const char *word)
{
	char *end;
	if (*word != 'K' || !isdigit((unsigned char)word[1]))
		return 0;
	unsigned long n = strtoul(word + 1, &end, 10);
	return *end || n > 1000 ? 0 : (unsigned)n;
}

/* "K7, K10", or "none". */
static void list_bugs(u32 bugs, const char *comma, char *to, size_t size)
{
	size_t used = 0;
	snprintf(to, size, "none");
	for (unsigned n = 0; n < 32; n++)
		if (bugs >> n & 1 && used < size)
			used += (size_t)snprintf(to + used, size - used, "%sK%u", used ? comma : "", n);
}

static int add_fix(struct design_choice *c, const char *word, struct mmr_err *e)
{
	unsigned n = bug_number(word);
	char has[160], what[64];
	if (n && n < 32 && c->ops->bugs >> n & 1) {
		c->fixed |= 1u << n;
		return 0;
	}
	list_bugs(c->ops->bugs, ", ", has, sizeof(has));
	safe_copy(what, sizeof(what), word);
	return mmr_err(e, -EINVAL, "%s:fix=%s: bugs of it that can be repaired: %s", c->ops->name, what, has);
}

static void make_label(struct design_choice *c)
{
	char fixes[160];
	list_bugs(c->fixed, ",", fixes, sizeof(fixes));
	snprintf(c->label, sizeof(c->label), "%s%s%s", c->ops->name, c->fixed ? ":fix=" : "", c->fixed ? fixes : "");
}

/* All of @file's designs for @engine, once each. */
static int choose_file(const char *file, const char *engine, struct design_choice *out, unsigned room, unsigned *n,
		       struct mmr_err *e)
{
	const struct design_ops *const *d;
	unsigned all, from = *n;
	int ret = design_load(file, &d, &all, e);
	for (unsigned i = 0; i < all && !ret; i++) {
		bool known = strcmp(d[i]->engine, engine) != 0;
		for (unsigned j = from; j < *n; j++)
			known |= !strcmp(out[j].ops->name, d[i]->name);
		if (known)
			continue;
		if (*n == room)
			return mmr_err(e, -EINVAL, "more than %u designs", room);
		out[(*n)++] = (struct design_choice){ .ops = d[i] };
	}
	if (!ret && *n == from)
		ret = mmr_err(e, -EINVAL, "%s: holds no design for the engine %s", file, engine);
	return ret;
}

static bool is_file(const char *name)
{
	size_t len = strlen(name);
	return strchr(name, '/') || (len > 3 && !strcmp(name + len - 3, ".so"));
}

static int choose_name(const char *name, const char *engine, struct design_choice *out, unsigned room, unsigned *n,
		       struct mmr_err *e)
{
	char safe[64];
	if (*n == room)
		return mmr_err(e, -EINVAL, "more than %u designs", room);
	const struct design_ops *d = design_find(name, engine, NULL);
	if (d) {
		out[(*n)++] = (struct design_choice){ .ops = d };
		return 0;
	}
	safe_copy(safe, sizeof(safe), name);
	return mmr_err(e, -EINVAL, "no design called '%s'; `mmreplay list designs` names them", safe);
}

int design_choose(const char *arg, const char *engine, struct design_choice *out, unsigned room, unsigned *n,
		  struct mmr_err *e)
{
	unsigned group = 0; /* where the last named item's choices begin */
	bool fixing = false; /* it has a list of repairs */
	int ret = 0;
	*n = 0;
	while (*arg && !ret) {
		char word[NAME_LENGTH];
		size_t len = strcspn(arg, ",");
		if (len >= sizeof(word))
			return mmr_err(e, -EINVAL, "a design's name of %zu bytes", len);
		memcpy(word, arg, len);
		word[len] = '\0';
		arg += len + (arg[len] == ',');
		if (!len)
			continue;
		const char *fix = NULL;
		if (fixing && bug_number(word)) {
			fix = word;
		} else {
			char *colon = strstr(word, ":fix=");
			fixing = colon != NULL;
			if (colon) {
				*colon = '\0';
				fix = colon + 5;
			}
			group = *n;
			ret = (is_file(word) ? choose_file : choose_name)(word, engine, out, room, n, e);
		}
		for (unsigned i = group; fix && i < *n && !ret; i++)
			ret = add_fix(&out[i], fix, e);
	}
	for (unsigned i = 0; i < *n; i++)
		make_label(&out[i]);
	return ret || *n ? ret : mmr_err(e, -EINVAL, "the list is empty");
}

/* ---- what goes together ---- */

static bool is_32bit(const struct geometry *g)
{
	return !strncmp(g->name, "i386", 4);
}

/* Five levels came with v4.12. */
static bool before_five_levels(const struct era *era)
{
	unsigned major = 0, minor = 0;
	return sscanf(era->name, "v%u.%u", &major, &minor) == 2 && (major < 4 || (major == 4 && minor < 12));
}

int choice_fits(const struct era *era, const struct geometry *geo, const struct design_ops *d, struct mmr_err *e)
{
	if (strstr(geo->name, "5level") && before_five_levels(era))
		return mmr_err(e, -EINVAL, "%s has no geometry %s: that came with v4.12", era->name, geo->name);
	if (d && d->flags & DESIGN_NEEDS_FAULT && !era->fault_handler)
		return mmr_err(e, -EINVAL, "%s rests on the fault handler, which %s does not have", d->name, era->name);
	if (d && d->flags & DESIGN_64BIT && is_32bit(geo))
		return mmr_err(e, -EINVAL, "%s is for 64 bit, %s is not", d->name, geo->name);
	return 0;
}

int choice_fits_workload(const struct geometry *geo, const char *tracer, struct mmr_err *e)
{
	if (is_32bit(geo) && strcmp(tracer, "generate"))
		return mmr_err(e, -EINVAL, "%s is for generated workloads: this one was recorded on 64 bit", geo->name);
	return 0;
}
