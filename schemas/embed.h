/* embed.h - files that travel inside the program, as terminated strings. */
#ifndef MMR_EMBED_H
#define MMR_EMBED_H

extern const char results_sql[]; /* schemas/results.sql */
extern const char views_sql[]; /* analyze/views*.sql */
extern const char report_css[]; /* analyze/report.css */

#endif
