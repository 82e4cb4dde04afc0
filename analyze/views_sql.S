/* views.sql, views_scaling.sql and views_blockers.sql as one string in the program: schemas/embed.h */
	.section .rodata
	.global views_sql
views_sql:
	.incbin "analyze/views.sql"
	.incbin "analyze/views_scaling.sql"
	.incbin "analyze/views_blockers.sql"
	.byte 0
	.section .note.GNU-stack,"",@progbits
