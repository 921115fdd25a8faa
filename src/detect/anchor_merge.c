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

/* The share of places that fit, as if bytes were independent. */
static double fit_share(struct weights *weights, const struct sp_anchor *anchor)
{
    double share = 1;
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        const struct sp_byte_class *class = &anchor->at[place];
        if ((class->bits[0] & class->bits[1] & class->bits[2] & class->bits[3]) == UINT64_MAX)
            continue;
        share *= (double)weight_of(weights, class) / ALL_WEIGHT;
    }
    return share;
}

static void unite(struct sp_anchor *into, const struct sp_anchor *from)
{
    for (size_t place = 0; place < SP_ANCHOR_PLACES; place++) {
        for (size_t word = 0; word < 5; word++)
            into->at[place].bits[word] |= from->at[place].bits[word];
    }
}

struct merge {
    struct sp_anchor *anchors;
    double share[MERGE_MAX];
    double *cost; /* [i * count + j] for i < j: what a union lets through more */
    bool gone[MERGE_MAX];
    size_t count;
    struct weights weights;
};

static double union_cost(struct merge *merge, size_t i, size_t j)
{
    struct sp_anchor both = merge->anchors[i];
    unite(&both, &merge->anchors[j]);
    return fit_share(&merge->weights, &both) - merge->share[i] - merge->share[j];
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
    unite(&merge->anchors[best_i], &merge->anchors[best_j]);
    merge->gone[best_j] = true;
    merge->share[best_i] = fit_share(&merge->weights, &merge->anchors[best_i]);
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
    for (size_t i = 0; i < count; i++)
        merge.share[i] = fit_share(&merge.weights, &anchors[i]);
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
