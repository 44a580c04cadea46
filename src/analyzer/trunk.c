/* Facts are taken from the first message that has them and then kept: an id that changed in the middle of a call would be two. */
#include "analyzer/trunk.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/text.h"
#include "base/uuid.h"
#include "dissectors/sip_uri.h"
#include "rules/profile.h"

enum { NUMBER_MOST = 128, GROUPS = 10, HOST_MOST = 256 };

/* What only an INVITE's call has: one block, the numbers behind it. Owns auth_user. */
struct numbers {
    struct slice source, destination, auth_user;
    bool at_trunk;            /* of the hop to the trunk; else of one within the customer's network */
    bool streaming;
    char texts[];
};

struct trunk_call {
    bool begun;               /* false: of no call yet, or forgotten */
    bool answered, failed;
    uint16_t connector;       /* interned */
    uint16_t region;          /* 1 + index in the profile; 0: not known */
    struct uuid uuid;
    struct numbers *numbers;  /* NULL: not seen yet */
};

enum { CHUNK_CALLS = 256, NEAR_BITS = 10, NEAR = 1 << NEAR_BITS };

/* The calls of neighbouring ids: found without a search, because ids are given in order. */
struct chunk {
    uint32_t live;
    struct trunk_call calls[CHUNK_CALLS];
};

/* What a host name was found to be. */
struct near_host {
    uint64_t hash;            /* 0: free */
    uint16_t connector;       /* interned; INTERN_NONE: not the trunk's */
};

/* A range of the profile's regions, for IPv4 made to be compared at once. */
struct place {
    uint32_t network, mask;   /* IPv4 */
    uint16_t region;          /* 1 + index */
    const struct network *whole;
};

struct trunk {
    struct trunk_config config;
    struct chunk **chunks;    /* by id / CHUNK_CALLS; NULL: all forgotten, or none yet */
    uint32_t chunk_count;
    uint32_t chunks_live;
    size_t text_bytes;        /* of struct numbers and what they own */
    struct intern connectors;
    struct near_host hosts[NEAR];
    struct place *places[2];  /* IPv4, IPv6; the narrowest first */
    size_t place_count[2];
    struct uuid_maker *maker;
    struct text name;         /* scratch */
    const char *event;        /* of the message that was seen last; NULL */
    char uuid_text[UUID_TEXT];
    struct call_trunk facts;
};

/* The namespace of our UUIDs, itself an arbitrary one (version 4). */
static const struct uuid space = {{0x5d, 0x0c, 0x3b, 0x8e, 0x41, 0x7a, 0x4f, 0x26, 0x9b, 0x1d, 0x3e, 0x52, 0xc8, 0x90, 0x6a, 0x7f}};

static uint32_t address_word(const struct endpoint *address)
{
    return (uint32_t)address->address[0] << 24 | (uint32_t)address->address[1] << 16 | (uint32_t)address->address[2] << 8 | address->address[3];
}

static int place_order(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int narrower = (int)right->whole->bits - (int)left->whole->bits;
    return narrower != 0 ? narrower : (int)left->region - (int)right->region;
}

/* The signaling ranges of the profile; false without memory. */
static bool places_take(struct trunk *trunk)
{
    const struct profile *profile = trunk->config.profile;
    size_t most = 0;
    for (size_t r = 0; profile != NULL && r < profile->region_count; r++)
        most += profile->regions[r].signaling_count;
    for (unsigned six = 0; six < 2; six++)
        if ((trunk->places[six] = calloc(most + 1, sizeof(struct place))) == NULL)
            return false;
    for (size_t r = 0; profile != NULL && r < profile->region_count; r++)
        for (size_t i = 0; i < profile->regions[r].signaling_count; i++) {
            const struct network *network = &profile->regions[r].signaling[i].network;
            unsigned six = network->address.family == 6;
            if (network->bits == 0)
                continue;
            trunk->places[six][trunk->place_count[six]++] = (struct place){.network = address_word(&network->address),
                                                                          .mask = six ? 0 : ~UINT32_C(0) << (32 - network->bits),
                                                                          .region = (uint16_t)(r + 1),
                                                                          .whole = network};
        }
    for (unsigned six = 0; six < 2; six++)
        qsort(trunk->places[six], trunk->place_count[six], sizeof(struct place), place_order);
    return true;
}

