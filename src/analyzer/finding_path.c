/* Where findings go: to their call, which publishes them with its record; of no call, at once. */
#include "analyzer/pipeline.h"

static void finding_publish_loose(struct analyzer *analyzer, const struct firing *firing)
{
    const struct rule *rule = firing->rule;
    analyzer->loose_findings[rule->severity]++;
    struct finding_record record = {.rule = slice_str(rule->id),
                                    .severity = slice_str(severity_names[rule->severity]),
                                    .call = NUMBER_NONE,
                                    .stream = firing->stream,
                                    .frame = firing->sighting->frame,
                                    .at = firing->sighting->time_ns,
                                    .src = firing->sighting->src,
                                    .subject = firing->subject,
                                    .text = firing->text,
                                    .fix = rule->fix == NULL ? SLICE_NONE : slice_str(rule->fix),
                                    .source = slice_str(rule->source),
                                    .count = 1};
    record_pass(analyzer, &(struct record){.kind = RECORD_FINDING, .finding = &record});
}

void finding_add(void *context, struct call *call, const struct firing *firing)
{
    struct analyzer *analyzer = context;
    if (rules_is_off(analyzer->rules, firing->rule))
        return;
    if (call == NULL) {
        finding_publish_loose(analyzer, firing);
        return;
    }
    calls_add_finding(analyzer->calls, call, firing);
    vetting_fired(analyzer->vetting, *calls_vetted(call), firing->rule, firing->sighting->frame);
}

void record_pass(void *context, const struct record *record)
{
    struct analyzer *analyzer = context;
    if (record->kind == RECORD_FINDING)
        tally_count(&analyzer->tally, record->finding);
    analyzer->config.publish(analyzer->config.publish_context, record);
}
