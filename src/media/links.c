/* The lists that tie streams together, and the streams of an SSRC. */
#include "media/state.h"

#include <stdlib.h>

void list_add(struct media *media, enum list list, uint32_t *head, uint32_t number)
{
    struct link *link = &detail_at(media, number)->links[list];
    link->before = POOL_NONE;
    link->next = *head;
    if (*head != POOL_NONE)
        detail_at(media, *head)->links[list].before = number;
    *head = number;
}

void list_remove(struct media *media, enum list list, uint32_t *head, uint32_t number)
{
    struct link *link = &detail_at(media, number)->links[list];
    if (link->before == POOL_NONE)
        *head = link->next;
    else
        detail_at(media, link->before)->links[list].next = link->next;
    if (link->next != POOL_NONE)
        detail_at(media, link->next)->links[list].before = link->before;
}

static uint64_t ssrc_hash(const struct media *media, uint32_t ssrc)
{
    return hash_word(media->config.hash_seed, ssrc);
}

uint32_t streams_of_ssrc(const struct media *media, uint32_t ssrc)
{
    uint64_t hash = ssrc_hash(media, ssrc);
    uint32_t cursor = 0, number;
    while ((number = table_next(&media->by_ssrc, hash, &cursor)) != TABLE_NONE)
        if (detail_at(media, number)->ssrc == ssrc)
            return number;
    return POOL_NONE;
}

bool ssrc_add(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    uint64_t hash = ssrc_hash(media, detail->ssrc);
    uint32_t head = streams_of_ssrc(media, detail->ssrc);
    if (head != POOL_NONE)
        (void)table_remove(&media->by_ssrc, hash, head);
    list_add(media, LIST_SSRC, &head, number);
    return table_add(&media->by_ssrc, hash, number); /* after a removal there is room; else nothing was listed */
}

void ssrc_remove(struct media *media, uint32_t number)
{
    struct detail *detail = detail_at(media, number);
    uint64_t hash = ssrc_hash(media, detail->ssrc);
    uint32_t head = streams_of_ssrc(media, detail->ssrc), next = head;
    list_remove(media, LIST_SSRC, &next, number);
    if (head == number) {
        (void)table_remove(&media->by_ssrc, hash, number);
        if (next != POOL_NONE)
            (void)table_add(&media->by_ssrc, hash, next);
    }
}

void ssrc_prefetch(const struct media *media, uint32_t ssrc)
{
    table_prefetch(&media->by_ssrc, ssrc_hash(media, ssrc));
}

static int by_id(const void *a, const void *b)
{
    const struct stream_order *left = a, *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

void streams_sort(struct stream_order *order, size_t count)
{
    qsort(order, count, sizeof *order, by_id);
}
