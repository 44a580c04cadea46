/* A profile is read in two steps. Each document is checked by itself, so that messages tell the place in the file that is wrong; then
   what it extends is merged depth-first, the document is laid over it, and the whole is taken as one. */
#include "rules/profile.h"

#include <stdlib.h>

#include "rules/profile_keys.h"

enum { DEPTH_MAX = 8 };

/* The profiles that lead to this one. */
struct descent {
    const struct descent *up;
    const char *name;
};

static bool name_is_path(struct slice name)
{
    return slice_find(name, 0, '/') < name.len || (name.len > 5 && slice_is(slice_after(name, name.len - 5), ".json"));
}

static struct json *document_read(const char *name, struct error *error)
{
    if (name_is_path(slice_str(name)))
        return json_read_file(name, error);
    for (size_t i = 0; i < profile_text_count; i++)
        if (strcmp(profile_texts[i].name, name) == 0)
            return json_read(slice_of(profile_texts[i].json, profile_texts[i].size), name, error);
    error_set(error, "there is no profile %s (see --list-profiles; a file has a / in its path or ends in .json)", name);
    return NULL;
}

/* What "extends" names: a path starts in the folder of the file that says so. Owned: free. */
static char *parent_name(const char *child, struct slice parent)
{
    const char *slash = strrchr(child, '/');
    size_t folder = slash != NULL && name_is_path(parent) && parent.data[0] != '/' ? (size_t)(slash - child) + 1 : 0;
    char *name = malloc(folder + parent.len + 1);
    if (name == NULL)
        return NULL;
    memcpy(name, child, folder);
    memcpy(name + folder, parent.data, parent.len);
    name[folder + parent.len] = '\0';
    return name;
}

static bool descent_ends(const struct descent *here, struct error *error)
{
    int depth = 1;
    for (const struct descent *up = here->up; up != NULL; up = up->up, depth++)
        if (strcmp(up->name, here->name) == 0)
            return error_set(error, "%s: extends leads back to %s", here->up->name, here->name);
    return depth <= DEPTH_MAX || error_set(error, "%s: extends leads more than %d deep", here->up->name, DEPTH_MAX);
}

static struct json *document_merged(const struct descent *here, const struct rules *rules, struct error *error);

/* What the document extends, then the document. */
static bool parents_merge(struct json *merged, const struct profile *own, const struct descent *here, const struct rules *rules,
                          struct error *error)
{
    for (size_t i = 0; i < own->extends_count; i++) {
        char *name = parent_name(here->name, own->extends[i]);
        struct json *parent = NULL;
        if (name == NULL)
            error_set(error, "out of memory");
        else
            parent = document_merged(&(struct descent){.up = here, .name = name}, rules, error);
        bool right = parent != NULL && (json_merge(merged, parent) || error_set(error, "out of memory"));
        json_free(parent);
        free(name);
        if (!right)
            return false;
    }
    return true;
}

/* NULL with the error set. Owned. */
static struct json *document_merged(const struct descent *here, const struct rules *rules, struct error *error)
{
    struct key_reading reading = {.name = here->name, .rules = rules, .error = error};
    struct profile own = {.name = SLICE_NONE};
    if (!descent_ends(here, error))
        return NULL;
    struct json *document = document_read(here->name, error), *merged = NULL;
    if (document != NULL && profile_take(&own, document, &reading, false)) {
        merged = json_read(slice_str("{}"), here->name, error);
        if (merged != NULL && (!parents_merge(merged, &own, here, rules, error) ||
                               !(json_merge(merged, document) || error_set(error, "out of memory")))) {
            json_free(merged);
            merged = NULL;
        }
    }
    profile_fini(&own);
    json_free(document);
    return merged;
}

bool profile_load(struct profile *profile, const char *name, const struct rules *rules, struct error *error)
{
    struct key_reading reading = {.name = name, .rules = rules, .error = error};
    struct json *document = document_merged(&(struct descent){.up = NULL, .name = name}, rules, error);
    *profile = (struct profile){.document = NULL};
    if (document == NULL)
        return false;
    bool right = profile_take(profile, document, &reading, true);
    profile->document = document;
    if (!right)
        profile_fini(profile);
    return right;
}

void profile_fini(struct profile *profile)
{
    for (size_t i = 0; i < profile->region_count; i++) {
        free(profile->regions[i].signaling);
        free(profile->regions[i].media);
    }
    if (profile->has_host)
        regfree(&profile->host);
    void *const owned[] = {profile->sources, profile->extends, profile->regions, profile->clear_ports, profile->secure_ports,
                           profile->certificate_names, profile->ciphers, profile->required, profile->forbidden, profile->constraints,
                           profile->request_uris, profile->codecs_required, profile->codecs_allowed, profile->suites,
                           profile->explanations, profile->severities, profile->disabled};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        free(owned[i]);
    json_free(profile->document);
    *profile = (struct profile){.document = NULL};
}
