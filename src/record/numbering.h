/* Whose a telephone number is: country codes of ITU-T E.164. */
#ifndef RECORD_NUMBERING_H
#define RECORD_NUMBERING_H

#include "base/slice.h"

struct numbering {
    const char *prefix;     /* the digits it was known by */
    const char country[3];  /* ISO 3166-1; empty for services that are of no country */
    uint8_t code_len;       /* digits of the country code */
    uint8_t least, most;    /* digits that may follow the country code */
};

/* The longest match of the digits of a number with plus; NULL: no country has such a code, or it is no such number. */
const struct numbering *numbering_find(struct slice number);

/* NULL where the number can be one; else what is wrong with it, in buffer. row: what numbering_find gave. */
const char *numbering_fault(struct slice number, const struct numbering *row, char *buffer, size_t size);

#endif
