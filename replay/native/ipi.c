/* TEMPORARY */
#include "replay/native/world.h"
void on_each_cpu(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) { fn(k, arg); }
void stop_machine(struct kernel *k, void (*fn)(struct kernel *k, u64 arg), u64 arg) { fn(k, arg); }
