/* | words (4) | the words, see packing.h | bytes of texts |

   A number is a word, one more than it is, so that 0 says that it is absent; a time is its distance from the first one of the record;
   a text is twice its length, with its bytes behind the words, or twice its number among the shared ones and 1. The field tables say
   what there is: a new field of a known kind is packed too. First come the texts, numbers, spans and reals of the record, each kind
   by itself, then the rest in the table's order; the fields of objects stand in theirs. */
#include "analyzer/packed.h"

#include <math.h>
#include <stdlib.h>

#include "base/packing.h"

enum { HEAD_BYTES = 4, LIST_BYTES = 32 }; /* no member of a list or object takes more than that for a word of its own */

enum plan_kind { PLAN_TEXT, PLAN_NUMBER, PLAN_SPAN, PLAN_REAL, PLAN_KINDS };

static bool kind_is(enum plan_kind kind, const struct field *field)
{
    return kind == PLAN_TEXT     ? field->kind == FIELD_TEXT
           : kind == PLAN_NUMBER ? field->kind == FIELD_NUMBER
           : kind == PLAN_SPAN   ? field->kind == FIELD_MS || field->kind == FIELD_SIGNED
                                 : field->kind == FIELD_REAL || field->kind == FIELD_SCORE;
}

static bool is_own(const struct field_table *table, const struct field *field);

static void plan_make(struct packed_plan *plan, const struct field_table *table)
{
    unsigned count = 0;
    if (plan->table == table)
        return;
    *plan = (struct packed_plan){.table = table};
    for (int kind = 0; kind < PLAN_KINDS; kind++) {
        for (size_t i = 0; i < table->count && i < PLAN_FIELDS; i++)
            if (kind_is((enum plan_kind)kind, &table->fields[i])) {
                plan->own |= (uint64_t)is_own(table, &table->fields[i]) << count;
                plan->offsets[count++] = (uint16_t)table->fields[i].offset;
            }
        plan->ends[kind] = (uint8_t)count;
    }
    for (size_t i = 0; i < table->count && i < PLAN_FIELDS; i++) {
        bool planned = false;
        for (int kind = 0; kind < PLAN_KINDS; kind++)
            planned = planned || kind_is((enum plan_kind)kind, &table->fields[i]);
        if (!planned)
            plan->rest[plan->rest_count++] = (uint8_t)i;
    }
}

/* ---- making ---- */

static void word_put(struct packer *packer, uint64_t word)
{
    text_bytes(&packer->words, &word, sizeof word);
}

/* What is another one in nearly each record, and not worth a place among the shared ones. */
static bool is_own(const struct field_table *table, const struct field *field)
{
    if (table != &call_fields)
        return strcmp(field->name, "text") == 0 || strcmp(field->name, "transaction") == 0;
    switch (field->offset) {
    case offsetof(struct call_record, call_id):
    case offsetof(struct call_record, from_user):
    case offsetof(struct call_record, to_user):
    case offsetof(struct call_record, request_uri):
    case offsetof(struct call_record, caller_id):
    case offsetof(struct call_record, dtmf):
        return true;
    default:
        return false;
    }
}

static void text_put_packed(struct packer *packer, struct slice text, bool own)
{
    uint16_t number = own || packer->shared == NULL || text.len > INTERN_TEXT_MAX ? INTERN_NONE : intern_number(packer->shared, text);
    word_put(packer, number != INTERN_NONE ? (uint64_t)number << 1 | 1 : (uint64_t)text.len << 1);
    if (number == INTERN_NONE)
        text_slice(&packer->texts, text);
}

static void signed_put(struct packer *packer, int64_t value)
{
    word_put(packer, value == CLOCK_NONE ? 0 : packing_fold(value) + 1);
}

/* Modulo 2^64: any two times have a distance. The one that would read as absent is a nanosecond less. */
static void time_put(struct packer *packer, int64_t value)
{
    int64_t distance = (int64_t)((uint64_t)value - (uint64_t)packer->base);
    signed_put(packer, value == CLOCK_NONE ? value : distance == CLOCK_NONE ? distance + 1 : distance);
    packer->base = packer->base == 0 && value != CLOCK_NONE ? value : packer->base;
}

static void real_put(struct packer *packer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    word_put(packer, isnan(value) ? 0 : bits + 1);
}

