/* The anchors of an expression are the paths through its graph of the first SP_ANCHOR_AHEAD bytes:
 * fewer bytes when there are too many paths. */
#include "detect/anchor_graph.h"

#include "base/mem.h"

enum {
    RETURNS_MAX = 4,  /* lookaheads within lookaheads */
    STEPS_MAX = 20000 /* of all paths of one expression */
};

static const struct sp_byte_class class_any = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, 1}};

static bool class_narrow(struct sp_byte_class *class, const struct sp_byte_class *by)
{
    uint64_t left = 0;
    for (size_t i = 0; i < 5; i++) {
        class->bits[i] &= by->bits[i];
        left |= class->bits[i];
    }
    return left != 0;
}

/* ---- paths --------------------------------------------------------------------------------- */
struct path {
    uint16_t node;
    int place; /* of the next byte, from the start of the match */
    struct {
        uint16_t node;
        int place;
    } returns[RETURNS_MAX]; /* where open lookaheads go on */
    unsigned returns_count;
    struct sp_anchor anchor;
};

struct paths {
    const struct sp_graph *graph;
    struct sp_anchor *out;
    size_t count;
    unsigned steps;
    int ahead; /* places looked at: fewer when there are too many paths */
    bool too_many;
    bool empty; /* a path without any byte: nothing can be told */
};

static void walk(struct paths *paths, struct path path);

static bool narrow(struct path *path, int place, const struct sp_byte_class *class)
{
    int index = place + SP_ANCHOR_BACK;
    if (index < 0 || index >= SP_ANCHOR_PLACES)
        return true;
    return class_narrow(&path->anchor.at[index], class);
}

/* Follows the alternatives of a lookbehind; each that is a plain run of bytes narrows the places
 * before, any other is taken as true. */
static void walk_behind(struct paths *paths, const struct path *path, uint16_t index,
                        const struct sp_node **run, unsigned run_len)
{
    const struct sp_node *node = &paths->graph->nodes[index];
    const struct sp_node *behind = &paths->graph->nodes[path->node];
    if (paths->too_many || ++paths->steps > STEPS_MAX) {
        paths->too_many = true;
        return;
    }
    if (node->kind == SP_NODE_SPLIT) {
        walk_behind(paths, path, node->next, run, run_len);
        walk_behind(paths, path, node->other, run, run_len);
    } else if (node->kind == SP_NODE_EMPTY) {
        walk_behind(paths, path, node->next, run, run_len);
    } else if (node->kind == SP_NODE_BYTE) {
        const struct sp_node *longer[SP_ANCHOR_BACK];
        for (unsigned i = 0; i + 1 < SP_ANCHOR_BACK; i++)
            longer[i + 1] = run[i];
        longer[0] = node;
        walk_behind(paths, path, node->next, longer,
                    run_len < SP_ANCHOR_BACK ? run_len + 1 : run_len);
    } else {
        struct path on = *path;
        bool holds = true;
        on.node = behind->next;
        for (unsigned i = 0; node->kind == SP_NODE_RETURN && i < run_len && holds; i++)
            holds = narrow(&on, path->place - 1 - (int)i, &run[i]->class);
        if (holds)
            walk(paths, on);
    }
}

static void emit(struct paths *paths, const struct path *path)
{
    if (path->place == 0)
        paths->empty = true;
    if (paths->count == SP_ANCHORS_RAW_MAX)
        paths->too_many = true;
    else
        paths->out[paths->count++] = path->anchor;
}

/* At the end of a path: back behind the lookahead it belongs to, or a whole path. */
static bool walk_return(struct paths *paths, struct path *path)
{
    if (path->returns_count == 0) {
        emit(paths, path);
        return false;
    }
    path->returns_count--;
    path->node = path->returns[path->returns_count].node;
    path->place = path->returns[path->returns_count].place;
    return true;
}

