/* Large blocks of the heap that are read here and there: on pages as large as the machine gives, since on small ones each look costs a
   walk through the page tables too, which a virtual machine pays twice. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

enum { MEMORY_LARGE = 2 << 20 };

/* `bytes` from the heap, to be freed with free(); from MEMORY_LARGE on aligned to it, below to 64. bytes: a whole number of 64. NULL
   without memory. */
void *memory_new(size_t bytes);

#endif