static void related_put(struct packer *packer, const struct call_record *call)
{
    word_put(packer, call->related_count);
    for (size_t i = 0; i < call->related_count; i++) {
        word_put(packer, call->related[i].id);
        word_put(packer, (uint64_t)(uintptr_t)call->related[i].why); /* a text of the program's */
        word_put(packer, call->related[i].score);
    }
}

static void members_put(struct packer *packer, const struct field_table *table, const void *record);

static void objects_put(struct packer *packer, const struct field_table *table, const char *objects, size_t count)
{
    word_put(packer, objects == NULL ? 0 : count);
    for (size_t i = 0; objects != NULL && i < count; i++)
        members_put(packer, table, objects + i * table->size);
}

static void list_put(struct packer *packer, const struct field *field, const void *member)
{
    const struct text_list *texts = member;
    const struct number_list *numbers = member;
    size_t count = field->kind == FIELD_TEXTS ? texts->count : numbers->count;
    word_put(packer, count);
    for (size_t i = 0; i < count; i++)
        if (field->kind == FIELD_TEXTS)
            text_put_packed(packer, texts->items[i], false);
        else
            word_put(packer, numbers->items[i]);
}

static void member_put(struct packer *packer, const struct field_table *table, const struct field *field, const void *record)
{
    const void *member = (const char *)record + field->offset;
    size_t count = 1;
    switch (field->kind) {
    case FIELD_TEXT:
        text_put_packed(packer, *(const struct slice *)member, is_own(table, field));
        break;
    case FIELD_NUMBER:
        word_put(packer, *(const uint64_t *)member + 1); /* NUMBER_NONE becomes 0 */
        break;
    case FIELD_TIME:
        time_put(packer, *(const int64_t *)member);
        break;
    case FIELD_MS:
    case FIELD_SIGNED:
        signed_put(packer, *(const int64_t *)member);
        break;
    case FIELD_ENDPOINT:
        text_put_packed(packer, slice_of(member, ((const struct endpoint *)member)->family == 0 ? 0 : sizeof(struct endpoint)), false);
        break;
    case FIELD_FLAG:
        word_put(packer, *(const bool *)member);
        break;
    case FIELD_KNOWN:
        word_put(packer, (uint64_t)(*(const int8_t *)member + 1));
        break;
    case FIELD_REAL:
    case FIELD_SCORE:
        real_put(packer, *(const double *)member);
        break;
    case FIELD_TEXTS:
    case FIELD_NUMBERS:
        list_put(packer, field, member);
        break;
    case FIELD_RELATED:
        related_put(packer, record);
        break;
    case FIELD_FINDINGS:
    case FIELD_STATES:
        for (int i = 0; i < (field->kind == FIELD_FINDINGS ? (int)SEVERITY_COUNT : (int)CALL_STATE_COUNT); i++)
            word_put(packer, ((const uint64_t *)member)[i]);
        break;
    case FIELD_OBJECTS:
        memcpy(&count, (const char *)member + sizeof(void *), sizeof count);
        objects_put(packer, field->object, *(const char *const *)member, count);
        break;
    case FIELD_OBJECT:
        objects_put(packer, field->object, *(const char *const *)member, 1);
        break;
    }
}

static void members_put(struct packer *packer, const struct field_table *table, const void *record)
{
    for (size_t i = 0; i < table->count; i++)
        member_put(packer, table, &table->fields[i], record);
}

static void planned_put(struct packer *packer, const void *record)
{
    const struct packed_plan *plan = &packer->plan;
    const char *members = record;
    unsigned i = 0;
    for (; i < plan->ends[PLAN_TEXT]; i++)
        text_put_packed(packer, *(const struct slice *)(const void *)(members + plan->offsets[i]), (plan->own >> i & 1) != 0);
    for (; i < plan->ends[PLAN_NUMBER]; i++)
        word_put(packer, *(const uint64_t *)(const void *)(members + plan->offsets[i]) + 1);
    for (; i < plan->ends[PLAN_SPAN]; i++)
        signed_put(packer, *(const int64_t *)(const void *)(members + plan->offsets[i]));
    for (; i < plan->ends[PLAN_REAL]; i++)
        real_put(packer, *(const double *)(const void *)(members + plan->offsets[i]));
    for (unsigned n = 0; n < plan->rest_count; n++)
        member_put(packer, plan->table, &plan->table->fields[plan->rest[n]], record);
}

void packer_fini(struct packer *packer)
{
    text_fini(&packer->words);
    text_fini(&packer->texts);
}

