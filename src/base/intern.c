/* Interning: a hash index over an array of copies. */
#include "base/intern.h"

#include "base/hash.h"

void intern_fini(struct intern *intern)
{
    table_fini(&intern->table);
    arena_fini(&intern->arena);
    intern->count = 0;
}

uint16_t intern_number(struct intern *intern, struct slice text)
{
    text = slice_cut(text, 0, INTERN_TEXT_MAX);
    if (text.len == 0)
        return INTERN_NONE;
    uint64_t hash = hash_bytes(intern->seed, text);
    uint32_t cursor = 0;
    for (uint32_t at; (at = table_next(&intern->table, hash, &cursor)) != TABLE_NONE;)
        if (slice_equal(intern->texts[at], text))
            return (uint16_t)(at + 1);
    if (intern->count == INTERN_MAX)
        return INTERN_NONE;
    struct slice copy = arena_copy(&intern->arena, text);
    if (copy.len == 0 || !table_add(&intern->table, hash, intern->count))
        return INTERN_NONE;
    intern->texts[intern->count] = copy;
    return ++intern->count;
}
