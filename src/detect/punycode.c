#include "detect/punycode.h"

#include "base/utf8.h"

#include <stdbool.h>

/* RFC 3492, section 5 */
enum {
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    INITIAL_BIAS = 72,
    INITIAL_N = 0x80
};

struct label {
    uint32_t codes[SP_LABEL_MAX];
    size_t count;
    uint8_t *out;
    size_t len;
    bool full;
};

static void label_put(struct label *label, uint8_t byte)
{
    label->full = label->full || label->len == SP_LABEL_MAX;
    if (!label->full)
        label->out[label->len++] = byte;
}

static bool label_read(struct label *label, struct sp_slice utf8)
{
    for (size_t pos = 0; pos < utf8.len;) {
        unsigned taken =
            label->count == SP_LABEL_MAX
                ? 0
                : sp_utf8_decode(utf8.ptr + pos, utf8.len - pos, &label->codes[label->count]);
        if (taken == 0)
            return false;
        label->count++;
        pos += taken;
    }
    return label->count > 0;
}

/* Section 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* A number in digits of changing weight, section 3.3. */
static void number_put(struct label *label, uint32_t number, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        uint32_t digit = number < t ? number : t + (number - t) % (BASE - t);
        label_put(label, (uint8_t)(digit < 26 ? 'a' + digit : '0' + digit - 26));
        if (number < t)
            return;
        number = (number - t) / (BASE - t);
    }
}

/* Section 6.3: the code points beyond ASCII in ascending order, each with where it goes. */
static void codes_put(struct label *label, uint32_t basic)
{
    uint32_t delta = 0, bias = INITIAL_BIAS, done = basic, n = INITIAL_N;
    while (done < label->count && !label->full) {
        uint32_t next = UINT32_MAX;
        for (size_t i = 0; i < label->count; i++)
            next = label->codes[i] >= n && label->codes[i] < next ? label->codes[i] : next;
        delta += (next - n) * (done + 1); /* at most 0x10FFFF * 64 */
        n = next;
        for (size_t i = 0; i < label->count; i++) {
            delta += label->codes[i] < n;
            if (label->codes[i] != n)
                continue;
            number_put(label, delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        n++;
    }
}

size_t sp_punycode_label(struct sp_slice utf8, uint8_t out[SP_LABEL_MAX])
{
    struct label label = {.out = out};
    uint32_t basic = 0;
    if (!label_read(&label, utf8))
        return 0;
    for (size_t i = 0; i < label.count; i++)
        basic += label.codes[i] < INITIAL_N;
    for (const char *prefix = basic < label.count ? "xn--" : ""; *prefix != '\0'; prefix++)
        label_put(&label, (uint8_t)*prefix);
    for (size_t i = 0; i < label.count; i++) {
        if (label.codes[i] < INITIAL_N)
            label_put(&label, (uint8_t)label.codes[i]);
    }
    if (basic > 0 && basic < label.count)
        label_put(&label, '-');
    codes_put(&label, basic);
    return label.full ? 0 : label.len;
}