uint8_t *packed_make(struct packer *packer, const struct field_table *table, const void *record, uint32_t *size)
{
    text_reset(&packer->words);
    text_reset(&packer->texts);
    packer->base = 0;
    plan_make(&packer->plan, table);
    planned_put(packer, record);
    size_t count = packer->words.len / sizeof(uint64_t), texts = packer->texts.len;
    bool packed = !packer->words.failed && !packer->texts.failed && text_reserve(&packer->texts, PACKING_ROOM(count) + PACKING_SLACK);
    if (!packed)
        return NULL;
    uint8_t *words = (uint8_t *)packer->texts.data + texts; /* behind the texts: to know how many bytes they are */
    size_t bytes = (size_t)(packing_put(words, (const uint64_t *)(const void *)packer->words.data, count) - words);
    *size = (uint32_t)(HEAD_BYTES + bytes + texts + PACKING_SLACK);
    uint8_t *block = malloc(*size);
    if (block == NULL)
        return NULL;
    memcpy(block, &(uint32_t){(uint32_t)count}, HEAD_BYTES);
    memcpy(block + HEAD_BYTES, words, bytes);
    if (texts > 0)
        memcpy(block + HEAD_BYTES + bytes, packer->texts.data, texts);
    memset(block + *size - PACKING_SLACK, 0, PACKING_SLACK);
    return block;
}

/* ---- opening ---- */

struct opener {
    const uint64_t *words;
    const uint8_t *texts;
    const struct intern *shared;
    char *lists;
    int64_t base;
};

static void *room_take(struct opener *opener, size_t bytes)
{
    void *room = opener->lists;
    opener->lists += (bytes + 7) / 8 * 8;
    return room;
}

static struct slice text_get(struct opener *opener)
{
    uint64_t word = *opener->words++;
    if (word & 1)
        return opener->shared->texts[(word >> 1) - 1];
    struct slice text = word == 0 ? SLICE_NONE : slice_of(opener->texts, (size_t)(word >> 1));
    opener->texts += text.len;
    return text;
}

static int64_t signed_get(struct opener *opener)
{
    uint64_t word = *opener->words++;
    return word == 0 ? CLOCK_NONE : packing_unfold(word - 1);
}

static int64_t time_get(struct opener *opener)
{
    int64_t value = signed_get(opener);
    if (value == CLOCK_NONE)
        return value;
    value = (int64_t)((uint64_t)value + (uint64_t)opener->base);
    opener->base = opener->base == 0 ? value : opener->base;
    return value;
}

static double real_get(struct opener *opener)
{
    uint64_t word = *opener->words++, bits = word - 1;
    double value;
    memcpy(&value, &bits, sizeof value);
    return word == 0 ? (double)NAN : value;
}

static void related_get(struct opener *opener, struct call_record *call)
{
    call->related_count = (size_t)*opener->words++;
    struct related_call *related = room_take(opener, call->related_count * sizeof *related);
    for (size_t i = 0; i < call->related_count; i++, opener->words += 3)
        related[i] = (struct related_call){opener->words[0], (const char *)(uintptr_t)opener->words[1], (unsigned)opener->words[2]};
    call->related = related;
}

static void members_get(struct opener *opener, const struct field_table *table, void *record);

static void objects_get(struct opener *opener, const struct field *field, void *member)
{
    size_t count = (size_t)*opener->words++;
    char *objects = count == 0 ? NULL : room_take(opener, count * field->object->size);
    for (size_t i = 0; i < count; i++)
        members_get(opener, field->object, objects + i * field->object->size);
    *(const char **)member = objects;
    if (field->kind == FIELD_OBJECTS)
        memcpy((char *)member + sizeof(void *), &count, sizeof count);
}

