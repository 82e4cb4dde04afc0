/* results.sql as a string in the program: schemas/embed.h */
	.section .rodata
	.global results_sql
results_sql:
	.incbin "schemas/results.sql"
	.byte 0
	.section .note.GNU-stack,"",@progbits
