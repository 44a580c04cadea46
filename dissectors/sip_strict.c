/* Asks GNU osip2's parser whether it takes a message; the only file that knows osip2. */
#include "dissectors/sip_strict.h"

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/osip_port.h>

#include <stdlib.h>

enum {
    MESSAGE_MAX = 65536,    /* longer ones are not asked about */
    SEPARATORS_MAX = 1000,  /* osip2 walks each list to its end to add to it: 30,000 values take it 5 s (measured) */
    CHUNK_BYTES = 32 * 1024 /* what one message usually needs is a few kB */
};

/* osip2 loses memory on some malformed values (measured: MIME parts and parameters). All that it takes during
   one check comes from these chunks and goes back with them, so that hostile traffic cannot make it grow. */
struct strict_chunk {
    struct strict_chunk *next;
    size_t used, size;
    _Alignas(16) uint8_t bytes[];
};

/* osip2's allocator hooks have no context argument: the running check of this thread is found here, and only
   during it. */
static _Thread_local struct strict_chunk **current;

/* Before each block stands its size, as realloc needs it. */
struct strict_block {
    _Alignas(16) size_t size;
};

static struct strict_chunk *chunk_new(struct strict_chunk *next, size_t need)
{
    size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
    struct strict_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk != NULL) {
        chunk->next = next;
        chunk->used = 0;
        chunk->size = size;
    }
    return chunk;
}

static void *strict_malloc(size_t size)
{
    if (current == NULL)
        return malloc(size);
    if (size > PTRDIFF_MAX / 2)
        return NULL;
    size_t need = sizeof(struct strict_block) + ((size + 15) & ~(size_t)15);
    struct strict_chunk *chunk = *current;
    if (chunk == NULL || chunk->size - chunk->used < need) {
        chunk = chunk_new(chunk, need);
        if (chunk == NULL)
            return NULL;
        *current = chunk;
    }
    struct strict_block *block = (struct strict_block *)(void *)(chunk->bytes + chunk->used);
    chunk->used += need;
    block->size = size;
    return block + 1;
}

static void *strict_realloc(void *old, size_t size)
{
    if (current == NULL)
        return realloc(old, size);
    void *new = strict_malloc(size);
    if (new != NULL && old != NULL) {
        size_t had = ((struct strict_block *)old - 1)->size;
        memcpy(new, old, had < size ? had : size);
    }
    return new;
}

static void strict_free(void *block)
{
    if (current == NULL)
        free(block);
}

static void strict_silence(const char *file, int line, osip_trace_level_t level, const char *format, va_list arguments)
{
    (void)file, (void)line, (void)level, (void)format, (void)arguments;
}

void sip_strict_init(void)
{
    /* parser_init is mandatory: without it osip2 reads its empty tables and crashes. Its table lives as long as
       the process. */
    parser_init();
    /* It writes each error to stderr otherwise: without a sink of its own the first error enables all levels
       again (measured). */
    osip_trace_initialize_func(TRACE_LEVEL0, strict_silence);
    for (int level = TRACE_LEVEL0; level <= TRACE_LEVEL7; level++)
        osip_trace_disable_level((osip_trace_level_t)level);
    osip_set_allocators(strict_malloc, strict_realloc, strict_free);
}

/* A bound on how many values, parameters and headers osip2 can find. */
static bool is_simple(struct slice message)
{
    unsigned separators = 0;
    for (size_t i = 0; i < message.len; i++) {
        uint8_t c = message.data[i];
        separators += c == ',' || c == ';' || c == '&' || c == '\n' ||
                      (c == '\r' && i + 1 < message.len && message.data[i + 1] != '\n');
    }
    return separators <= SEPARATORS_MAX;
}

bool sip_strict_accepts(struct slice message)
{
    struct strict_chunk *chunks = NULL;
    osip_message_t *parsed = NULL;
    bool accepted = false;
    if (message.len == 0 || message.len > MESSAGE_MAX || !is_simple(message))
        return false;
    current = &chunks;
    if (osip_message_init(&parsed) == 0)
        accepted = osip_message_parse(parsed, (const char *)message.data, message.len) == 0;
    current = NULL;
    while (chunks != NULL) {
        struct strict_chunk *next = chunks->next;
        free(chunks);
        chunks = next;
    }
    return accepted;
}
