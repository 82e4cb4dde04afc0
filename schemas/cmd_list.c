/* `mmreplay list KIND`: the catalogues that the parts register in mmreplay.c. */
#include "schemas/cmd_list.h"

#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "schemas/safe.h"

struct list_args {
	struct mmr_ctx *ctx;
	const char *kind;
	bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;
	switch (key) {
	case 'f':
		if (strcmp(arg, "table") && strcmp(arg, "json"))
			argp_error(state, "--format is table or json, not '%s'", arg);
		a->json = !strcmp(arg, "json");
		return 0;
	case ARGP_KEY_ARG:
		if (a->kind)
			argp_error(state, "one KIND at a time");
		a->kind = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->kind)
			argp_error(state, "which list? one of those named in --help");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_table(const struct mmr_catalogue *c)
{
	const struct mmr_item *it;
	int name = 0, detail = 0;
	for (unsigned i = 0; (it = c->item(i)); i++) {
		name = (int)strlen(it->name) > name ? (int)strlen(it->name) : name;
		detail = (int)strlen(it->detail) > detail ? (int)strlen(it->detail) : detail;
	}
	for (unsigned i = 0; (it = c->item(i)); i++)
		if (detail)
			printf("%-*s  %-*s  %s\n", name, it->name, detail, it->detail, it->about);
		else
			printf("%-*s  %s\n", name, it->name, it->about);
}

static void print_json(const struct mmr_catalogue *c)
{
	const struct mmr_item *it;
	printf("[");
	for (unsigned i = 0; (it = c->item(i)); i++) {
		printf("%s\n  {\"name\": ", i ? "," : "");
		json_string(stdout, it->name);
		printf(", \"detail\": ");
		json_string(stdout, it->detail);
		printf(", \"about\": ");
		json_string(stdout, it->about);
		printf("}");
	}
	printf("\n]\n");
}

int cmd_list(struct mmr_ctx *ctx, int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "format", 'f', "FORMAT", 0, "table or json", 0 },
		{ 0 },
	};
	char kinds[256] = "", doc[512];
	for (const struct mmr_catalogue *c = ctx->catalogues; c->kind; c++) {
		strncat(kinds, c->kind, sizeof(kinds) - strlen(kinds) - 1);
		if (c[1].kind)
			strncat(kinds, "|", sizeof(kinds) - strlen(kinds) - 1);
	}
	snprintf(doc, sizeof(doc), "Lists what there is, a line each.\vKIND is one of %s.", kinds);
	struct argp argp = { options, parse, "KIND", doc, NULL, NULL, NULL };
	struct list_args a = { .ctx = ctx };
	argp_parse(&argp, argc, argv, 0, NULL, &a);

	for (const struct mmr_catalogue *c = ctx->catalogues; c->kind; c++) {
		if (strcmp(c->kind, a.kind))
			continue;
		a.json ? print_json(c) : print_table(c);
		return cmd_done(ctx, MMR_OK);
	}
	return cmd_fail(ctx, MMR_BAD_INPUT, "no list called '%s': there are %s", a.kind, kinds);
}
