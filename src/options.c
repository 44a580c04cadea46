/* Parses the command line against one table; nothing here runs anything. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/record.h"

struct option_row {
    char letter;        /* 0: none */
    const char *name;
    const char *value;  /* NULL: a flag; "[...]": may follow as --name=value */
    const char *help;
    bool (*take)(struct options *options, const char *value, struct error *error);
};

static bool list_add(struct option_list *list, const char *value)
{
    list->items[list->count++] = value;
    return true;
}

static bool take_interface(struct options *options, const char *value, struct error *error)
{
    (void)error;
    return list_add(&options->interfaces, value);
}

static bool take_output(struct options *options, const char *value, struct error *error)
{
    (void)error;
    return list_add(&options->outputs, value);
}

static bool take_keylog(struct options *options, const char *value, struct error *error)
{
    (void)error;
    return list_add(&options->keylogs, value);
}

static bool take_filter(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->filter = value;
    return true;
}

static bool take_where(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->where = value;
    return true;
}

static bool take_profile(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->profile = value;
    return true;
}

static bool take_site(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->site = value;
    return true;
}

static bool take_messages(struct options *options, const char *value, struct error *error)
{
    (void)value;
    (void)error;
    return options->messages = true;
}

static bool take_check(struct options *options, const char *value, struct error *error)
{
    options->check = true;
    options->check_severity = SEVERITY_ERROR;
    if (value == NULL || strcmp(value, "error") == 0)
        return true;
    if (strcmp(value, "warning") != 0)
        return error_set(error, "--check takes error or warning, not \"%s\"", value);
    options->check_severity = SEVERITY_WARNING;
    return true;
}

/* A number with one of the units behind it; false when it is anything else. */
static bool number_with_unit(const char *text, const char *units, const uint64_t *factors, uint64_t *value)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long number = strtoull(text, &end, 10);
    uint64_t factor = factors[0];
    if (*end != '\0') {
        const char *unit = strchr(units, *end);
        if (unit == NULL || end[1] != '\0')
            return false;
        factor = factors[1 + (unit - units)];
    }
    if (number > UINT64_MAX / 2 / factor)
        return false;
    *value = number * factor;
    return true;
}

static bool take_duration(struct options *options, const char *value, struct error *error)
{
    static const uint64_t factors[] = {1, 1, 60, 3600, 86400};
    uint64_t seconds;
    if (!number_with_unit(value, "smhd", factors, &seconds) || seconds == 0 || seconds > 86400 * 36500ull)
        return error_set(error, "--duration takes a time such as 30s, 10m, 2h or 7d, not \"%s\"", value);
    options->duration_ns = (int64_t)seconds * NS_PER_SECOND;
    return true;
}

static bool take_count(struct options *options, const char *value, struct error *error)
{
    static const uint64_t factors[] = {1};
    if (!number_with_unit(value, "", factors, &options->count) || options->count == 0)
        return error_set(error, "--count takes a number of packets, not \"%s\"", value);
    return true;
}

static bool size_parse(const char *value, uint64_t least, uint64_t *bytes)
{
    static const uint64_t factors[] = {1, 1 << 10, 1 << 10, 1 << 20, 1 << 20, 1 << 30, 1 << 30};
    return number_with_unit(value, "kKmMgG", factors, bytes) && *bytes >= least;
}

static bool take_jitter_buffer(struct options *options, const char *value, struct error *error)
{
    static const uint64_t factors[] = {1};
    enum { DELAY_MAX_MS = 5000 };
    size_t kind = strcspn(value, ":");
    uint64_t ms = 0;
    options->adaptive_buffer = kind == 8 && strncmp(value, "adaptive", 8) == 0;
    bool known = options->adaptive_buffer || (kind == 5 && strncmp(value, "fixed", 5) == 0);
    bool timed = value[kind] == '\0' || (number_with_unit(value + kind + 1, "", factors, &ms) && ms > 0 && ms <= DELAY_MAX_MS);
    if (!known || !timed)
        return error_set(error, "--jitter-buffer takes fixed:MS or adaptive:MS with 1 to 5000 ms, not \"%s\"", value);
    options->jitter_buffer_ns = (int64_t)ms * NS_PER_MS;
    options->jitter_buffer = true;
    return true;
}

static bool take_memory(struct options *options, const char *value, struct error *error)
{
    return size_parse(value, 1 << 20, &options->memory_bytes) ||
           error_set(error, "--memory takes a size of at least 1M such as 512M or 2G, not \"%s\"", value);
}

