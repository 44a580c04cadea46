/* Records in as few bytes as they need, for who keeps many of them and looks at few at a time. */
#ifndef ANALYZER_PACKED_H
#define ANALYZER_PACKED_H

#include "base/intern.h"
#include "base/text.h"
#include "record/record.h"

/* Who makes blocks. Zeroed memory is valid. Owns its scratch. */
struct packer {
    struct text words, texts; /* scratch */
    struct intern *shared;    /* takes texts that many records have, which are named by their numbers; borrowed; NULL: none are shared */
    int64_t base;             /* scratch */
};

void packer_fini(struct packer *packer);

/* Packs a record of the table. Returns a block of the heap and its size; NULL without memory. */
uint8_t *packed_make(struct packer *packer, const struct field_table *table, const void *record, uint32_t *size);

/* A record as it comes out of its block. Zeroed memory is valid. Owns what is not the block's. */
struct unpacked {
    union {
        struct call_record call;
    } record;
    uint64_t *words;  /* scratch */
    char *lists;      /* what the record's lists and objects are */
    size_t room;      /* words */
};

void unpacked_fini(struct unpacked *unpacked);

/* Unpacks into unpacked->record, whatever was in it. Refs: texts are those of the block, and of `words`, which may grow meanwhile in
   another thread: a number in a block names a text that was there when the block was made. False without memory. */
bool packed_open(const struct field_table *table, const uint8_t *block, const struct intern *words, struct unpacked *unpacked);

#endif
