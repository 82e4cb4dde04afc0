#include "tracegen/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int scratch_open(struct scratch *s, const char *name, struct mmr_err *e)
{
	const char *tmp = getenv("TMPDIR");
	*s = (struct scratch){ 0 };
	if (asprintf(&s->dir, "%s/mmreplay-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0) {
		s->dir = NULL;
		return mmr_err_sys(e, -ENOMEM, "a temporary file");
	}
	if (!mkdtemp(s->dir)) {
		int ret = mmr_err_sys(e, -errno, "%s", s->dir);
		free(s->dir);
		s->dir = NULL;
		return ret;
	}
	if (asprintf(&s->file, "%s/%s", s->dir, name) < 0) {
		s->file = NULL;
		scratch_close(s);
		return mmr_err_sys(e, -ENOMEM, "a temporary file");
	}
	return 0;
}

void scratch_close(struct scratch *s)
{
	if (s->file)
		unlink(s->file);
	if (s->dir)
		rmdir(s->dir);
	free(s->file);
	free(s->dir);
	*s = (struct scratch){ 0 };
}
