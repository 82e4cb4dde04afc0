/*
 * benchpair - two commands in turn, A B A B: the ratio of their times, and of
 * the most memory that each needed with all its children together.
 *
 *   benchpair ROUNDS SLEEP_S COMMAND_A COMMAND_B
 *
 * Commands are run by `sh -c exec ...`, output thrown away. SLEEP_S is the
 * handicap that must make a limit fail, 0: none: A sleeps so long first, and
 * where memory is looked at, it sits in 64 MiB. Prints
 * "ratio MEDIAN a_s MEDIAN b_s MEDIAN extra_mib MEDIAN-OF(A - B)".
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 50

struct outcome {
	double seconds;
	double peak_mib;
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Resident memory of @pid in KiB; shared pages of a fork are counted once, in the parent (Pss). */
static long resident_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %ld kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static long tree_kib(pid_t pid)
{
	char path[64];
	long kib = resident_kib(pid);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *f = fopen(path, "r");
	int child;
	while (f && fscanf(f, "%d", &child) == 1)
		kib += tree_kib(child);
	if (f)
		fclose(f);
	return kib;
}

/* The command goes on in a child; this process holds memory until it has ended. */
static void sit_in_memory(void)
{
	const size_t size = 64u << 20;
	int status;
	pid_t pid = fork();
	if (!pid)
		return;
	char *memory = malloc(size);
	if (pid < 0 || !memory)
		_exit(126);
	for (size_t i = 0; i < size; i += 4096)
		((volatile char *)memory)[i] = 1;
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 126);
}

static struct outcome run(const char *command, unsigned nap, int watch)
{
	struct outcome o = { 0 };
	char line[4096];
	snprintf(line, sizeof(line), "exec %s", command);
	double from = now();
	pid_t pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (nap && watch)
			sit_in_memory();
		else if (nap)
			sleep(nap);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	int status;
	while (waitpid(pid, &status, watch ? WNOHANG : 0) == 0) {
		double mib = (double)tree_kib(pid) / 1024;
		if (mib > o.peak_mib)
			o.peak_mib = mib;
		usleep(4000);
	}
	o.seconds = now() - from;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "failed (status %x): %s", status, command);
	return o;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, unsigned n)
{
	qsort(v, n, sizeof(*v), ascending);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	if (argc != 5)
		errx(2, "usage: benchpair ROUNDS SLEEP_S COMMAND_A COMMAND_B");
	unsigned rounds = (unsigned)atoi(argv[1]), nap = (unsigned)atoi(argv[2]);
	if (!rounds || rounds > ROUNDS_MAX)
		errx(2, "ROUNDS is 1 to %d", ROUNDS_MAX);
	double a[ROUNDS_MAX], b[ROUNDS_MAX], ratio[ROUNDS_MAX], extra[3];
	/* Memory is looked at apart: looking costs time. */
	for (unsigned i = 0; i < 3; i++)
		extra[i] = run(argv[3], nap, 1).peak_mib - run(argv[4], 0, 1).peak_mib;
	for (unsigned i = 0; i < rounds; i++) {
		a[i] = run(argv[3], nap, 0).seconds;
		b[i] = run(argv[4], 0, 0).seconds;
		ratio[i] = a[i] / b[i];
	}
	double r = median(ratio, rounds);
	printf("ratio %.4f a_s %.4f b_s %.4f extra_mib %.1f\n", r, median(a, rounds), median(b, rounds),
	       median(extra, 3));
	return 0;
}
