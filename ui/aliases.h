/* Names that a user gave to addresses. */
#ifndef UI_ALIASES_H
#define UI_ALIASES_H

#include "base/endpoint.h"
#include "base/text.h"
#include "ui/problems.h"

enum { ALIASES_MAX = 500, ALIAS_BYTES = 40 };

struct alias {
    struct endpoint endpoint; /* port 0: of the address, whatever its port */
    bool foreign;             /* of another program's file: it is not written */
    char name[ALIAS_BYTES];   /* UTF-8 */
};

/* Zeroed memory is valid and empty. */
struct aliases {
    struct alias rows[ALIASES_MAX];
    size_t count;
    bool off; /* addresses are shown */
};

struct json;

/* Takes an object: {"192.0.2.1": "sbc", "[2001:db8::1]:5070": "pbx"}. What is wrong is said with its place below "aliases". */
void aliases_read(struct aliases *aliases, const struct json *json, struct problems *problems);

/* Writes it as JSON, on lines of their own. Returns false where there is none to write. */
bool aliases_put(struct text *out, const struct aliases *aliases);

/* False with why: that is no address, there is no name, too many, or the address has a name already. */
bool aliases_add(struct aliases *aliases, struct slice address, struct slice name, bool foreign, const char **why);

/* The name of an endpoint: its own; its address' with the port behind it ("sbc:5060"); else "192.0.2.1:5060". aliases NULL, or off:
   always the latter. */
void aliases_endpoint(struct text *out, const struct aliases *aliases, const struct endpoint *endpoint);

/* The same of an address, whatever the port: "sbc", "192.0.2.1". */
void aliases_address(struct text *out, const struct aliases *aliases, const struct endpoint *endpoint);

/* "1 > 2": from one endpoint to another. */
void aliases_hop(struct text *out, const struct aliases *aliases, const struct endpoint *from, const struct endpoint *to);

#endif
