/* Reads an expression. Whatever only narrows a match and is not understood is left
 * out, whatever could widen it ends the path or the reading: the graph may hold too many texts,
 * never too few. */
#include "detect/anchor_graph.h"

#include "detect/bytes.h"

enum {
    COPIES_MAX = SP_ANCHOR_AHEAD + 1, /* more copies reach beyond the last place */
    DEPTH_MAX = 24                    /* groups within groups */
};

struct parser {
    struct sp_graph *graph;
    const uint8_t *at, *end;
    bool fold; /* (?i) is in force */
    unsigned depth;
};

/* A piece of the graph: enters at first, leaves by the next of the EMPTY node last. */
struct piece {
    uint16_t first, last;
};

static const struct sp_byte_class class_none = {{0}};
static const struct sp_byte_class class_bytes = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
static const struct sp_byte_class class_any = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 1}};

static void class_add(struct sp_byte_class *class, unsigned byte, bool fold)
{
    class->bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
    if (fold && byte_is_alpha((uint8_t)byte))
        class->bits[(byte ^ 0x20) >> 6] |= UINT64_C(1) << ((byte ^ 0x20) & 63);
}

/* The other members; a byte that may not be there may also be missing. */
static struct sp_byte_class class_not(const struct sp_byte_class *class)
{
    struct sp_byte_class out;
    for (size_t i = 0; i < 5; i++)
        out.bits[i] = ~class->bits[i] & class_any.bits[i];
    return out;
}

/* ---- the graph ----------------------------------------------------------------------------- */
static uint16_t add_node(struct parser *parser, enum sp_node_kind kind, uint16_t next)
{
    struct sp_graph *graph = parser->graph;
    if (graph->count == SP_NODES_MAX) {
        graph->failed = true;
        return 0;
    }
    graph->nodes[graph->count] =
        (struct sp_node){.kind = (uint8_t)kind, .next = next, .other = SP_NODE_NONE};
    return (uint16_t)graph->count++;
}

static struct sp_node *node_at(const struct parser *parser, uint16_t index)
{
    return &parser->graph->nodes[index];
}

static struct piece empty_piece(struct parser *parser)
{
    uint16_t node = add_node(parser, SP_NODE_EMPTY, SP_NODE_NONE);
    return (struct piece){node, node};
}

static struct piece single_piece(struct parser *parser, enum sp_node_kind kind,
                                 const struct sp_byte_class *class, int place)
{
    struct piece piece = empty_piece(parser);
    piece.first = add_node(parser, kind, piece.last);
    node_at(parser, piece.first)->class = *class;
    node_at(parser, piece.first)->place = (int8_t)place;
    return piece;
}

static struct piece join(struct parser *parser, struct piece left, struct piece right)
{
    node_at(parser, left.last)->next = right.first;
    return (struct piece){left.first, right.last};
}

/* Both ways, or with skip only left or nothing. */
static struct piece either(struct parser *parser, struct piece left, struct piece right)
{
    struct piece both = empty_piece(parser);
    both.first = add_node(parser, SP_NODE_SPLIT, left.first);
    node_at(parser, both.first)->other = right.first;
    node_at(parser, left.last)->next = both.last;
    node_at(parser, right.last)->next = both.last;
    return both;
}

/* ---- reading ------------------------------------------------------------------------------- */
static struct piece parse_choice(struct parser *parser);

static bool next_is(const struct parser *parser, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(parser->end - parser->at) >= len && memcmp(parser->at, text, len) == 0;
}

static bool take(struct parser *parser, const char *text)
{
    if (!next_is(parser, text))
        return false;
    parser->at += strlen(text);
    return true;
}

