/*
 * store_migrate.h - stores that an older program made. Internal to analyze.
 *
 * Writing brings one up to date, in the file; reading leaves the file alone and
 * hides what it lacks behind TEMP tables and views of the connection.
 */
#ifndef MMR_AZ_STORE_MIGRATE_H
#define MMR_AZ_STORE_MIGRATE_H

#include "analyze/sql.h"

/* PRAGMA user_version, log included; -ENOTSUP when it is one that is yet to come. */
int store_version(struct sql *s, unsigned *version, struct mmr_err *e);

/* Bring the store up to date; the caller's transaction is around it. */
int store_migrate(struct sql *s, struct mmr_err *e);

/* For this connection, make the store look like one of STORE_VERSION. */
int store_overlay(struct sql *s, unsigned version, struct mmr_err *e);

#endif
