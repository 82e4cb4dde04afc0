/* views.sql as a string in the program: schemas/embed.h */
	.section .rodata
	.global views_sql
views_sql:
	.incbin "analyze/views.sql"
	.byte 0
	.section .note.GNU-stack,"",@progbits
