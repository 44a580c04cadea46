/* Records in as few bytes as they need, for who keeps many of them and looks at few at a time. */
#ifndef ANALYZER_PACKED_H
#define ANALYZER_PACKED_H

#include "base/intern.h"
#include "base/text.h"
#include "record/record.h"

enum { PLAN_FIELDS = 64 };

/* The fields of a table by kind, so that what is most frequent is a plain loop. Zeroed memory is valid: it is made at its first use. */
struct packed_plan {
    const struct field_table *table;
    uint16_t offsets[PLAN_FIELDS]; /* of texts, numbers, spans and reals, one kind behind the other */
    uint8_t ends[4];               /* where each of them ends */
    uint8_t rest[PLAN_FIELDS];     /* indices of the other fields */
    uint8_t rest_count;
    uint64_t own;                  /* bit by place in offsets: texts that are not shared */
};

/* Who makes blocks. Zeroed memory is valid. Owns its scratch. */
struct packer {
    struct text words, texts; /* scratch */
    struct intern *shared;    /* takes texts that many records have, which are named by their numbers; borrowed; NULL: none are shared */
    int64_t base;             /* scratch */
    struct packed_plan plan;
};

void packer_fini(struct packer *packer);

/* Packs a record of the table, which has at most PLAN_FIELDS fields. Returns a block of the heap and its size; NULL without memory. */
uint8_t *packed_make(struct packer *packer, const struct field_table *table, const void *record, uint32_t *size);

/* A record as it comes out of its block. Zeroed memory is valid. Owns what is not the block's. */
struct unpacked {
    union {
        struct call_record call;
    } record;
    uint64_t *words;  /* scratch */
    char *lists;      /* what the record's lists and objects are */
    size_t room;      /* words */
    struct packed_plan plan;
};

void unpacked_fini(struct unpacked *unpacked);

/* Unpacks into unpacked->record, whatever was in it. Refs: texts are those of the block, and of `words`, which may grow meanwhile in
   another thread: a number in a block names a text that was there when the block was made. False without memory. */
bool packed_open(const struct field_table *table, const uint8_t *block, const struct intern *words, struct unpacked *unpacked);

#endif
