#include "tracegen/import_chains.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* perf's marks between the parts of a chain are the highest numbers there are; kernels lie in the upper half. */
#define CONTEXT_MAX ((uint64_t)-4095)
#define KERNEL_FROM (1ull << 63)

void imp_chains_init(struct imp_chains *c)
{
	*c = (struct imp_chains){ 0 };
	pthread_mutex_init(&c->lock, NULL);
}

void imp_chains_free(struct imp_chains *c)
{
	for (uint32_t i = 0; i < c->n; i++)
		free(c->chain[i]);
	free(c->chain);
	symbols_free(&c->symbols);
	pthread_mutex_destroy(&c->lock);
	*c = (struct imp_chains){ 0 };
}

static uint64_t hash_of(const uint64_t *ip, unsigned n)
{
	uint64_t h = 0x9e3779b97f4a7c15ull;
	for (unsigned i = 0; i < n; i++) {
		h = (h ^ ip[i]) * 0xff51afd7ed558ccdull;
		h ^= h >> 32;
	}
	return h;
}

/* A new one; 0 when there is no room. Under the lock. */
static uint32_t add(struct imp_chains *c, const uint64_t *ip, unsigned n, uint64_t hash, uint32_t *bucket)
{
	if (c->n == IMP_CHAINS_MAX)
		return 0;
	if (c->n == c->room) {
		uint32_t room = c->room ? 2 * c->room : 256;
		struct imp_chain **bigger = realloc(c->chain, room * sizeof(*bigger));
		if (!bigger) {
			c->no_memory = true;
			return 0;
		}
		c->chain = bigger;
		c->room = room;
	}
	struct imp_chain *chain = malloc(sizeof(*chain) + n * sizeof(*ip));
	if (!chain) {
		c->no_memory = true;
		return 0;
	}
	*chain = (struct imp_chain){ .hash = hash, .next = *bucket, .depth = (uint8_t)n };
	memcpy(chain->ip, ip, n * sizeof(*ip));
	c->chain[c->n++] = chain;
	return *bucket = c->n;
}

int32_t imp_chain_number(struct imp_chains *c, const uint64_t *all, unsigned count)
{
	uint64_t ip[IMP_CHAIN_DEPTH];
	unsigned n = 0;
	for (unsigned i = 0; i < count && n < IMP_CHAIN_DEPTH; i++)
		if (all[i] >= KERNEL_FROM && all[i] < CONTEXT_MAX)
			ip[n++] = all[i];
	if (!n)
		return 0;
	uint64_t hash = hash_of(ip, n);
	pthread_mutex_lock(&c->lock);
	uint32_t *bucket = &c->bucket[hash % (sizeof(c->bucket) / sizeof(c->bucket[0]))], at = *bucket;
	for (; at; at = c->chain[at - 1]->next) {
		const struct imp_chain *k = c->chain[at - 1];
		if (k->hash == hash && k->depth == n && !memcmp(k->ip, ip, n * sizeof(*ip)))
			break;
	}
	if (!at)
		at = add(c, ip, n, hash, bucket);
	pthread_mutex_unlock(&c->lock);
	return (int32_t)at;
}

const struct imp_chain *imp_chain(const struct imp_chains *c, int32_t number)
{
	return number > 0 && (uint32_t)number <= c->n ? c->chain[number - 1] : NULL;
}

void imp_chains_symbol(struct imp_chains *c, uint64_t from, uint64_t to, const char *name)
{
	pthread_mutex_lock(&c->lock);
	/* A capture says each once; a hostile one must not fill the memory. */
	if (c->symbols.n < 1u << 20 && from < to && symbols_add(&c->symbols, from, to, name, true))
		c->no_memory = true;
	pthread_mutex_unlock(&c->lock);
}

/* ---- who it was ---- */

static bool begins_with_one(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strncmp(name, *list, strlen(*list)))
			return true;
	return false;
}

static bool is_one(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}

/* The kernel's lock code, and its tracing of it. Whoever calls it wants the lock. */
static bool is_lock_code(const char *name)
{
	static const char *const begins[] = { "_raw_spin_lock",
					      "_raw_spin_trylock",
					      "_raw_spin_unlock",
					      "_raw_read_",
					      "_raw_write_",
					      "__raw_spin_",
					      "__raw_read_",
					      "__raw_write_",
					      "__raw_callee_save",
					      "native_queued_",
					      "__pv_queued_",
					      "queued_spin_",
					      "queued_read_",
					      "queued_write_",
					      "rwsem_",
					      "down_read",
					      "down_write",
					      "__down",
					      "up_read",
					      "up_write",
					      "mutex_lock",
					      "mutex_unlock",
					      "__mutex_",
					      "ww_mutex_",
					      "__ww_mutex_",
					      "rt_mutex_",
					      "__rt_mutex_",
					      "rtlock_",
					      "rt_spin_",
					      "rt_read_",
					      "rt_write_",
					      "rwbase_",
					      "percpu_rwsem_",
					      "percpu_down_",
					      "__percpu_down_",
					      "__percpu_rwsem_",
					      "osq_lock",
					      "trace_contention",
					      "__traceiter_conte",
					      "perf_trace_conten",
					      "__bpf_trace_con",
					      "lock_acquire",
					      NULL };
	static const char *const whole[] = {
		"down", "down_interruptible", "down_killable", "down_timeout", "up", NULL
	};
	return begins_with_one(name, begins) || is_one(name, whole);
}

static bool is_of_interest(const char *name)
{
	static const char *const names[] = {
		"copy_process",       "do_exit",          "release_task",     "pgd_alloc", "pgd_free", "bprm_execve",
		"do_execveat_common", "__do_execve_file", "do_execve_common", NULL
	};
	return is_one(name, names);
}

bool imp_chain_caller(const struct imp_chain *chain, struct symbols *symbols, uint64_t shift, char caller[IMP_FUNCTION],
		      char within[IMP_FUNCTION])
{
	bool found = false;
	*caller = *within = '\0';
	for (unsigned i = 0; i < chain->depth; i++) {
		/* But for the innermost they say where a call returns to, which may be behind the function's end. */
		const struct symbol *s = symbols_find(symbols, chain->ip[i] + shift - (i > 0));
		char name[IMP_FUNCTION];
		if (!s && !found)
			return false;
		if (!s)
			continue;
		snprintf(name, sizeof(name), "%s", symbols_name(symbols, s));
		/* What the compiler made of a function is that function: f.isra.0, f.part.3[module]. */
		char *dot = strchr(name + 1, '.'), *module = strchr(name, '[');
		if (dot && module && dot < module)
			memmove(dot, module, strlen(module) + 1);
		else if (dot)
			*dot = '\0';
		if (!found && !is_lock_code(name)) {
			strcpy(caller, name);
			found = true;
		} else if (found && is_of_interest(name)) {
			strcpy(within, name);
			break;
		}
	}
	return found;
}
