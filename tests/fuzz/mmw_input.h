/* mmw_input.h - what the fuzz targets that eat workload files share. */
#ifndef MMR_FUZZ_MMW_INPUT_H
#define MMR_FUZZ_MMW_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls, and what it lends to mmw_input.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* The path of a file in memory that holds @data, until the next call. */
const char *mmw_input(const uint8_t *data, size_t size);

#endif
