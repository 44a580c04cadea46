/* Times of events, as logs give them. */
#include "output/settings.h"

int64_t settings_shift(struct sink_settings *settings, int64_t at_ns)
{
    if (settings->rebase_ns == CLOCK_NONE)
        return at_ns;
    if (settings->shift_ns == CLOCK_NONE)
        settings->shift_ns = settings->rebase_ns - at_ns;
    return at_ns + settings->shift_ns;
}

int64_t settings_time(struct sink_settings *settings, int64_t at_ns)
{
    at_ns = settings_shift(settings, at_ns);
    if (at_ns < settings->now_ns - LOG_AGE_NS && settings->old_events++ == 0 && settings->say != NULL)
        settings->say(settings->say_context, "events are older than 14 days: CloudWatch drops such. --rebase-time moves them to now");
    return at_ns;
}
