/* They are few, and looked for only for what is drawn: one by one. */
#include "ui/aliases.h"

#include <stdio.h>

#include "base/json.h"

/* "192.0.2.1", "192.0.2.1:5060", "2001:db8::1", "[2001:db8::1]:5060". */
static bool endpoint_read(struct slice text, struct endpoint *endpoint)
{
    size_t colon = text.len;
    while (colon > 0 && text.data[colon - 1] >= '0' && text.data[colon - 1] <= '9')
        colon--;
    bool ported = colon > 1 && colon < text.len && text.data[colon - 1] == ':' &&
                  (text.data[colon - 2] == ']' || slice_find(text, 0, ':') == colon - 1);
    unsigned port = 0;
    for (size_t i = colon; ported && i < text.len && port <= UINT16_MAX; i++)
        port = port * 10 + text.data[i] - '0';
    if (!endpoint_parse_address(ported ? slice_cut(text, 0, colon - 1) : text, endpoint) || port > UINT16_MAX || (ported && port == 0))
        return false;
    endpoint->port = (uint16_t)port;
    return true;
}

static const struct alias *alias_find(const struct aliases *aliases, const struct endpoint *endpoint, uint16_t port)
{
    struct endpoint wanted = *endpoint;
    wanted.port = port;
    for (size_t i = 0; i < aliases->count; i++)
        if (endpoint_equal(&aliases->rows[i].endpoint, &wanted))
            return &aliases->rows[i];
    return NULL;
}

bool aliases_add(struct aliases *aliases, struct slice address, struct slice name, bool foreign, const char **why)
{
    struct alias alias = {.foreign = foreign};
    bool right = endpoint_read(address, &alias.endpoint);
    *why = !right                                                           ? "that is no address"
           : name.len == 0 || name.len >= ALIAS_BYTES                       ? "a name of 1 to 39 bytes is expected"
           : aliases->count == ALIASES_MAX                                  ? "there are too many"
           : alias_find(aliases, &alias.endpoint, alias.endpoint.port) != NULL ? "has a name already"
                                                                            : NULL;
    if (*why != NULL)
        return false;
    snprintf(alias.name, sizeof alias.name, "%.*s", (int)name.len, (const char *)name.data);
    aliases->rows[aliases->count++] = alias;
    return true;
}

void aliases_read(struct aliases *aliases, const struct json *json, struct problems *problems)
{
    if (json_kind(json) != JSON_OBJECT) {
        problems_say(problems, "aliases: is %s, an object of addresses is expected", json_kind_name(json_kind(json)));
        return;
    }
    for (const struct json *member = json_first(json); member != NULL; member = json_next(member)) {
        struct slice address = slice_cut(json_name(member), 0, ENDPOINT_TEXT_SIZE);
        const char *why;
        if (!aliases_add(aliases, address, json_kind(member) == JSON_TEXT ? json_text(member) : SLICE_NONE, false, &why))
            problems_say(problems, "aliases.%.*s: %s", (int)address.len, (const char *)address.data, why);
    }
}

static void endpoint_put(struct text *out, const struct endpoint *endpoint, bool port)
{
    if (text_reserve(out, ENDPOINT_TEXT_SIZE))
        out->len += port ? endpoint_format(endpoint, out->data + out->len) : endpoint_format_address(endpoint, out->data + out->len);
}

bool aliases_put(struct text *out, const struct aliases *aliases)
{
    const char *mark = "{\n";
    for (size_t i = 0; i < aliases->count; i++) {
        const struct alias *alias = &aliases->rows[i];
        if (alias->foreign)
            continue;
        text_format(out, "%s    \"", mark);
        endpoint_put(out, &alias->endpoint, alias->endpoint.port != 0);
        text_str(out, "\": ");
        text_json(out, slice_str(alias->name));
        mark = ",\n";
    }
    if (mark[0] == ',')
        text_str(out, "\n  }");
    return mark[0] == ',';
}

void aliases_endpoint(struct text *out, const struct aliases *aliases, const struct endpoint *endpoint)
{
    bool shown = aliases != NULL && !aliases->off;
    const struct alias *own = shown ? alias_find(aliases, endpoint, endpoint->port) : NULL;
    const struct alias *any = shown && own == NULL ? alias_find(aliases, endpoint, 0) : NULL;
    if (own != NULL)
        text_str(out, own->name);
    else if (any != NULL)
        text_format(out, "%s:%u", any->name, (unsigned)endpoint->port);
    else
        endpoint_put(out, endpoint, true);
}

void aliases_address(struct text *out, const struct aliases *aliases, const struct endpoint *endpoint)
{
    const struct alias *any = aliases != NULL && !aliases->off ? alias_find(aliases, endpoint, 0) : NULL;
    if (any != NULL)
        text_str(out, any->name);
    else
        endpoint_put(out, endpoint, false);
}

void aliases_hop(struct text *out, const struct aliases *aliases, const struct endpoint *from, const struct endpoint *to)
{
    aliases_endpoint(out, aliases, from);
    text_str(out, " > ");
    aliases_endpoint(out, aliases, to);
}