static void list_get(struct opener *opener, const struct field *field, void *member)
{
    size_t count = (size_t)*opener->words++;
    if (field->kind == FIELD_TEXTS) {
        struct slice *items = room_take(opener, count * sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = text_get(opener);
        *(struct text_list *)member = (struct text_list){items, count};
    } else {
        uint64_t *items = room_take(opener, count * sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = *opener->words++;
        *(struct number_list *)member = (struct number_list){items, count};
    }
}

static void endpoint_get(struct opener *opener, struct endpoint *endpoint)
{
    struct slice bytes = text_get(opener);
    *endpoint = (struct endpoint){0};
    if (bytes.len == sizeof *endpoint)
        memcpy(endpoint, bytes.data, sizeof *endpoint);
}

static void member_get(struct opener *opener, const struct field *field, void *record)
{
    void *member = (char *)record + field->offset;
    switch (field->kind) {
    case FIELD_TEXT:
        *(struct slice *)member = text_get(opener);
        break;
    case FIELD_NUMBER:
        *(uint64_t *)member = *opener->words++ - 1;
        break;
    case FIELD_TIME:
        *(int64_t *)member = time_get(opener);
        break;
    case FIELD_MS:
    case FIELD_SIGNED:
        *(int64_t *)member = signed_get(opener);
        break;
    case FIELD_ENDPOINT:
        endpoint_get(opener, member);
        break;
    case FIELD_FLAG:
        *(bool *)member = *opener->words++ != 0;
        break;
    case FIELD_KNOWN:
        *(int8_t *)member = (int8_t)((int)*opener->words++ - 1);
        break;
    case FIELD_REAL:
    case FIELD_SCORE:
        *(double *)member = real_get(opener);
        break;
    case FIELD_TEXTS:
    case FIELD_NUMBERS:
        list_get(opener, field, member);
        break;
    case FIELD_RELATED:
        related_get(opener, record);
        break;
    case FIELD_FINDINGS:
    case FIELD_STATES:
        for (int i = 0; i < (field->kind == FIELD_FINDINGS ? (int)SEVERITY_COUNT : (int)CALL_STATE_COUNT); i++)
            ((uint64_t *)member)[i] = *opener->words++;
        break;
    case FIELD_OBJECT:
    case FIELD_OBJECTS:
        objects_get(opener, field, member);
        break;
    }
}

static void members_get(struct opener *opener, const struct field_table *table, void *record)
{
    for (size_t i = 0; i < table->count; i++)
        member_get(opener, &table->fields[i], record);
}

static void planned_get(struct opener *opener, const struct packed_plan *plan, void *record)
{
    const uint64_t *words = opener->words;
    const uint8_t *texts = opener->texts;
    char *members = record;
    unsigned i = 0;
    for (; i < plan->ends[PLAN_TEXT]; i++) {
        uint64_t word = *words++;
        struct slice text = word & 1 ? opener->shared->texts[(word >> 1) - 1] : slice_of(texts, (size_t)(word >> 1));
        texts += word & 1 ? 0 : text.len;
        *(struct slice *)(void *)(members + plan->offsets[i]) = text;
    }
    for (; i < plan->ends[PLAN_NUMBER]; i++)
        *(uint64_t *)(void *)(members + plan->offsets[i]) = *words++ - 1;
    opener->words = words;
    opener->texts = texts;
    for (; i < plan->ends[PLAN_SPAN]; i++)
        *(int64_t *)(void *)(members + plan->offsets[i]) = signed_get(opener);
    for (; i < plan->ends[PLAN_REAL]; i++)
        *(double *)(void *)(members + plan->offsets[i]) = real_get(opener);
    for (unsigned n = 0; n < plan->rest_count; n++)
        member_get(opener, &plan->table->fields[plan->rest[n]], record);
}

void unpacked_fini(struct unpacked *unpacked)
{
    free(unpacked->words);
    free(unpacked->lists);
    *unpacked = (struct unpacked){0};
}

static bool unpacked_reserve(struct unpacked *unpacked, size_t count)
{
    if (count <= unpacked->room)
        return true;
    uint64_t *words = realloc(unpacked->words, (count + 1) * sizeof *words);
    unpacked->words = words != NULL ? words : unpacked->words;
    char *lists = words == NULL ? NULL : realloc(unpacked->lists, count * LIST_BYTES);
    unpacked->lists = lists != NULL ? lists : unpacked->lists;
    unpacked->room = lists != NULL ? count : unpacked->room;
    return lists != NULL;
}

bool packed_open(const struct field_table *table, const uint8_t *block, const struct intern *words, struct unpacked *unpacked)
{
    uint32_t count;
    memcpy(&count, block, HEAD_BYTES);
    if (!unpacked_reserve(unpacked, count))
        return false;
    const uint8_t *texts = packing_get(block + HEAD_BYTES, unpacked->words, count);
    struct opener opener = {.words = unpacked->words, .texts = texts, .shared = words, .lists = unpacked->lists};
    plan_make(&unpacked->plan, table);
    planned_get(&opener, &unpacked->plan, &unpacked->record);
    return true;
}
