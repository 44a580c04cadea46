/* A recursive-descent parser into a flat array of nodes, and its evaluation over the call record's field table. */
#include "record/query.h"

#include <math.h>
#include <regex.h>
#include <stdlib.h>

enum operator { OP_AND, OP_OR, OP_NOT, OP_PRESENT, OP_EQUAL, OP_DIFFERENT, OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL, OP_LIKE, OP_UNLIKE };

struct node {
    enum operator operator;
    int left, right; /* AND, OR, NOT */
    const struct field *field;
    struct slice value;
    double number;   /* NAN where the value is none */
    regex_t regex;
    bool has_regex;
};

enum { NODES_MAX = 256, DEPTH_MAX = 64 };

struct query {
    char *text;
    struct node nodes[NODES_MAX];
    int count;
    int root;
};

struct parser {
    struct query *query;
    struct slice text;
    size_t at;
    int depth;
    struct error *error;
};

/* The message with the text below it and a caret under the place. Returns the "no node" index. */
static int parser_fail(struct parser *parser, size_t at, const char *what)
{
    if (parser->error->text[0] == '\0')
        error_set(parser->error, "%s\n  %.*s\n  %*s", what, (int)(parser->text.len > 200 ? 200 : parser->text.len),
                  (const char *)parser->text.data, (int)(at > 200 ? 200 : at) + 1, "^");
    return -1;
}

static void parser_space(struct parser *parser)
{
    while (parser->at < parser->text.len && ascii_space(parser->text.data[parser->at]))
        parser->at++;
}

static bool byte_in_word(uint8_t c)
{
    return c > ' ' && strchr("()=<>!~\"", c) == NULL;
}

/* Takes the next bare word; empty at an operator or the end. */
static struct slice parser_word(struct parser *parser)
{
    parser_space(parser);
    size_t from = parser->at;
    while (parser->at < parser->text.len && byte_in_word(parser->text.data[parser->at]))
        parser->at++;
    return slice_cut(parser->text, from, parser->at);
}

/* Takes the keyword when it is next. */
static bool parser_keyword(struct parser *parser, const char *keyword)
{
    size_t before = parser->at;
    if (slice_is_nocase(parser_word(parser), keyword))
        return true;
    parser->at = before;
    return false;
}

static bool parser_symbol(struct parser *parser, const char *symbol)
{
    parser_space(parser);
    if (!slice_starts(slice_after(parser->text, parser->at), symbol))
        return false;
    parser->at += strlen(symbol);
    return true;
}

static int parser_node(struct parser *parser, struct node node)
{
    if (parser->query->count == NODES_MAX)
        return parser_fail(parser, parser->at, "the query is too long");
    parser->query->nodes[parser->query->count] = node;
    return parser->query->count++;
}

static int parse_or(struct parser *parser);

/* The value of a comparison: "quoted" (a backslash keeps the next byte) or a word, which may hold the operator signs' rest. */
static bool parser_value(struct parser *parser, struct slice *value)
{
    parser_space(parser);
    size_t from = parser->at;
    if (parser_symbol(parser, "\"")) {
        size_t end = slice_find(parser->text, parser->at, '"');
        if (end == parser->text.len) {
            parser_fail(parser, from, "this quotation does not end");
            return false;
        }
        *value = slice_cut(parser->text, parser->at, end);
        parser->at = end + 1;
        return true;
    }
    while (parser->at < parser->text.len && !ascii_space(parser->text.data[parser->at]) && parser->text.data[parser->at] != ')')
        parser->at++;
    *value = slice_cut(parser->text, from, parser->at);
    if (value->len == 0)
        parser_fail(parser, from, "a value is missing here");
    return value->len > 0;
}

static double number_of(struct slice text)
{
    char copy[64], *end;
    if (text.len == 0 || text.len >= sizeof copy)
        return NAN;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (strpbrk(copy, "xXpPnNiI") != NULL)
        return NAN; /* no hexadecimal numbers, infinities and the like */
    double number = strtod(copy, &end);
    return *end == '\0' && isfinite(number) ? number : NAN;
}

