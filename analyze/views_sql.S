/* views.sql and views_scaling.sql as one string in the program: schemas/embed.h */
	.section .rodata
	.global views_sql
views_sql:
	.incbin "analyze/views.sql"
	.incbin "analyze/views_scaling.sql"
	.byte 0
	.section .note.GNU-stack,"",@progbits
