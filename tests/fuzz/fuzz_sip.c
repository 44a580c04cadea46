/* Fuzzes the SIP claim, index, list walk, addresses, Via, grammar and the strict check over one message. */
#include <stdint.h>
#include <stdlib.h>

#include "dissectors/sip.h"
#include "dissectors/sip_grammar.h"
#include "dissectors/sip_strict.h"
#include "dissectors/sip_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct slice whole, struct slice part)
{
    if (part.len > 0 && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
        abort();
}

static void read_value(struct slice value)
{
    struct slice rest = value, one;
    struct sip_address address;
    struct sip_via via;
    size_t before = rest.len + 1;
    while (sip_list_next(&rest, &one)) {
        inside(value, one);
        if (rest.len >= before)
            abort();
        before = rest.len;
        sip_address_parse(one, &address);
        inside(one, address.uri.host);
        inside(one, address.parameters);
    }
    inside(value, sip_tag(value));
    sip_via_parse(value, &via);
    inside(value, via.branch);
    inside(value, via.host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sip_message message;
    static bool ready;
    struct slice payload = slice_of(data, size);
    struct sip_verdict verdict;
    if (!ready)
        sip_strict_init();
    ready = true;
    sip_strict_accepts(payload);
    bool claimed = sip_claim(payload);
    if (sip_parse(payload, &message) != claimed)
        abort();
    if (!claimed)
        return 0;
    inside(payload, message.bytes);
    inside(message.bytes, message.body);
    inside(message.bytes, message.call_id);
    for (unsigned i = 0; i < message.header_count; i++) {
        const struct sip_header *header = &message.headers[i];
        struct slice value = slice_cut(message.bytes, header->value, (size_t)header->value + header->value_len);
        if (value.len != header->value_len || header->id >= SIP_HEADER_COUNT)
            abort();
        read_value(value);
    }
    for (int way = 0; way < 4; way++) {
        sip_grammar_check(&message, way & 1, way & 2, &verdict);
        for (unsigned i = 0; i < verdict.count; i++)
            if (verdict.defects[i].row >= sip_defect_count)
                abort();
    }
    return 0;
}