static bool field_is_number(enum field_kind kind)
{
    return kind == FIELD_NUMBER || kind == FIELD_MS || kind == FIELD_REAL || kind == FIELD_FINDINGS || kind == FIELD_RELATED ||
           kind == FIELD_NUMBERS;
}

/* libc compiles x+ as xx* and x{n} as n copies, nested ones in each other: a few characters could take all memory. */
static bool pattern_is_modest(struct slice pattern)
{
    enum { PLUSES_MAX = 8, INTERVALS_MAX = 2 };
    unsigned pluses = 0, intervals = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        pluses += pattern.data[i] == '+';
        intervals += pattern.data[i] == '{';
    }
    return pluses <= PLUSES_MAX && intervals <= INTERVALS_MAX;
}

/* Checks that the comparison makes sense, and prepares its number or regular expression. */
static bool comparison_prepare(struct parser *parser, struct node *node, size_t at)
{
    if (node->operator == OP_LIKE || node->operator == OP_UNLIKE) {
        char pattern[1024], why[200];
        if (node->value.len >= sizeof pattern) {
            parser_fail(parser, at, "this regular expression is too long");
            return false;
        }
        if (!pattern_is_modest(node->value)) {
            parser_fail(parser, at, "this regular expression repeats too much (8 times +, 2 times {} at most)");
            return false;
        }
        memcpy(pattern, node->value.data, node->value.len);
        pattern[node->value.len] = '\0';
        int bad = regcomp(&node->regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB);
        if (bad != 0) {
            char what[256];
            regerror(bad, &node->regex, why, sizeof why);
            struct error message;
            error_set(&message, "regular expression: %s", why);
            memcpy(what, message.text, sizeof what - 1);
            what[sizeof what - 1] = '\0';
            parser_fail(parser, at, what);
            return false;
        }
        node->has_regex = true;
        return true;
    }
    node->number = number_of(node->value);
    if (field_is_number(node->field->kind) && isnan(node->number)) {
        parser_fail(parser, at, "this field is compared with a number");
        return false;
    }
    return true;
}

static int parse_test(struct parser *parser)
{
    static const struct {
        const char *sign;
        enum operator operator;
    } signs[] = {{"!=", OP_DIFFERENT}, {"!~", OP_UNLIKE}, {"<=", OP_LESS_EQUAL}, {">=", OP_GREATER_EQUAL},
                 {"==", OP_EQUAL},     {"=", OP_EQUAL},   {"<", OP_LESS},        {">", OP_GREATER}, {"~", OP_LIKE}};
    parser_space(parser);
    size_t at = parser->at;
    struct slice name = parser_word(parser);
    struct node node = {.operator = OP_PRESENT, .field = field_find(&call_fields, name)};
    if (name.len == 0)
        return parser_fail(parser, at, "a field name is missing here");
    if (node.field == NULL)
        return parser_fail(parser, at, "there is no such field of a call");
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (!parser_symbol(parser, signs[i].sign))
            continue;
        node.operator = signs[i].operator;
        parser_space(parser);
        size_t value_at = parser->at;
        if (!parser_value(parser, &node.value) || !comparison_prepare(parser, &node, value_at))
            return -1;
        break;
    }
    int index = parser_node(parser, node);
    if (index < 0 && node.has_regex)
        regfree(&node.regex);
    return index;
}

static int parse_not(struct parser *parser)
{
    if (++parser->depth > DEPTH_MAX)
        return parser_fail(parser, parser->at, "the query is nested too deeply");
    int node;
    if (parser_keyword(parser, "not")) {
        int inner = parse_not(parser);
        node = inner < 0 ? -1 : parser_node(parser, (struct node){.operator = OP_NOT, .left = inner});
    } else if (parser_symbol(parser, "(")) {
        size_t open = parser->at - 1;
        node = parse_or(parser);
        if (node >= 0 && !parser_symbol(parser, ")"))
            node = parser_fail(parser, open, "this bracket is not closed");
    } else {
        node = parse_test(parser);
    }
    parser->depth--;
    return node;
}