struct trunk *trunk_new(const struct trunk_config *config)
{
    struct trunk *trunk = calloc(1, sizeof *trunk);
    if (trunk == NULL)
        return NULL;
    trunk->config = *config;
    trunk->connectors.seed = config->hash_seed;
    if (places_take(trunk) && (trunk->maker = uuid_maker_new(&space)) != NULL)
        return trunk;
    trunk_free(trunk);
    return NULL;
}

static void numbers_free(struct numbers *numbers)
{
    if (numbers == NULL)
        return;
    free((void *)(uintptr_t)numbers->auth_user.data);
    free(numbers);
}

void trunk_free(struct trunk *trunk)
{
    if (trunk == NULL)
        return;
    for (uint32_t i = 0; i < trunk->chunk_count; i++) {
        for (uint32_t k = 0; trunk->chunks[i] != NULL && k < CHUNK_CALLS; k++)
            numbers_free(trunk->chunks[i]->calls[k].numbers);
        free(trunk->chunks[i]);
    }
    free(trunk->chunks);
    free(trunk->places[0]);
    free(trunk->places[1]);
    uuid_maker_free(trunk->maker);
    intern_fini(&trunk->connectors);
    text_fini(&trunk->name);
    free(trunk);
}

/* NULL: nothing is known of it. */
static struct trunk_call *call_find(const struct trunk *trunk, uint32_t id)
{
    uint32_t at = id / CHUNK_CALLS;
    if (at >= trunk->chunk_count || trunk->chunks[at] == NULL)
        return NULL;
    struct trunk_call *call = &trunk->chunks[at]->calls[id % CHUNK_CALLS];
    return call->begun ? call : NULL;
}

void trunk_prefetch(const struct trunk *trunk, uint32_t id)
{
    uint32_t at = id / CHUNK_CALLS;
    if (at < trunk->chunk_count && trunk->chunks[at] != NULL)
        __builtin_prefetch(&trunk->chunks[at]->calls[id % CHUNK_CALLS]);
}

/* A place for a call; NULL without memory. */
static struct trunk_call *call_make(struct trunk *trunk, uint32_t id)
{
    uint32_t at = id / CHUNK_CALLS;
    if (at >= trunk->chunk_count) {
        uint32_t count = at < 32 ? 64 : at * 2;
        struct chunk **chunks = realloc(trunk->chunks, count * sizeof(struct chunk *));
        if (chunks == NULL)
            return NULL;
        memset(chunks + trunk->chunk_count, 0, (count - trunk->chunk_count) * sizeof(struct chunk *));
        trunk->chunks = chunks;
        trunk->chunk_count = count;
    }
    if (trunk->chunks[at] == NULL) {
        if ((trunk->chunks[at] = calloc(1, sizeof(struct chunk))) == NULL)
            return NULL;
        trunk->chunks_live++;
    }
    struct trunk_call *call = &trunk->chunks[at]->calls[id % CHUNK_CALLS];
    call->begun = true;
    trunk->chunks[at]->live++;
    return call;
}

/* The connector that a host name of the trunk has in it; SLICE_NONE. */
static struct slice host_match(const struct profile *profile, struct slice host)
{
    regmatch_t groups[GROUPS];
    char name[HOST_MOST];
    unsigned group = profile->connector_group;
    if (!profile->has_host || group == 0 || group >= GROUPS || host.len == 0 || host.len >= sizeof name ||
        slice_find(host, 0, '\0') < host.len)
        return SLICE_NONE;
    memcpy(name, host.data, host.len);
    name[host.len] = '\0';
    if (regexec(&profile->host, name, GROUPS, groups, 0) != 0 || groups[group].rm_so < 0)
        return SLICE_NONE;
    return slice_cut(host, (size_t)groups[group].rm_so, (size_t)groups[group].rm_eo);
}

