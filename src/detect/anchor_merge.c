/* Fewer anchors that cover the same: pairs whose union lets through the least more are merged. */
#include "detect/anchor.h"

#include "base/mem.h"

enum { MERGE_MAX = UINT8_MAX, WEIGHTS_MAX = 256 };

/* Roughly how often bytes of a kind stand in text, so that a merge is charged for what it will let
 * through. Only the choice of merges depends on it. Kinds in one word of a class each. */
static const struct {
    uint64_t members;
    unsigned word;   /* of struct sp_byte_class.bits */
    unsigned weight; /* of one member */
} kinds[] = {
    {UINT64_C(0x07FFFFFE00000000), 1, 24},  /* a-z */
    {UINT64_C(0x0000000007FFFFFE), 1, 3},   /* A-Z */
    {UINT64_C(0xF8000001F8000001), 1, 2},   /* @[\]^_`{|}~ */
    {UINT64_C(0x0000000100000000), 0, 130}, /* space */
    {UINT64_C(0x03FF000000000000), 0, 15},  /* 0-9 */
    {UINT64_C(0xFC00FFFE00000000), 0, 4},   /* other punctuation */
    {UINT64_C(0x00000000FFFFFFFF), 0, 1},   /* control characters, newline among them */
    {UINT64_MAX, 2, 1},
    {UINT64_MAX, 3, 1},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0], ALL_WEIGHT = 1250 };

unsigned sp_anchor_weight(uint8_t byte)
{
    unsigned word = byte >> 6;
    uint64_t bit = UINT64_C(1) << (byte & 63);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].word == word && (kinds[i].members & bit))
            return kinds[i].weight;
    }
    return 1;
}

/* How often a byte of the class stands in text, among ALL_WEIGHT. */
static unsigned class_weight(const struct sp_byte_class *class)
{
    unsigned sum = 0;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        uint64_t bits = class->bits[kinds[i].word] & kinds[i].members;
        if (bits)
            sum += kinds[i].weight * (unsigned)__builtin_popcountll(bits);
    }
    return sum;
}

/* Weights that were counted: few classes come back again and again. */
struct weights {
    struct sp_byte_class of[WEIGHTS_MAX];
    unsigned weight[WEIGHTS_MAX]; /* 0: nothing is remembered here, or a class of no byte */
};

static unsigned weight_of(struct weights *weights, const struct sp_byte_class *class)
{
    const uint64_t *bits = class->bits;
    uint64_t hash =
        (bits[0] ^ (bits[1] * 3) ^ (bits[2] * 5) ^ (bits[3] * 7)) * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = hash >> 56;
    const uint64_t *known = weights->of[slot].bits;
    if (weights->weight[slot] == 0 || known[0] != bits[0] || known[1] != bits[1] ||
        known[2] != bits[2] || known[3] != bits[3]) {
        weights->of[slot] = *class;
        weights->weight[slot] = class_weight(class);
    }
    return weights->weight[slot];
}

/* Places of the anchor that any byte suits, a bit each. */
static unsigned places_of_any(const struct sp_anchor *anchor)
{
    unsigned any = 0;
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        const uint64_t *bits = anchor->at[place].bits;
        any |= (unsigned)((bits[0] & bits[1] & bits[2] & bits[3]) == UINT64_MAX) << place;
    }
    return any;
}

struct merge {
    struct sp_anchor *anchors;
    unsigned any[MERGE_MAX]; /* places_of_any */
    double share[MERGE_MAX];
    double *cost; /* [i * count + j] for i < j: what a union lets through more */
    bool gone[MERGE_MAX];
    size_t count;
    struct weights weights;
};

/* The share of places that fit the union of two anchors, as if bytes were independent. */
static double union_share(struct merge *merge, size_t i, size_t j)
{
    double share = 1;
    unsigned left = ~(merge->any[i] | merge->any[j]) & ((1U << SP_ANCHOR_PLACES) - 1);
    for (; left; left &= left - 1) {
        size_t place = (size_t)__builtin_ctz(left);
        const uint64_t *a = merge->anchors[i].at[place].bits, *b = merge->anchors[j].at[place].bits;
        const struct sp_byte_class both = {
            {a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3], a[4] | b[4]}};
        share *= (double)weight_of(&merge->weights, &both) / ALL_WEIGHT;
    }
    return share;
}

static double union_cost(struct merge *merge, size_t i, size_t j)
{
    return union_share(merge, i, j) - merge->share[i] - merge->share[j];
}

static void unite(struct merge *merge, size_t into, size_t from)
{
    struct sp_anchor *anchor = &merge->anchors[into];
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        for (size_t word = 0; word < 5; word++)
            anchor->at[place].bits[word] |= merge->anchors[from].at[place].bits[word];
    }
    merge->any[into] = places_of_any(anchor);
    merge->share[into] = union_share(merge, into, into);
    merge->gone[from] = true;
}

static void merge_cheapest(struct merge *merge)
{
    size_t best_i = 0, best_j = 1, count = merge->count;
    double best = 1e9;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count && !merge->gone[i]; j++) {
            if (!merge->gone[j] && merge->cost[i * count + j] < best) {
                best = merge->cost[i * count + j];
                best_i = i;
                best_j = j;
            }
        }
    }
    unite(merge, best_i, best_j);
    for (size_t other = 0; other < count; other++) {
        size_t low = other < best_i ? other : best_i, high = other < best_i ? best_i : other;
        if (!merge->gone[other] && low != high)
            merge->cost[low * count + high] = union_cost(merge, low, high);
    }
}

/* Moves the anchors that are left to the front. */
static size_t close_ranks(struct merge *merge)
{
    size_t left = 0;
    for (size_t i = 0; i < merge->count; i++) {
        if (merge->gone[i])
            continue;
        if (left != i)
            merge->anchors[left] = merge->anchors[i];
        left++;
    }
    return left;
}

size_t sp_anchor_merge(struct sp_anchor *anchors, size_t count, size_t max)
{
    struct merge merge = {.anchors = anchors, .count = count};
    if (count <= max || count > MERGE_MAX)
        return count;
    for (size_t i = 0; i < count; i++) {
        merge.any[i] = places_of_any(&anchors[i]);
        merge.share[i] = union_share(&merge, i, i);
    }
    merge.cost = sp_alloc_zero(count * count * sizeof *merge.cost);
    if (!merge.cost)
        return count;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++)
            merge.cost[i * count + j] = union_cost(&merge, i, j);
    }
    for (size_t left = count; left > max; left--)
        merge_cheapest(&merge);
    sp_free(merge.cost);
    return close_ranks(&merge);
}
