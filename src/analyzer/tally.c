/* Rules are few and looked for one by one; addresses may be many, so that they are hashed and limited. */
#include "analyzer/tally.h"

#include <stdlib.h>

enum { HOSTS_MAX = 4096 };

void tally_fini(struct tally *tally)
{
    free(tally->rules);
    free(tally->hosts);
    table_fini(&tally->by_host);
    *tally = (struct tally){0};
}

static void *room_for(void *items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room == 0 ? 16 : *room * 2;
    void *grown = realloc(items, more * size);
    *room = grown == NULL ? *room : more;
    return grown;
}

static void rule_count(struct tally *tally, const struct finding_record *finding)
{
    size_t i = 0;
    while (i < tally->rule_count && !slice_equal(tally->rules[i].rule, finding->rule))
        i++;
    if (i == tally->rule_count) {
        struct rule_tally *rules = room_for(tally->rules, &tally->rule_room, i, sizeof *rules);
        if (rules == NULL)
            return;
        tally->rules = rules;
        rules[tally->rule_count++] = (struct rule_tally){.rule = finding->rule, .severity = finding->severity};
    }
    tally->rules[i].findings++;
    tally->rules[i].count += finding->count;
}

static struct host_tally *host_find(struct tally *tally, const struct finding_record *finding, const char *address)
{
    uint64_t hash = hash_bytes(hash_bytes(0, slice_str(address)), finding->rule);
    uint32_t cursor = 0, number;
    while ((number = table_next(&tally->by_host, hash, &cursor)) != TABLE_NONE)
        if (slice_is(tally->hosts[number].host, address) && slice_equal(tally->hosts[number].rule, finding->rule))
            return &tally->hosts[number];
    if (tally->host_count == HOSTS_MAX)
        return NULL;
    if (tally->hosts == NULL && (tally->hosts = calloc(HOSTS_MAX, sizeof *tally->hosts)) == NULL) /* never moves: hosts borrow from it */
        return NULL;
    if (!table_add(&tally->by_host, hash, (uint32_t)tally->host_count))
        return NULL;
    struct host_tally *host = &tally->hosts[tally->host_count++];
    *host = (struct host_tally){.rule = finding->rule, .severity = finding->severity};
    memcpy(host->address, address, strlen(address) + 1);
    host->host = slice_str(host->address);
    return host;
}

void tally_count(struct tally *tally, const struct finding_record *finding)
{
    char address[ENDPOINT_TEXT_SIZE];
    struct endpoint from = finding->src;
    rule_count(tally, finding);
    if (from.family == 0)
        return;
    endpoint_format_address(&from, address);
    struct host_tally *host = host_find(tally, finding, address);
    if (host == NULL) {
        tally->hosts_left_out++;
        return;
    }
    host->findings++;
    host->count += finding->count;
}

static int order(struct slice severity)
{
    return slice_is(severity, "error") ? 0 : slice_is(severity, "warning") ? 1 : 2;
}

static int by_rule(const void *a, const void *b)
{
    const struct rule_tally *left = a, *right = b;
    int difference = order(left->severity) - order(right->severity);
    return difference != 0 ? difference : left->findings == right->findings ? 0 : left->findings < right->findings ? 1 : -1;
}

static int by_host(const void *a, const void *b)
{
    const struct host_tally *left = a, *right = b;
    int difference = order(left->severity) - order(right->severity);
    return difference != 0 ? difference : left->findings == right->findings ? 0 : left->findings < right->findings ? 1 : -1;
}

void tally_sort(struct tally *tally)
{
    if (tally->rule_count > 1)
        qsort(tally->rules, tally->rule_count, sizeof *tally->rules, by_rule);
    if (tally->host_count > 1)
        qsort(tally->hosts, tally->host_count, sizeof *tally->hosts, by_host);
    for (size_t i = 0; i < tally->host_count; i++)
        tally->hosts[i].host = slice_str(tally->hosts[i].address); /* they moved */
    table_fini(&tally->by_host);
}