/* The value of a header that the list of known ones does not have. */
static struct slice header_named(const struct sip_message *message, struct slice name)
{
    for (unsigned i = 0; i < message->header_count && name.len > 0; i++) {
        const struct sip_header *header = &message->headers[i];
        if (header->name_len == name.len && header->id == SIP_HEADER_OTHER &&
            slice_equal_nocase(slice_cut(message->bytes, header->name, (size_t)header->name + header->name_len), name))
            return slice_cut(message->bytes, header->value, (size_t)header->value + header->value_len);
    }
    return SLICE_NONE;
}

/* The same, interned; an expression is only matched against hosts that are new. */
static uint16_t host_connector(struct trunk *trunk, struct slice host)
{
    uint8_t end = trunk->config.profile->host_end;
    if (host.len == 0 || (end != 0 && ascii_lower(host.data[host.len - 1]) != end))
        return INTERN_NONE;
    uint64_t hash = hash_bytes(trunk->config.hash_seed, host) | 1;
    struct near_host *near = &trunk->hosts[hash >> (64 - NEAR_BITS)];
    if (near->hash != hash)
        *near = (struct near_host){.hash = hash,
                                   .connector = intern_number(&trunk->connectors, host_match(trunk->config.profile, host))};
    return near->connector;
}

/* The trunk's header, its host name in Request-URI or To, or the one that TLS asked for; INTERN_NONE where nothing shows it. */
static uint16_t connector_of(struct trunk *trunk, const struct sighting *sighting, const struct sip_message *message)
{
    const struct profile *profile = trunk->config.profile;
    struct slice host = SLICE_NONE;
    struct sip_uri uri;
    struct sip_address to;
    if (profile == NULL)
        return INTERN_NONE;
    uint16_t connector = intern_number(&trunk->connectors, header_named(message, profile->connector_header));
    if (connector == INTERN_NONE && message->request && sip_uri_parse(message->uri, &uri))
        connector = host_connector(trunk, host = uri.host);
    if (connector == INTERN_NONE && sip_address_parse(sip_header_value(message, SIP_HEADER_TO), &to) && !slice_equal(to.uri.host, host))
        connector = host_connector(trunk, to.uri.host);
    return connector != INTERN_NONE ? connector : host_connector(trunk, sighting->server_name);
}

/* The region of the narrowest range that has the address; 0. */
static uint16_t region_of(const struct trunk *trunk, const struct endpoint *address)
{
    uint32_t word = address_word(address);
    unsigned six = address->family == 6;
    for (size_t i = 0; i < trunk->place_count[six]; i++) {
        const struct place *place = &trunk->places[six][i];
        if (six ? network_has(place->whole, address) : (word & place->mask) == place->network)
            return place->region;
    }
    return 0;
}

static uint16_t region_find(const struct trunk *trunk, const struct sighting *sighting)
{
    uint16_t region = region_of(trunk, &sighting->dst);
    return region != 0 ? region : region_of(trunk, &sighting->src);
}

/* The site's where no packet tells. */
static struct slice connector_name(const struct trunk *trunk, const struct trunk_call *call)
{
    if (call->connector != INTERN_NONE)
        return intern_text(&trunk->connectors, call->connector);
    return trunk->config.site == NULL ? SLICE_NONE : trunk->config.site->connector_id;
}

/* "CONNECTOR\nCALL-ID\nTAG\nMS": stable from run to run, and another one for a Call-ID that is used again. */
static struct uuid call_name(struct trunk *trunk, const struct trunk_call *call, const struct sighting *sighting,
                             const struct sip_message *message)
{
    struct text *name = &trunk->name;
    text_reset(name);
    text_slice(name, connector_name(trunk, call));
    text_put(name, '\n');
    text_slice(name, message->call_id);
    text_put(name, '\n');
    text_slice(name, sip_tag(sip_header_value(message, SIP_HEADER_FROM)));
    text_put(name, '\n');
    text_int(name, sighting->time_ns / NS_PER_MS);
    return uuid_make(trunk->maker, slice_of(name->data, name->len));
}

