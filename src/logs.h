/* From options, site and profile to what the logs' outputs are told. */
#ifndef LOGS_H
#define LOGS_H

#include "options.h"
#include "output/settings.h"
#include "record/site.h"
#include "rules/profile.h"

/* site and profile: NULL: none. All outlive the settings. now_ns: the clock on the wall. */
void logs_settings(struct sink_settings *settings, const struct options *options, const struct site *site, const struct profile *profile,
                   int64_t now_ns);

#endif
