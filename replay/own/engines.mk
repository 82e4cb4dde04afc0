# What a design is compiled for, once per engine and lock kind: no indirect call
# is left inside a critical section. In the sim, where a lock only costs virtual
# time, the kind is looked up, so one compile is all five. Later engines add
# their folder to ENGINES. Read by the Makefile and by design.mk.
ENGINES := native check sim
LOCKS_native := ticket qspinlock mutex
LOCKS_check := blocking ticket qspinlock
LOCKS_sim := any