static int parse_and(struct parser *parser)
{
    int left = parse_not(parser);
    while (left >= 0 && parser_keyword(parser, "and")) {
        int right = parse_not(parser);
        left = right < 0 ? -1 : parser_node(parser, (struct node){.operator = OP_AND, .left = left, .right = right});
    }
    return left;
}

static int parse_or(struct parser *parser)
{
    int left = parse_and(parser);
    while (left >= 0 && parser_keyword(parser, "or")) {
        int right = parse_and(parser);
        left = right < 0 ? -1 : parser_node(parser, (struct node){.operator = OP_OR, .left = left, .right = right});
    }
    return left;
}

struct query *query_new(const char *text, struct error *error)
{
    error->text[0] = '\0';
    struct query *query = calloc(1, sizeof *query);
    if (query == NULL || (query->text = strdup(text)) == NULL) {
        free(query);
        error_set(error, "out of memory");
        return NULL;
    }
    struct parser parser = {.query = query, .text = slice_str(query->text), .error = error};
    query->root = parse_or(&parser);
    parser_space(&parser);
    if (query->root >= 0 && parser.at < parser.text.len)
        query->root = parser_fail(&parser, parser.at, "\"and\" or \"or\" is expected here");
    if (query->root < 0) {
        query_free(query);
        return NULL;
    }
    return query;
}

void query_free(struct query *query)
{
    if (query == NULL)
        return;
    for (int i = 0; i < query->count; i++)
        if (query->nodes[i].has_regex)
            regfree(&query->nodes[i].regex);
    free(query->text);
    free(query);
}

