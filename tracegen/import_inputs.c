#include "tracegen/import_inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/mmw.h"

#define DEPTH_MAX 24
#define TRACES_MAX 4096
/* babeltrace2 maps a stream file window by window, 8 MiB each. */
#define WINDOW (8u << 20)
#define CTF2_MARK 0x1e /* a JSON text sequence begins with a record separator */

uint64_t imp_hash(uint64_t hash, const void *data, uint64_t n)
{
	const unsigned char *p = data;
	hash = hash ? hash : 0xcbf29ce484222325ull;
	for (uint64_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3ull;
	return hash;
}

/* The first bytes of @path: how many, or -errno. */
static int head_of(const char *path, void *buf, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	ssize_t got = read(fd, buf, n);
	int ret = got < 0 ? -errno : (int)got;
	close(fd);
	return ret;
}

static bool starts(const unsigned char *buf, int n, const char *magic, int len)
{
	return n >= len && !memcmp(buf, magic, (size_t)len);
}

/* @path is a file, where a directory was wanted: say what it is. */
static int explain_file(const char *path, struct mmr_err *e)
{
	unsigned char b[16] = { 0 };
	int n = head_of(path, b, sizeof(b));
	if (n < 0)
		return mmr_err_sys(e, n, "%s", path);
	if (starts(b, n, "PERFILE2", 8) || starts(b, n, "2ELIFREP", 8))
		return mmr_err(e, -EINVAL,
			       "%s: perf's own format; convert it first: perf data convert --to-ctf %s.ctf --all -i %s",
			       path, path, path);
	if (starts(b, n, "\x17\x08\x44tracing", 10))
		return mmr_err(
			e, -EINVAL,
			"%s: trace-cmd's own format, which has no way to CTF; capture the same with: perf record -a -o "
			"perf.data -e 'sched:sched_process_*,task:task_newtask,task:task_rename,vmalloc:*', then: perf "
			"data convert --to-ctf perf.ctf --all -i perf.data",
			path);
	if (starts(b, n, MMW_MAGIC, 8))
		return mmr_err(e, -EINVAL, "%s: this is a workload file already: replay it as it is", path);
	const char *slash = strrchr(path, '/');
	if (!strcmp(slash ? slash + 1 : path, "metadata"))
		return mmr_err(e, -ENOTDIR, "%s: give the directory that holds it", path);
	return mmr_err(e, -ENOTDIR, "%s: a CTF trace is a directory that holds a file called metadata", path);
}

/* Text begins with a comment that says the version, LTTng's packets with a magic number in either byte order. */
static bool looks_like_ctf1(const unsigned char *b, ssize_t n)
{
	return starts(b, (int)n, "/*", 2) || starts(b, (int)n, "\x57\x1d\xd1\x75", 4) ||
	       starts(b, (int)n, "\x75\xd1\x1d\x57", 4);
}

static int check_metadata(struct imp_inputs *in, const char *dir, const char *path, struct mmr_err *e)
{
	unsigned char buf[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return mmr_err_sys(e, -errno, "%s", path);
	uint64_t total = 0;
	ssize_t n;
	bool ctf2 = false, ctf1 = false;
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		if (!total)
			ctf2 = buf[0] == CTF2_MARK, ctf1 = looks_like_ctf1(buf, n);
		total += (uint64_t)n;
		in->hash = imp_hash(in->hash, buf, (uint64_t)n);
	}
	int err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return mmr_err_sys(e, err, "%s", path);
	if (!total)
		return mmr_err(e, -EINVAL, "%s: empty: whoever wrote this trace did not finish", path);
	if (ctf2)
		return mmr_err(e, -ENOTSUP,
			       "%s: CTF 2, which babeltrace2 before 2.1 cannot read; with a newer one: babeltrace2 %s "
			       "--component=sink.ctf.fs --params='path=\"%s.ctf1\",ctf-version=\"1\"'",
			       dir, dir, dir);
	if (!ctf1)
		return mmr_err(e, -EINVAL,
			       "%s: no metadata of a CTF trace: it begins neither with \"/* CTF 1.8\" nor as LTTng's",
			       path);
	in->metadata_bytes += total;
	return 0;
}

/* 1: it is new; 0: it was named before; -errno. */
static int add_trace(struct imp_inputs *in, const char *dir, struct mmr_err *e)
{
	char *real = realpath(dir, NULL);
	if (!real)
		return mmr_err_sys(e, -errno, "%s", dir);
	in->hits++;
	for (unsigned i = 0; i < in->count; i++)
		if (!strcmp(in->trace[i].real, real)) {
			free(real);
			return 0;
		}
	if (in->count == in->room) {
		unsigned room = in->room ? 2 * in->room : 16;
		struct imp_input *bigger = in->count < TRACES_MAX ? realloc(in->trace, room * sizeof(*bigger)) : NULL;
		if (!bigger) {
			free(real);
			return mmr_err(e, -E2BIG, "%s: more than %u traces at once", dir, in->count);
		}
		in->trace = bigger;
		in->room = room;
	}
	char *path = strdup(dir);
	if (!path) {
		free(real);
		return mmr_err_sys(e, -ENOMEM, "%s", dir);
	}
	in->trace[in->count++] = (struct imp_input){ path, real };
	return 1;
}

/* One without stream files says nothing: it is left out, and named when there is no other. */
static void drop_bare(struct imp_inputs *in)
{
	struct imp_input *last = &in->trace[--in->count];
	in->hits--;
	free(last->real);
	if (in->bare)
		free(last->path);
	else
		in->bare = last->path;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The stream files of trace @dir: babeltrace2 takes every file that is neither metadata nor hidden. */
static void count_stream(struct imp_inputs *in, const char *name, uint64_t size)
{
	/* Empty ones are channels on which nothing happened. */
	if (!size)
		return;
	in->streams++;
	in->bytes += size;
	in->window_bytes += size < WINDOW ? size : WINDOW;
	in->hash = imp_hash(in->hash, name, strlen(name));
	in->hash = imp_hash(in->hash, &size, sizeof(size));
}

static int look(struct imp_inputs *in, const char *dir, unsigned depth, struct mmr_err *e);

/* One entry of a directory that is a trace, or holds some. */
static int look_at(struct imp_inputs *in, const char *dir, const char *name, bool trace, unsigned depth,
		   struct mmr_err *e)
{
	char *path;
	struct stat st;
	int ret = 0;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return mmr_err_sys(e, -ENOMEM, "%s", dir);
	if (stat(path, &st)) {
		/* A dangling link beside a trace is nobody's business. */
		if (errno != ENOENT && errno != ELOOP)
			ret = mmr_err_sys(e, -errno, "%s", path);
	} else if (trace && S_ISREG(st.st_mode)) {
		if (!strcmp(name, "metadata"))
			ret = check_metadata(in, dir, path, e);
		else
			count_stream(in, name, (uint64_t)st.st_size);
	} else if (!trace && S_ISDIR(st.st_mode)) {
		ret = look(in, path, depth + 1, e);
	}
	free(path);
	return ret;
}

/* Below a trace nothing else is looked for, as babeltrace2 does. */
static int look(struct imp_inputs *in, const char *dir, unsigned depth, struct mmr_err *e)
{
	char path[PATH_MAX];
	struct dirent **entry = NULL;
	struct stat st;
	if (depth > DEPTH_MAX)
		return mmr_err(e, -ELOOP, "%s: too deep", dir);
	if (snprintf(path, sizeof(path), "%s/metadata", dir) >= (int)sizeof(path))
		return mmr_err_sys(e, -ENAMETOOLONG, "%s", dir);
	bool trace = !stat(path, &st) && S_ISREG(st.st_mode);
	int ret = trace ? add_trace(in, dir, e) : 1;
	if (ret <= 0)
		return ret;
	int n = scandir(dir, &entry, NULL, by_name);
	if (n < 0)
		return mmr_err_sys(e, -errno, "%s", dir);
	uint64_t before = in->streams;
	ret = 0;
	for (int i = 0; i < n; i++) {
		if (!ret && entry[i]->d_name[0] != '.')
			ret = look_at(in, dir, entry[i]->d_name, trace, depth, e);
		free(entry[i]);
	}
	free(entry);
	if (!ret && trace && in->streams == before)
		drop_bare(in);
	return ret;
}

/* @dir holds no trace: is it empty, or something else? */
static int explain_directory(const char *dir, struct mmr_err *e)
{
	struct dirent **entry = NULL;
	char path[PATH_MAX];
	unsigned real = 0;
	int n = scandir(dir, &entry, NULL, by_name), ret = 0;
	for (int i = 0; i < n; i++) {
		real += strcmp(entry[i]->d_name, ".") && strcmp(entry[i]->d_name, "..");
		unsigned char b[16] = { 0 };
		struct stat st;
		snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
		if (!ret && !stat(path, &st) && S_ISREG(st.st_mode)) {
			int got = head_of(path, b, sizeof(b));
			if (starts(b, got, "PERFILE2", 8) || starts(b, got, "\x17\x08\x44tracing", 10))
				ret = explain_file(path, e);
			else if (!strncmp(entry[i]->d_name, "perf_stream_", 12))
				ret = mmr_err(e, -EINVAL,
					      "%s: stream files of perf, but no metadata: its conversion failed; run "
					      "it again",
					      dir);
		}
		free(entry[i]);
	}
	free(entry);
	if (ret)
		return ret;
	if (!real)
		return mmr_err(e, -EINVAL, "%s: an empty directory", dir);
	return mmr_err(e, -EINVAL, "%s: no CTF trace: no file called metadata in it or below it", dir);
}

int imp_inputs_find(struct imp_inputs *in, char *const *paths, unsigned n, struct mmr_err *e)
{
	*in = (struct imp_inputs){ 0 };
	for (unsigned i = 0; i < n; i++) {
		struct stat st;
		if (stat(paths[i], &st))
			return mmr_err_sys(e, -errno, "%s", paths[i]);
		if (S_ISREG(st.st_mode))
			return explain_file(paths[i], e);
		if (!S_ISDIR(st.st_mode))
			return mmr_err(e, -ENOTDIR, "%s: neither a directory nor a regular file", paths[i]);
		unsigned had = in->hits;
		int ret = look(in, paths[i], 0, e);
		if (ret)
			return ret;
		if (in->hits == had && in->bare)
			return mmr_err(e, -EINVAL, "%s: there is metadata, but no stream file with data beside it",
				       in->bare);
		if (in->hits == had)
			return explain_directory(paths[i], e);
	}
	return 0;
}

void imp_inputs_free(struct imp_inputs *in)
{
	for (unsigned i = 0; i < in->count; i++) {
		free(in->trace[i].path);
		free(in->trace[i].real);
	}
	free(in->trace);
	free(in->bare);
	*in = (struct imp_inputs){ 0 };
}
