/* mmw_read.h - what the event cursor needs of the reader. Private to mmw_*.c. */
#ifndef MMR_MMW_READ_H
#define MMR_MMW_READ_H

#include "schemas/mmw.h"

/* @n bytes from offset @at: 0, -ENODATA when the file ends before, another -errno. Thread-safe. */
int mmw_read_at(const struct mmw_reader *r, void *data, size_t n, uint64_t at);

#endif