static struct trunk_call *call_begin(struct trunk *trunk, uint32_t id, const struct sighting *sighting, const struct sip_message *message)
{
    struct trunk_call *call = call_make(trunk, id);
    if (call == NULL)
        return NULL;
    call->connector = connector_of(trunk, sighting, message);
    call->region = region_find(trunk, sighting);
    call->uuid = call_name(trunk, call, sighting, message);
    return call;
}

/* Digits with separators that are there for people alone (RFC 3966 5.1.1): "+1-212-555-1212", "(212) 555.1212". */
static bool is_separated(struct slice user)
{
    static const char allowed[] = "0123456789-.()";
    bool digits = false;
    for (size_t i = user.len > 0 && user.data[0] == '+' ? 1 : 0; i < user.len; i++) {
        if (user.data[i] == '\0' || strchr(allowed, user.data[i]) == NULL)
            return false;
        digits |= ascii_digit(user.data[i]);
    }
    return digits;
}

/* A number as the trunk reads it: up to parameters, %2B is a plus (RFC 3261 19.1.4). buffer has room for NUMBER_MOST. */
static struct slice number_of(struct slice user, char *buffer)
{
    size_t len = 0, kept = 0;
    user = slice_cut(user, 0, slice_find(user, 0, ';'));
    for (size_t i = 0; i < user.len && len < NUMBER_MOST; i++) {
        bool plus = slice_starts_nocase(slice_after(user, i), "%2b");
        buffer[len++] = plus ? '+' : (char)user.data[i];
        i += plus ? 2 : 0;
    }
    if (!is_separated(slice_of(buffer, len)))
        return slice_of(buffer, len);
    for (size_t i = 0; i < len; i++)
        if (buffer[i] == '+' || ascii_digit((uint8_t)buffer[i]))
            buffer[kept++] = buffer[i];
    return slice_of(buffer, kept);
}

static struct slice user_of(const struct sip_message *message, enum sip_header_id header)
{
    struct slice rest = sip_header_value(message, header), value;
    struct sip_address address;
    if (rest.len == 0 || !sip_list_next(&rest, &value))
        return SLICE_NONE;
    (void)sip_address_parse(value, &address);
    return address.uri.user;
}

/* The first header of the profile's order that has a user. */
static struct slice caller_of(const struct trunk *trunk, const struct sip_message *message)
{
    static const enum sip_header_id usual[] = {SIP_HEADER_P_ASSERTED_IDENTITY, SIP_HEADER_FROM, SIP_HEADER_OTHER};
    const struct profile *profile = trunk->config.profile;
    const enum sip_header_id *order = profile != NULL && profile->caller_order[0] != SIP_HEADER_OTHER ? profile->caller_order : usual;
    for (struct slice user; *order != SIP_HEADER_OTHER; order++)
        if ((user = user_of(message, *order)).len > 0)
            return user;
    return user_of(message, SIP_HEADER_FROM);
}

/* RFC 7866: a recording session says so in Require, in Contact, or by the metadata in its body. */
static bool is_recording(const struct sip_message *message)
{
    struct slice rest = sip_header_value(message, SIP_HEADER_REQUIRE), value;
    while (sip_list_next(&rest, &value))
        if (slice_is_nocase(slice_trim(value), "siprec"))
            return true;
    static const char metadata[] = "rs-metadata", source[] = "+sip.src";
    struct slice contact = sip_header_value(message, SIP_HEADER_CONTACT);
    return (message->body.len > 0 && memmem(message->body.data, message->body.len, metadata, sizeof metadata - 1) != NULL) ||
           (contact.len > 0 && memmem(contact.data, contact.len, source, sizeof source - 1) != NULL);
}