/* -1, 0, 1 as strings sort, without case. */
static int text_compare(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++) {
        int difference = ascii_lower(a.data[i]) - ascii_lower(b.data[i]);
        if (difference != 0)
            return difference;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool order_holds(enum operator operator, int order)
{
    switch (operator) {
    case OP_EQUAL:
        return order == 0;
    case OP_DIFFERENT:
        return order != 0;
    case OP_LESS:
        return order < 0;
    case OP_LESS_EQUAL:
        return order <= 0;
    case OP_GREATER:
        return order > 0;
    case OP_GREATER_EQUAL:
        return order >= 0;
    default:
        return false;
    }
}

static bool text_matches(const struct node *node, struct slice text)
{
    if (!node->has_regex)
        return order_holds(node->operator, text_compare(text, node->value));
    char copy[1024]; /* wire text may hold NULs and has no end: the expression sees the first kilobyte */
    size_t n = text.len < sizeof copy - 1 ? text.len : sizeof copy - 1;
    if (n > 0)
        memcpy(copy, text.data, n);
    copy[n] = '\0';
    return (regexec(&node->regex, copy, 0, NULL, 0) == 0) == (node->operator == OP_LIKE);
}

static bool number_matches(const struct node *node, double number)
{
    if (node->has_regex) {
        char text[32];
        struct error digits;
        error_set(&digits, "%.0f", number);
        memcpy(text, digits.text, sizeof text);
        text[sizeof text - 1] = '\0';
        return text_matches(node, slice_str(text));
    }
    return order_holds(node->operator, number < node->number ? -1 : number > node->number);
}

/* An endpoint matches as "address:port", as its address and as its port. Negations need all three. */
static bool endpoint_matches(const struct node *node, const struct endpoint *endpoint)
{
    char text[ENDPOINT_TEXT_SIZE];
    size_t n = endpoint_format(endpoint, text), colon = n;
    while (colon > 0 && text[colon - 1] != ':')
        colon--;
    struct slice whole = slice_of(text, n), address = slice_cut(whole, 0, colon - 1), port = slice_after(whole, colon);
    if (address.len > 1 && address.data[0] == '[')
        address = slice_cut(address, 1, address.len - 1);
    if (node->operator == OP_DIFFERENT || node->operator == OP_UNLIKE)
        return text_matches(node, whole) && text_matches(node, address) && text_matches(node, port);
    return text_matches(node, whole) || text_matches(node, address) || text_matches(node, port);
}

static bool texts_match(const struct node *node, const struct text_list *list)
{
    bool negative = node->operator == OP_DIFFERENT || node->operator == OP_UNLIKE;
    for (size_t i = 0; i < list->count; i++)
        if (text_matches(node, list->items[i]) != negative)
            return !negative;
    return negative && list->count > 0;
}

/* "2026-01-31 12:00" means 2026-01-31T12:00:00.000000: what is left out is filled in, so that the texts sort as the times do. An
   equality compares as far as the value goes. */
static bool time_matches(const struct node *node, int64_t time)
{
    static const char least[] = "0000-01-01T00:00:00.000000";
    enum { LENGTH = sizeof least - 1 };
    char text[CLOCK_ISO_SIZE], value[LENGTH];
    size_t given = node->value.len < LENGTH ? node->value.len : LENGTH;
    clock_format_iso(time, text);
    if (node->has_regex)
        return text_matches(node, slice_of(text, LENGTH));
    while (given > 0 && (node->value.data[given - 1] == 'Z' || node->value.data[given - 1] == 'z'))
        given--;
    memcpy(value, least, LENGTH);
    memcpy(value, node->value.data, given);
    if (given > 10 && (value[10] == ' ' || value[10] == 't'))
        value[10] = 'T';
    bool equality = node->operator == OP_EQUAL || node->operator == OP_DIFFERENT;
    return order_holds(node->operator, memcmp(text, value, equality ? given : LENGTH));
}

static bool test_matches(const struct node *node, const struct call_record *call)
{
    const void *member = (const char *)call + node->field->offset;
    bool present_only = node->operator == OP_PRESENT;
    switch (node->field->kind) {
    case FIELD_TEXT: {
        const struct slice *text = member;
        return text->len > 0 && (present_only || text_matches(node, *text));
    }
    case FIELD_NUMBER: {
        const uint64_t *number = member;
        return *number != NUMBER_NONE && (present_only || number_matches(node, (double)*number));
    }
    case FIELD_TIME: {
        const int64_t *time = member;
        return *time != CLOCK_NONE && (present_only || time_matches(node, *time));
    }
    case FIELD_MS: {
        const int64_t *ns = member;
        return *ns != CLOCK_NONE && (present_only || number_matches(node, (double)*ns / (double)NS_PER_MS));
    }
    case FIELD_ENDPOINT: {
        const struct endpoint *endpoint = member;
        return endpoint->family != 0 && (present_only || endpoint_matches(node, endpoint));
    }
    case FIELD_TEXTS: {
        const struct text_list *list = member;
        return present_only ? list->count > 0 : texts_match(node, list);
    }
    case FIELD_RELATED:
        return present_only ? call->related_count > 0 : number_matches(node, (double)call->related_count);
    case FIELD_FINDINGS: {
        const uint64_t *findings = member;
        uint64_t sum = findings[0] + findings[1] + findings[2];
        return present_only ? sum > 0 : number_matches(node, (double)sum);
    }
    case FIELD_REAL: {
        const double *number = member;
        return !isnan(*number) && (present_only || number_matches(node, *number));
    }
    case FIELD_NUMBERS: {
        const struct number_list *list = member;
        return present_only ? list->count > 0 : number_matches(node, (double)list->count);
    }
    case FIELD_OBJECT: { /* its first member speaks for it */
        const char *const *object = member;
        const struct field *first = &node->field->object->fields[0];
        return *object != NULL && (present_only || text_matches(node, *(const struct slice *)(const void *)(*object + first->offset)));
    }
    default: /* of other records */
        break;
    }
    return false;
}

static bool node_matches(const struct query *query, int index, const struct call_record *call)
{
    const struct node *node = &query->nodes[index];
    switch (node->operator) {
    case OP_AND:
        return node_matches(query, node->left, call) && node_matches(query, node->right, call);
    case OP_OR:
        return node_matches(query, node->left, call) || node_matches(query, node->right, call);
    case OP_NOT:
        return !node_matches(query, node->left, call);
    default:
        return test_matches(node, call);
    }
}

bool query_matches(const struct query *query, const struct call_record *call)
{
    return node_matches(query, query->root, call);
}
