/* A line a row, on standard output. */
#include "lists.h"

#include <stdio.h>

#include "output/sink.h"
#include "rules/profile.h"
#include "rules/rules.h"

void list_rules(void)
{
    struct rules *rules = rules_new();
    for (size_t i = 0; rules != NULL && i < rules_count(rules); i++) {
        const struct rule *rule = rules_at(rules, i);
        printf("%-34s %-8s %s [%s]\n", rule->id, severity_names[rule->severity], rule->title, rule->source);
    }
    rules_free(rules);
}

static void profile_print(const struct profile *profile)
{
    printf("%-16.*s %-9s %.*s [", (int)profile->name.len, (const char *)profile->name.data, profile->partial ? "partial" : "complete",
           (int)profile->title.len, (const char *)profile->title.data);
    for (size_t i = 0; i < profile->source_count; i++)
        printf("%s%.*s", i == 0 ? "" : "; ", (int)profile->sources[i].doc.len, (const char *)profile->sources[i].doc.data);
    printf("]\n");
}

void list_profiles(void)
{
    struct rules *rules = rules_new();
    for (size_t i = 0; rules != NULL && i < profile_text_count; i++) {
        struct profile profile;
        struct error error;
        if (profile_load(&profile, profile_texts[i].name, rules, &error))
            profile_print(&profile);
        profile_fini(&profile);
    }
    rules_free(rules);
}

void list_outputs(void)
{
    for (size_t i = 0; i < sink_kind_count; i++)
        printf("%-10s %s\n", sink_kinds[i]->name, sink_kinds[i]->help);
}

void list_fields(void)
{
    for (size_t i = 0; i < call_fields.count; i++)
        printf("%-18s %s\n", call_fields.fields[i].name, call_fields.fields[i].help);
}