static int hex_value(uint8_t byte)
{
    if (byte_is_digit(byte))
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* An escape that stands for one byte, behind its backslash; -1: it is another one. */
static int parse_escaped_byte(struct parser *parser)
{
    if (parser->at == parser->end)
        return -1;
    uint8_t byte = *parser->at;
    if (byte == 'x' && parser->end - parser->at >= 3 && hex_value(parser->at[1]) >= 0 &&
        hex_value(parser->at[2]) >= 0) {
        int value = hex_value(parser->at[1]) * 16 + hex_value(parser->at[2]);
        parser->at += 3;
        return value;
    }
    if (byte_is_alnum(byte) && byte != 'n' && byte != 't' && byte != 'r')
        return -1;
    parser->at++;
    return byte == 'n' ? '\n' : byte == 't' ? '\t' : byte == 'r' ? '\r' : byte;
}

static int parse_class_byte(struct parser *parser)
{
    if (parser->at == parser->end || next_is(parser, "[:"))
        return -1;
    if (take(parser, "\\"))
        return parse_escaped_byte(parser);
    return *parser->at++;
}

/* Behind `[`. */
static bool parse_class(struct parser *parser, struct sp_byte_class *class)
{
    bool negated = take(parser, "^"), first = true;
    *class = class_none;
    while (first || !next_is(parser, "]")) {
        int low = parse_class_byte(parser), high = low;
        if (low >= 0 && next_is(parser, "-") && parser->end - parser->at > 1 &&
            parser->at[1] != ']') {
            parser->at++;
            high = parse_class_byte(parser);
        }
        if (low < 0 || high < low)
            return false;
        for (int byte = low; byte <= high; byte++)
            class_add(class, (unsigned)byte, parser->fold);
        first = false;
    }
    parser->at++;
    if (negated) {
        *class = class_not(class);
        class->bits[4] = 0;
    }
    return true;
}

static struct piece parse_failed(struct parser *parser)
{
    parser->graph->failed = true;
    parser->at = parser->end;
    return empty_piece(parser);
}

/* A reference to a group may be any text; anything may follow. */
static struct piece stop_piece(struct parser *parser)
{
    struct piece piece = empty_piece(parser);
    piece.first = add_node(parser, SP_NODE_STOP, SP_NODE_NONE);
    return piece;
}

/* Over empty nodes. They may go round: a repetition of nothing, or an expression that is too large.
 */
static uint16_t behind_empty(const struct parser *parser, uint16_t index)
{
    for (size_t steps = 0; steps < parser->graph->count && index != SP_NODE_NONE &&
                           node_at(parser, index)->kind == SP_NODE_EMPTY;
         steps++)
        index = node_at(parser, index)->next;
    return index;
}

/* Where a group that only asserts ends in a single byte of a class; false: more than that. */
static bool is_one_byte(const struct parser *parser, struct piece piece,
                        struct sp_byte_class *class)
{
    uint16_t index = behind_empty(parser, piece.first);
    if (index == SP_NODE_NONE || node_at(parser, index)->kind != SP_NODE_BYTE)
        return false;
    *class = node_at(parser, index)->class;
    return behind_empty(parser, node_at(parser, index)->next) == SP_NODE_NONE;
}

/* (?!X) and (?<!X) count when X is one byte. */
static struct piece parse_denial(struct parser *parser, int place)
{
    struct sp_byte_class class;
    struct piece inner = parse_choice(parser);
    if (!is_one_byte(parser, inner, &class))
        return empty_piece(parser);
    class = class_not(&class);
    return single_piece(parser, SP_NODE_PLACE, &class, place);
}

static struct piece parse_demand(struct parser *parser, enum sp_node_kind kind)
{
    struct piece inner = parse_choice(parser);
    struct piece piece = single_piece(parser, kind, &class_none, 0);
    node_at(parser, piece.first)->other = inner.first;
    node_at(parser, inner.last)->next = add_node(parser, SP_NODE_RETURN, SP_NODE_NONE);
    return piece;
}

/* What may stand behind the `(` of a group. */
static struct piece parse_group_inside(struct parser *parser)
{
    if (take(parser, "?="))
        return parse_demand(parser, SP_NODE_AHEAD);
    if (take(parser, "?!"))
        return parse_denial(parser, 0);
    if (take(parser, "?<="))
        return parse_demand(parser, SP_NODE_BEHIND);
    if (take(parser, "?<!"))
        return parse_denial(parser, -1);
    if (take(parser, "?i:")) {
        parser->fold = true;
        return parse_choice(parser);
    }
    if (take(parser, "?<")) {
        while (parser->at < parser->end && *parser->at != '>')
            parser->at++;
        if (!take(parser, ">"))
            return parse_failed(parser);
    } else if (!take(parser, "?:") && !take(parser, "?|") && !take(parser, "?>") &&
               (next_is(parser, "?") || next_is(parser, "*"))) {
        return parse_failed(parser);
    }
    return parse_choice(parser);
}

static struct piece parse_group(struct parser *parser)
{
    bool fold = parser->fold;
    if (take(parser, "?i)")) { /* to the end of the group around it */
        parser->fold = true;
        return empty_piece(parser);
    }
    if (parser->depth == DEPTH_MAX)
        return parse_failed(parser);
    parser->depth++;
    struct piece piece = parse_group_inside(parser);
    parser->depth--;
    parser->fold = fold;
    return take(parser, ")") ? piece : parse_failed(parser);
}

static struct piece parse_atom(struct parser *parser)
{
    struct sp_byte_class class = class_none;
    if (take(parser, "("))
        return parse_group(parser);
    if (take(parser, "[")) {
        if (!parse_class(parser, &class))
            return parse_failed(parser);
    } else if (take(parser, ".")) {
        class = class_bytes;
    } else if (take(parser, "\\")) {
        if (parser->at < parser->end && byte_is_digit(*parser->at) && *parser->at != '0') {
            while (parser->at < parser->end && byte_is_digit(*parser->at))
                parser->at++;
            return stop_piece(parser);
        }
        int byte = parse_escaped_byte(parser);
        if (byte < 0)
            return parse_failed(parser);
        class_add(&class, (unsigned)byte, parser->fold);
    } else if (memchr("^$*+?{", *parser->at, 6)) {
        return parse_failed(parser);
    } else {
        class_add(&class, *parser->at++, parser->fold);
    }
    return single_piece(parser, SP_NODE_BYTE, &class, 0);
}

static bool parse_number(struct parser *parser, unsigned *out)
{
    const uint8_t *begin = parser->at;
    *out = 0;
    while (parser->at < parser->end && byte_is_digit(*parser->at) && *out < 100000)
        *out = *out * 10 + (unsigned)(*parser->at++ - '0');
    return parser->at > begin;
}

/* How often the atom before it may stand there. */
static bool parse_repeat(struct parser *parser, unsigned *min, unsigned *max)
{
    *min = *max = 1;
    if (take(parser, "?")) {
        *min = 0;
    } else if (take(parser, "*")) {
        *min = 0;
        *max = UINT32_MAX;
    } else if (take(parser, "+")) {
        *max = UINT32_MAX;
    } else if (take(parser, "{")) {
        if (!parse_number(parser, min))
            return false;
        *max = *min;
        if (take(parser, ",") && !parse_number(parser, max))
            *max = UINT32_MAX;
        if (!take(parser, "}"))
            return false;
    } else {
        return true;
    }
    if (!take(parser, "+")) /* possessive and lazy ones match a part of the same texts */
        (void)take(parser, "?");
    return true;
}

/* An atom with its repetition: as many copies as places can see, then anything. */
static struct piece parse_term(struct parser *parser)
{
    const uint8_t *from = parser->at;
    bool fold = parser->fold;
    unsigned min = 1, max = 1;
    struct piece atom = parse_atom(parser);
    bool fold_behind = parser->fold;
    if (!parse_repeat(parser, &min, &max))
        return parse_failed(parser);
    if (min == 1 && max == 1)
        return atom;
    const uint8_t *behind = parser->at;
    struct piece all = empty_piece(parser), tail = {SP_NODE_NONE, SP_NODE_NONE};
    for (unsigned copy = 0; copy < max && copy < COPIES_MAX && !parser->graph->failed; copy++) {
        parser->at = from;
        parser->fold = fold;
        struct piece one = parse_atom(parser);
        if (copy >= min) { /* may end before this copy */
            if (tail.first == SP_NODE_NONE)
                tail = empty_piece(parser);
            uint16_t split = add_node(parser, SP_NODE_SPLIT, one.first);
            node_at(parser, split)->other = tail.first;
            one.first = split;
        }
        all = join(parser, all, one);
    }
    if (max > COPIES_MAX)
        all = join(parser, all, stop_piece(parser));
    parser->at = behind;
    parser->fold = fold_behind;
    return tail.first == SP_NODE_NONE ? all : join(parser, all, tail);
}

static struct piece parse_sequence(struct parser *parser)
{
    struct piece all = empty_piece(parser);
    while (parser->at < parser->end && *parser->at != '|' && *parser->at != ')')
        all = join(parser, all, parse_term(parser));
    return all;
}

static struct piece parse_choice(struct parser *parser)
{
    struct piece all = parse_sequence(parser);
    while (take(parser, "|"))
        all = either(parser, all, parse_sequence(parser));
    return all;
}

bool sp_anchor_parse(struct sp_slice expression, struct sp_graph *graph, uint16_t *first)
{
    struct parser parser = {
        .graph = graph, .at = expression.ptr, .end = expression.ptr + expression.len};
    *first = parse_choice(&parser).first;
    return !graph->failed && parser.at == parser.end;
}