static void numbers_forget(struct trunk *trunk, struct trunk_call *call)
{
    struct numbers *numbers = call->numbers;
    if (numbers != NULL)
        trunk->text_bytes -= sizeof *numbers + numbers->source.len + numbers->destination.len + numbers->auth_user.len;
    numbers_free(numbers);
    call->numbers = NULL;
}

static void numbers_take(struct trunk *trunk, struct trunk_call *call, const struct sip_message *message, bool at_trunk)
{
    struct sip_uri uri = {0};
    char source_text[NUMBER_MOST], destination_text[NUMBER_MOST];
    (void)sip_uri_parse(message->uri, &uri);
    struct slice source = number_of(caller_of(trunk, message), source_text);
    struct slice destination = number_of(uri.user.len > 0 ? uri.user : user_of(message, SIP_HEADER_TO), destination_text);
    bool streaming = is_recording(message) || (call->numbers != NULL && call->numbers->streaming);
    numbers_forget(trunk, call);
    struct numbers *numbers = call->numbers = malloc(sizeof *numbers + source.len + destination.len);
    if (numbers == NULL)
        return;
    memcpy(numbers->texts, source_text, source.len);
    memcpy(numbers->texts + source.len, destination_text, destination.len);
    trunk->text_bytes += sizeof *numbers + source.len + destination.len;
    numbers->source = slice_of(numbers->texts, source.len);
    numbers->destination = slice_of(numbers->texts + source.len, destination.len);
    numbers->auth_user = SLICE_NONE;
    numbers->streaming = streaming;
    numbers->at_trunk = at_trunk;
}

/* username of digest credentials. */
static void credentials_take(struct trunk *trunk, struct numbers *numbers, const struct sip_message *message)
{
    struct slice rest = sip_header_value(message, SIP_HEADER_PROXY_AUTHORIZATION), value;
    if (rest.len == 0)
        rest = sip_header_value(message, SIP_HEADER_AUTHORIZATION);
    if (!slice_starts_nocase(rest, "Digest"))
        return;
    rest = slice_after(rest, sizeof "Digest" - 1);
    while (numbers->auth_user.len == 0 && sip_list_next(&rest, &value)) {
        struct slice parameter = slice_trim(value), name = slice_trim(slice_cut(parameter, 0, slice_find(parameter, 0, '=')));
        struct slice user = slice_trim(slice_after(parameter, slice_find(parameter, 0, '=') + 1));
        if (!slice_is_nocase(name, "username"))
            continue;
        if (user.len >= 2 && user.data[0] == '"' && user.data[user.len - 1] == '"')
            user = slice_cut(user, 1, user.len - 1);
        user = slice_cut(user, 0, NUMBER_MOST);
        char *copy = user.len == 0 ? NULL : malloc(user.len);
        if (copy == NULL)
            return;
        memcpy(copy, user.data, user.len);
        numbers->auth_user = slice_of(copy, user.len);
        trunk->text_bytes += user.len;
    }
}

/* A challenge is no failure, nor is 487: the caller gave up. */
static const char *response_event(struct trunk_call *call, const struct sip_message *message)
{
    if (call->numbers == NULL || call->answered || message->status < 200)
        return NULL;
    if (message->status < 300) {
        call->answered = true;
        return "answer";
    }
    if (call->failed || message->status == 401 || message->status == 407 || message->status == 487)
        return NULL;
    call->failed = true;
    return "failure";
}

