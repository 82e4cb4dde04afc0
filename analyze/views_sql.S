/* What travels inside the program, each as one string: schemas/embed.h */
	.section .rodata
	.global views_sql
views_sql:
	.incbin "analyze/views.sql"
	.incbin "analyze/views_compare.sql"
	.incbin "analyze/views_scaling.sql"
	.incbin "analyze/views_blockers.sql"
	.incbin "analyze/views_who.sql"
	.incbin "analyze/views_kernel.sql"
	.byte 0
	.global report_css
report_css:
	.incbin "analyze/report.css"
	.byte 0
	.section .note.GNU-stack,"",@progbits
