/* Transparent huge pages are asked for by madvise: where there are none, nothing is lost. */
#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

void *memory_new(size_t bytes)
{
    if (bytes < MEMORY_LARGE)
        return aligned_alloc(64, bytes);
    size_t whole = (bytes + MEMORY_LARGE - 1) / MEMORY_LARGE * MEMORY_LARGE;
    void *block = aligned_alloc(MEMORY_LARGE, whole);
#ifdef MADV_HUGEPAGE
    if (block != NULL)
        (void)madvise(block, whole, MADV_HUGEPAGE);
#endif
    return block;
}
