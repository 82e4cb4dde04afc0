/* Finding and loading the tracepoint provider. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tracegen/record_session.h"

#define REGISTER_MS 15000

/* The directory of the running program, without the last slash. */
static bool program_dir(char *dir, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	if (n <= 0)
		return false;
	dir[n] = '\0';
	char *slash = strrchr(dir, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

/* In a build tree, beside a build variant, or installed. */
static bool find(char *path, size_t size)
{
	static const char *const places[] = { "", "/build/plain", "/../lib/mmreplay" };
	char dir[PATH_MAX];
	const char *set = secure_getenv("MMREPLAY_LIBDIR");
	if (set && *set)
		return snprintf(path, size, "%s/%s", set, MMR_UST_FILE) < (int)size && !access(path, R_OK);
	if (!program_dir(dir, sizeof(dir)))
		return false;
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (snprintf(path, size, "%s%s/%s", dir, places[i], MMR_UST_FILE) < (int)size && !access(path, R_OK))
			return true;
	return false;
}

static bool enabled(const struct mmr_ust *table, enum rec_provider what)
{
	return what == REC_PROVIDER_REPLAY ? table->replay->enabled() : table->enabled();
}

int rec_provider_load(enum rec_provider what, const struct mmr_ust **ust, struct mmr_err *e)
{
	char path[PATH_MAX + 64] = "", ms[16];
	if (!find(path, sizeof(path)))
		return mmr_err(
			e, -ENOENT,
			"%s not found beside mmreplay or in ../lib/mmreplay: set MMREPLAY_LIBDIR to its directory",
			MMR_UST_FILE);
	/* The library's constructor comes back when the session daemon has told us all that is enabled. */
	snprintf(ms, sizeof(ms), "%d", REGISTER_MS);
	setenv("LTTNG_UST_REGISTER_TIMEOUT", ms, 1);
	if (what == REC_PROVIDER_REPLAY)
		setenv("LTTNG_UST_ALLOW_BLOCKING", "1", 1);
	void *lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		return mmr_err(e, -ELIBACC, "%s", dlerror());
	const struct mmr_ust *table = dlsym(lib, MMR_UST_SYMBOL);
	if (!table || table->version != MMR_UST_VERSION || table->size != sizeof(*table))
		return mmr_err(e, -ELIBBAD, "%s is of another version of mmreplay", path);
	for (int waited = 0; !enabled(table, what); waited += 10) {
		if (waited >= REGISTER_MS)
			return mmr_err(e, -ETIMEDOUT, "the LTTng session daemon does not take our events after %d s",
				       REGISTER_MS / 1000);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	*ust = table;
	return 0;
}