void trunk_see(struct trunk *trunk, uint32_t id, const struct sighting *sighting, const struct sip_message *message, bool at_trunk)
{
    struct trunk_call *call = call_find(trunk, id);
    trunk->event = NULL;
    if (call == NULL && (id == 0 || (call = call_begin(trunk, id, sighting, message)) == NULL))
        return;
    if (message->method != SIP_INVITE)
        return;
    if (!message->request) {
        trunk->event = at_trunk ? response_event(call, message) : NULL;
        return;
    }
    if (call->connector == INTERN_NONE) /* an inner hop came first, whose messages do not name the trunk */
        call->connector = connector_of(trunk, sighting, message);
    if (call->region == 0)
        call->region = region_find(trunk, sighting);
    bool better = call->numbers == NULL || (at_trunk && !call->numbers->at_trunk);
    if (better && sip_tag(sip_header_value(message, SIP_HEADER_TO)).len == 0) {
        numbers_take(trunk, call, message, at_trunk);
        trunk->event = at_trunk ? "attempt" : NULL;
    }
    if (call->numbers != NULL && call->numbers->auth_user.len == 0 && call->numbers->at_trunk == at_trunk)
        credentials_take(trunk, call->numbers, message);
}

static struct slice region_name(const struct trunk *trunk, const struct trunk_call *call)
{
    if (call->region != 0)
        return trunk->config.profile->regions[call->region - 1].name;
    return trunk->config.site == NULL ? SLICE_NONE : trunk->config.site->region;
}

static struct slice transaction_text(struct trunk *trunk, const struct trunk_call *call)
{
    uuid_format(&call->uuid, trunk->uuid_text);
    return slice_of(trunk->uuid_text, UUID_TEXT);
}

void trunk_describe_message(struct trunk *trunk, uint32_t id, struct message_record *record)
{
    const struct trunk_call *call = call_find(trunk, id);
    if (call == NULL)
        return;
    record->transaction = transaction_text(trunk, call);
    record->connector = connector_name(trunk, call);
    record->region = region_name(trunk, call);
    record->event = trunk->event == NULL ? SLICE_NONE : slice_str(trunk->event);
}

/* Also where the site's file names the region. */
static struct slice billing_code(const struct trunk *trunk, struct slice region)
{
    const struct profile *profile = trunk->config.profile;
    for (size_t i = 0; profile != NULL && i < profile->region_count; i++)
        if (slice_equal(profile->regions[i].name, region))
            return profile->regions[i].billing_code;
    return SLICE_NONE;
}

const struct call_trunk *trunk_facts(struct trunk *trunk, uint32_t id)
{
    static const struct numbers none = {0};
    const struct trunk_call *call = call_find(trunk, id);
    if (call == NULL)
        return NULL;
    const struct numbers *numbers = call->numbers != NULL ? call->numbers : &none;
    struct slice region = region_name(trunk, call);
    trunk->facts = (struct call_trunk){.transaction = transaction_text(trunk, call),
                                       .connector = connector_name(trunk, call),
                                       .region = region,
                                       .billing_code = billing_code(trunk, region),
                                       .source = numbers->source,
                                       .destination = numbers->destination,
                                       .auth_user = numbers->auth_user,
                                       .streaming = numbers->streaming,
                                       .media_end = CLOCK_NONE};
    return &trunk->facts;
}

void trunk_describe(struct trunk *trunk, uint32_t id, struct call_record *record)
{
    record->trunk = trunk_facts(trunk, id);
}

void trunk_media_end(struct trunk *trunk, int64_t at_ns)
{
    if (at_ns > trunk->facts.media_end || at_ns == CLOCK_NONE)
        trunk->facts.media_end = at_ns;
}

void trunk_forget(struct trunk *trunk, uint32_t id)
{
    struct trunk_call *call = call_find(trunk, id);
    uint32_t at = id / CHUNK_CALLS;
    if (call == NULL)
        return;
    numbers_forget(trunk, call);
    *call = (struct trunk_call){0};
    if (--trunk->chunks[at]->live == 0) {
        free(trunk->chunks[at]);
        trunk->chunks[at] = NULL;
        trunk->chunks_live--;
    }
}

size_t trunk_bytes(const struct trunk *trunk)
{
    return trunk->chunks_live * sizeof(struct chunk) + trunk->text_bytes;
}