static void walk(struct paths *paths, struct path path)
{
    const struct sp_node *none[SP_ANCHOR_BACK] = {NULL};
    while (!paths->too_many) {
        if (++paths->steps > STEPS_MAX) {
            paths->too_many = true;
            return;
        }
        if (path.node == SP_NODE_NONE || path.place >= paths->ahead) {
            if (!walk_return(paths, &path))
                return;
            continue;
        }
        const struct sp_node *node = &paths->graph->nodes[path.node];
        switch ((enum sp_node_kind)node->kind) {
        case SP_NODE_SPLIT: {
            struct path other = path;
            other.node = node->other;
            walk(paths, other);
            break;
        }
        case SP_NODE_BYTE:
            if (!narrow(&path, path.place, &node->class))
                return;
            path.place++;
            break;
        case SP_NODE_PLACE:
            if (!narrow(&path, path.place + node->place, &node->class))
                return;
            break;
        case SP_NODE_AHEAD:
            if (path.returns_count == RETURNS_MAX)
                break;
            path.returns[path.returns_count].node = node->next;
            path.returns[path.returns_count++].place = path.place;
            path.node = node->other;
            continue;
        case SP_NODE_BEHIND:
            walk_behind(paths, &path, node->other, none, 0);
            return;
        case SP_NODE_RETURN:
        case SP_NODE_STOP:
            path.node = SP_NODE_NONE;
            continue;
        case SP_NODE_EMPTY:
            break;
        }
        path.node = node->next;
    }
}

/* ---- a digit that must follow -------------------------------------------------------------- */
static bool is_digits(const struct sp_byte_class *class)
{
    const uint64_t digits = UINT64_C(0x3FF) << '0';
    return !(class->bits[0] & ~digits) && !class->bits[1] && !class->bits[2] && !class->bits[3];
}

/* How many bytes stand before the first digit that each path from the node must hold, at most;
 * DIGIT_MAX + 1: too many or not so. Nodes are looked at in their order from the last, because
 * most lead to later ones; `known` holds what was found. */
static unsigned digit_from(const struct sp_graph *graph, uint16_t index, uint8_t *known,
                           unsigned depth)
{
    enum { FAR = SP_ANCHOR_DIGIT_MAX + 1, UNKNOWN = 0xFF, NEST_MAX = 2000 };
    if (index == SP_NODE_NONE || depth > NEST_MAX)
        return FAR;
    if (known[index] != UNKNOWN)
        return known[index];
    const struct sp_node *node = &graph->nodes[index];
    unsigned next = 0, other = 0;
    if (node->kind != SP_NODE_STOP && node->kind != SP_NODE_RETURN &&
        !(node->kind == SP_NODE_BYTE && is_digits(&node->class)))
        next = digit_from(graph, node->next, known, depth + 1);
    if (node->kind == SP_NODE_SPLIT || node->kind == SP_NODE_AHEAD)
        other = digit_from(graph, node->other, known, depth + 1);
    if (node->kind == SP_NODE_STOP || node->kind == SP_NODE_RETURN)
        next = FAR;
    else if (node->kind == SP_NODE_BYTE && !is_digits(&node->class))
        next = next < FAR ? next + 1 : FAR;
    else if (node->kind == SP_NODE_SPLIT)
        next = next > other ? next : other;
    else if (node->kind == SP_NODE_AHEAD)
        next = next < other ? next : other;
    known[index] = (uint8_t)next;
    return next;
}

/* False: no memory. */
static bool digit_within(const struct sp_graph *graph, uint16_t first, uint8_t *within)
{
    uint8_t *known = sp_alloc_zero(graph->count + 1);
    if (!known)
        return false;
    memset(known, 0xFF, graph->count);
    unsigned far = digit_from(graph, first, known, 0);
    sp_free(known);
    *within = far > SP_ANCHOR_DIGIT_MAX ? SP_ANCHOR_NO_DIGIT : (uint8_t)far;
    return true;
}

