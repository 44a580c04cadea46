/* Fuzzes the query language: any text either compiles or gives a message, and what compiles can be asked. */
#include <stdlib.h>

#include "record/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    struct slice agents[2] = {slice_str("SBC 1.0"), slice_str("phone")};
    const struct call_record call = {.id = 7,
                                     .call_id = slice_str("a@b"),
                                     .state = slice_str("completed"),
                                     .start = 1,
                                     .answer = CLOCK_NONE,
                                     .pdd = 5 * NS_PER_MS,
                                     .duration = CLOCK_NONE,
                                     .status = 200,
                                     .q850 = NUMBER_NONE,
                                     .user_agents = {agents, 2}};
    char *text = malloc(size + 1);
    if (text == NULL || size > 2000) {
        free(text);
        return 0;
    }
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    struct query *query = query_new(text, &error);
    if (query != NULL)
        (void)query_matches(query, &call);
    query_free(query);
    free(text);
    return 0;
}