static bool take_buffer(struct options *options, const char *value, struct error *error)
{
    return (size_parse(value, 64 << 10, &options->buffer_bytes) && options->buffer_bytes <= INT32_MAX) ||
           error_set(error, "--buffer takes a size from 64k to 2047M, not \"%s\"", value);
}

static bool take_log_time(struct options *options, const char *value, struct error *error)
{
    options->log_time_iso = strcmp(value, "iso") == 0;
    return options->log_time_iso || strcmp(value, "ms") == 0 || error_set(error, "--log-time takes ms or iso, not \"%s\"", value);
}

static bool take_log_namespace(struct options *options, const char *value, struct error *error)
{
    size_t length = strlen(value);
    options->log_namespace = value;
    for (size_t i = 0; i < length; i++) /* what PutMetricData takes, without the colon */
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_/#", value[i]) == NULL)
            length = 0;
    return (length > 0 && length <= 255 && strncmp(value, "AWS/", 4) != 0) ||
           error_set(error, "--log-namespace takes 1 to 255 letters, digits and .-_/#, not beginning with AWS/, which is reserved: \"%s\"", value);
}

static bool take_log_line(struct options *options, const char *value, struct error *error)
{
    return (size_parse(value, 2 << 10, &options->log_line_bytes) && options->log_line_bytes <= 1 << 20) ||
           error_set(error, "--log-line takes a size from 2k to 1M, not \"%s\"", value);
}

static bool take_log_rotate(struct options *options, const char *value, struct error *error)
{
    static const uint64_t factors[] = {0, 1, 60, 3600, 86400};
    uint64_t seconds;
    if (number_with_unit(value, "smhd", factors, &seconds) && seconds > 0 && seconds <= 86400 * 36500ull) {
        options->log_rotate_ns = (int64_t)seconds * NS_PER_SECOND;
        return true;
    }
    return size_parse(value, 64 << 10, &options->log_rotate_bytes) ||
           error_set(error, "--log-rotate takes a size of at least 64k such as 100M or a time such as 1h, not \"%s\"", value);
}

/* "2026-01-31T12:00:00Z"; false when it is anything else. */
static bool time_parse(const char *text, int64_t *time_ns)
{
    struct tm utc = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (end == NULL || *end != '\0' || utc.tm_year < 70 || utc.tm_year > 300)
        return false;
    *time_ns = (int64_t)timegm(&utc) * NS_PER_SECOND;
    return true;
}

static bool take_rebase(struct options *options, const char *value, struct error *error)
{
    options->rebase = true;
    options->rebase_ns = CLOCK_NONE;
    return value == NULL || time_parse(value, &options->rebase_ns) ||
           error_set(error, "--rebase-time takes a time such as 2026-01-31T12:00:00Z, not \"%s\"", value);
}

#define TAKE_FLAG(name, statement)                                                                                         \
    static bool name(struct options *options, const char *value, struct error *error)                                     \
    {                                                                                                                      \
        (void)value;                                                                                                       \
        (void)error;                                                                                                       \
        statement;                                                                                                         \
        return true;                                                                                                       \
    }

static bool take_reconcile(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->reconcile = value;
    return true;
}

static bool take_spool(struct options *options, const char *value, struct error *error)
{
    return (size_parse(value, 0, &options->spool_bytes) && (options->spool_bytes == 0 || options->spool_bytes >= 1 << 20)) ||
           error_set(error, "--spool takes a size of at least 1M such as 512M or 20G, or 0, not \"%s\"", value);
}

TAKE_FLAG(take_pcap_secrets, options->pcap_secrets = true)
TAKE_FLAG(take_pcap_findings, options->pcap_findings = true)
TAKE_FLAG(take_log_line_ends, options->log_line_ends = true)
TAKE_FLAG(take_log_secrets, options->log_secrets = true)
TAKE_FLAG(take_tones, options->tones = true)
TAKE_FLAG(take_windows, options->windows = true)
TAKE_FLAG(take_tui, options->tui = !(options->no_tui = false))
TAKE_FLAG(take_no_tui, options->tui = !(options->no_tui = true))
TAKE_FLAG(take_progress, options->progress = true)
TAKE_FLAG(take_no_progress, options->no_progress = true)
TAKE_FLAG(take_quiet, options->quiet = true)
TAKE_FLAG(take_verbose, options->verbose = true)
TAKE_FLAG(take_version, options->action = ACTION_VERSION)
TAKE_FLAG(take_help, options->action = ACTION_HELP)
TAKE_FLAG(take_list_rules, options->action = ACTION_LIST_RULES)
TAKE_FLAG(take_list_profiles, options->action = ACTION_LIST_PROFILES)
TAKE_FLAG(take_list_outputs, options->action = ACTION_LIST_OUTPUTS)
TAKE_FLAG(take_list_fields, options->action = ACTION_LIST_FIELDS)
TAKE_FLAG(take_list_screens, options->action = ACTION_LIST_SCREENS)