/* ---- how many digits, in how many bytes ----------------------------------------------------- */
enum { REACH_FAR = SP_ANCHOR_REACH_MAX + 1, COUNT_NEST_MAX = 2000 };

struct count {
    uint8_t min;   /* digits on each path from the node, at least; REACH_FAR: no path but a loop */
    uint8_t reach; /* bytes on each path, at most; REACH_FAR: more, or a loop */
    enum { COUNT_UNKNOWN, COUNT_OPEN, COUNT_KNOWN } state;
};

static unsigned at_most(unsigned value)
{
    return value < REACH_FAR ? value : REACH_FAR;
}

/* Counts along all paths. What stands in lookarounds is not counted: it is no byte of its own. */
static struct count count_from(const struct sp_graph *graph, uint16_t index, struct count *known,
                               unsigned depth)
{
    if (index == SP_NODE_NONE)
        return (struct count){0, 0, COUNT_KNOWN};
    if (depth > COUNT_NEST_MAX)
        return (struct count){0, REACH_FAR, COUNT_KNOWN};
    if (known[index].state == COUNT_OPEN) /* a loop: endless, and never the way with fewest */
        return (struct count){REACH_FAR, REACH_FAR, COUNT_KNOWN};
    if (known[index].state == COUNT_KNOWN)
        return known[index];
    const struct sp_node *node = &graph->nodes[index];
    struct count count = {0, 0, COUNT_KNOWN};
    known[index].state = COUNT_OPEN;
    if (node->kind != SP_NODE_STOP && node->kind != SP_NODE_RETURN)
        count = count_from(graph, node->next, known, depth + 1);
    if (node->kind == SP_NODE_SPLIT) {
        struct count other = count_from(graph, node->other, known, depth + 1);
        count.min = other.min < count.min ? other.min : count.min;
        count.reach = other.reach > count.reach ? other.reach : count.reach;
    } else if (node->kind == SP_NODE_BYTE) {
        count.min = (uint8_t)at_most(count.min + (is_digits(&node->class) ? 1U : 0U));
        count.reach = (uint8_t)at_most(count.reach + 1U);
    }
    known[index] = count;
    return count;
}

/* False: no memory. */
static bool digits_count(const struct sp_graph *graph, uint16_t first, struct sp_anchor_list *out)
{
    struct count *known = sp_alloc_zero((graph->count + 1) * sizeof *known);
    if (!known)
        return false;
    struct count all = count_from(graph, first, known, 0);
    sp_free(known);
    bool told = all.min > 0 && all.min < REACH_FAR && all.reach < REACH_FAR;
    out->digits_min = told ? all.min : 0;
    out->digits_reach = told ? all.reach : 0;
    return true;
}

bool sp_anchor_derive(struct sp_slice expression, struct sp_anchor_list *out)
{
    struct sp_graph graph = {.nodes = sp_alloc_zero(SP_NODES_MAX * sizeof *graph.nodes)};
    out->count = 0;
    out->digit_within = SP_ANCHOR_NO_DIGIT;
    out->digits_min = out->digits_reach = 0;
    if (!graph.nodes)
        return false;
    uint16_t first = SP_NODE_NONE;
    bool understood = sp_anchor_parse(expression, &graph, &first);
    struct paths paths = {.graph = &graph, .out = out->list, .too_many = true};
    for (int ahead = SP_ANCHOR_AHEAD; understood && paths.too_many && ahead > 0; ahead--) {
        paths = (struct paths){.graph = &graph, .out = out->list, .ahead = ahead};
        struct path path = {.node = first};
        for (size_t i = 0; i < SP_ANCHOR_PLACES; i++)
            path.anchor.at[i] = class_any;
        walk(&paths, path);
    }
    bool enough = true;
    if (understood && !paths.too_many && !paths.empty) {
        out->count = paths.count;
        enough =
            digit_within(&graph, first, &out->digit_within) && digits_count(&graph, first, out);
    }
    sp_free(graph.nodes);
    return enough;
}