static const struct option_row rows[] = {
    {'i', "interface", "IF", "sniff live; repeatable, may stand beside files; any = every interface", take_interface},
    {'f', "filter", "BPF", "capture filter (pcap-filter(7)), for files and devices; also matches inside fragments and tunnels", take_filter},
    {'w', "where", "EXPR", "only calls that match: 'state = rejected and pdd_ms > 3000' (see --list-fields)", take_where},
    {'p', "profile", "NAME or FILE", "what the trunk asks for: voice-connector (default), rfc, none, ... or a JSON file (see --list-profiles)", take_profile},
    {'s', "site", "FILE", "the site's own facts (JSON): own_networks, one_way_delay_ms, ...", take_site},
    {'o', "output", "SINK[:PATH]", "repeatable; text, json, ...; without a path or with -: standard output (see --list-outputs)", take_output},
    {'k', "keylog", "FILE", "TLS secrets in the NSS key log format (SSLKEYLOGFILE); repeatable, followed while it grows", take_keylog},
    {0, "messages", NULL, "json: a record for each SIP message too", take_messages},
    {0, "windows", NULL, "json: each stream's RTCP reports and 5-second windows too (packets, lost, late, jitter, longest gap)", take_windows},
    {0, "tones", NULL, "look for DTMF tones in PCMU and PCMA audio (looks at every sample: slower)", take_tones},
    {0, "jitter-buffer", "KIND[:MS]", "whose late packets count as lost for MOS: fixed:60 or adaptive:500 (default: the profile's, else fixed:60)", take_jitter_buffer},
    {0, "log-time", "FORM", "logs: event_timestamp as ms since 1970 (default) or iso", take_log_time},
    {0, "log-line", "SIZE", "logs: longest line; a longer message is cut and marked (default 200k, most 1M)", take_log_line},
    {0, "log-line-ends", NULL, "logs: sip_message keeps the line ends of the wire (default: \\n)", take_log_line_ends},
    {0, "log-secrets", NULL, "logs: show SRTP keys and digest responses (default: ***)", take_log_secrets},
    {0, "log-rotate", "SIZE or T", "logs: rename a file of that size (100M) or age (1h) and begin a new one; may be given twice", take_log_rotate},
    {0, "log-namespace", "NAME", "metrics: the namespace (default SipTrunkProbe)", take_log_namespace},
    {0, "pcap-findings", NULL, "pcapng: with what was found at a packet as its comment", take_pcap_findings},
    {0, "pcap-secrets", NULL, "pcapng: with the TLS secrets of the saved connections alone, so that others can read them", take_pcap_secrets},
    {0, "spool", "SIZE", "pcap and audio of devices and pipes, and saving from the screens: disk for the newest packets, in $TMPDIR or /var/tmp (default 1G; 0: none)", take_spool},
    {0, "rebase-time", "[TIME]", "logs: the first event is now (or at TIME, 2026-01-31T12:00:00Z), the others behind it", take_rebase},
    {0, "reconcile", "DIR", "compare with the service's own CDRs, media and SIP logs (JSON files below DIR): what differs, by Call-ID", take_reconcile},
    {0, "check", "[error|warning]", "exit 1 when a call has a finding at least that bad (default error)", take_check},
    {0, "duration", "T", "stop a live capture after a time: 30s, 10m, 2h, 7d", take_duration},
    {0, "count", "N", "stop after N packets", take_count},
    {0, "memory", "SIZE", "budget for what is kept: 512M, 2G (default: a quarter of the machine's memory)", take_memory},
    {0, "buffer", "SIZE", "kernel buffer of each live interface (default 64M)", take_buffer},
    {0, "tui", NULL, "screens on the terminal (default there, without -o, -q and --check): see --list-screens", take_tui},
    {0, "no-tui", NULL, "print the report (default where standard output is no terminal)", take_no_tui},
    {0, "progress", NULL, "progress on standard error while files are read (default: when that is a terminal)", take_progress},
    {0, "no-progress", NULL, "no progress", take_no_progress},
    {0, "list-rules", NULL, "what can be found wrong", take_list_rules},
    {0, "list-profiles", NULL, "the trunks whose contract is known: name, complete or partial, title, sources", take_list_profiles},
    {0, "list-outputs", NULL, "where records can go", take_list_outputs},
    {0, "list-fields", NULL, "the fields of the call record, for -w", take_list_fields},
    {0, "list-screens", NULL, "the screens and their keys", take_list_screens},
    {'q', "quiet", NULL, "no messages on standard error but errors", take_quiet},
    {'v', "verbose", NULL, "more messages on standard error", take_verbose},
    {'V', "version", NULL, "version", take_version},
    {'h', "help", NULL, "this text", take_help},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static bool value_is_optional(const struct option_row *row)
{
    return row->value != NULL && row->value[0] == '[';
}

/* --name, --name=value, --name value. */
static bool long_take(struct options *options, const char *text, const char *next, bool *used_next, struct error *error)
{
    size_t length = strcspn(text, "=");
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    for (size_t i = 0; i < ROWS; i++) {
        if (strlen(rows[i].name) != length || strncmp(rows[i].name, text, length) != 0)
            continue;
        if (rows[i].value == NULL && value != NULL)
            return error_set(error, "--%s takes no value", rows[i].name);
        if (rows[i].value != NULL && !value_is_optional(&rows[i]) && value == NULL) {
            if (next == NULL)
                return error_set(error, "--%s needs %s", rows[i].name, rows[i].value);
            value = next;
            *used_next = true;
        }
        return rows[i].take(options, value, error);
    }
    return error_set(error, "there is no option --%.*s", (int)length, text);
}

/* -x, -xvalue, -x value, -xyz for flags. */
static bool short_take(struct options *options, const char *text, const char *next, bool *used_next, struct error *error)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < ROWS && rows[i].letter != *text)
            i++;
        if (i == ROWS)
            return error_set(error, "there is no option -%c", *text);
        if (rows[i].value != NULL) {
            const char *value = text[1] != '\0' ? text + 1 : next;
            *used_next = text[1] == '\0';
            if (value == NULL)
                return error_set(error, "-%c needs %s", *text, rows[i].value);
            return rows[i].take(options, value, error);
        }
        if (!rows[i].take(options, NULL, error))
            return false;
    }
    return true;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *error)
{
    bool only_files = false;
    *options = (struct options){.buffer_bytes = 64 << 20, .spool_bytes = 1 << 30};
    struct option_list *lists[] = {&options->interfaces, &options->files, &options->outputs, &options->keylogs};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if ((lists[i]->items = calloc((size_t)argc + 1, sizeof(char *))) == NULL)
            return error_set(error, "out of memory");
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool used_next = false, taken;
        if (only_files || text[0] != '-' || text[1] == '\0')
            taken = list_add(&options->files, text);
        else if (strcmp(text, "--") == 0)
            taken = only_files = true;
        else if (text[1] == '-')
            taken = long_take(options, text + 2, next, &used_next, error);
        else
            taken = short_take(options, text + 1, next, &used_next, error);
        if (!taken)
            return false;
        i += used_next;
    }
    if (options->action == ACTION_RUN && options->files.count + options->interfaces.count == 0)
        return error_set(error, "nothing to read: name a capture file, - for standard input, or -i INTERFACE");
    return true;
}

void options_fini(struct options *options)
{
    free(options->interfaces.items);
    free(options->files.items);
    free(options->outputs.items);
    free(options->keylogs.items);
}

void options_print_help(void)
{
    printf("usage: sipvet [OPTIONS] [FILE...]          read captures; several files are merged by capture time; - is standard input\n"
           "       sipvet [OPTIONS] -i INTERFACE...    sniff live (any = every interface)\n\n");
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", rows[i].letter != 0 ? '-' : ' ', rows[i].letter != 0 ? rows[i].letter : ' ',
                 rows[i].letter != 0 ? "," : " ", rows[i].name, rows[i].value == NULL ? "" : value_is_optional(&rows[i]) ? "=" : " ",
                 rows[i].value == NULL ? "" : rows[i].value);
        printf("  %-30s %s\n", left, rows[i].help);
    }
    printf("\nexit status: 0 done; 1 --check found something; 2 wrong usage; 3 an input could not be opened or ended badly (what was read\n"
           "is still reported); 4 an output could not be written\n");
}
