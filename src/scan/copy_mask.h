/* Other people's values in text that is copied for one person: found once more in what is about to
 * be written, and masked. */
#ifndef SP_SCAN_COPY_MASK_H
#define SP_SCAN_COPY_MASK_H

#include "detect/matcher.h"
#include "scan/spellings.h"
#include "store/seal.h"
#include "store/segment.h"

enum { SP_COPY_NESTED_MAX = 2 /* encodings in each other that are seen through */ };

/* Whether a finding is surely the person's. Called by several threads at once. */
typedef bool (*sp_copy_own)(void *ctx, const struct sp_kept_finding *finding);

/* One a thread. All but the buffers is borrowed. */
struct sp_copy_eyes {
    struct sp_matcher *matcher; /* that is not at work when these are used */
    const struct sp_key *key;
    sp_copy_own own;
    void *own_ctx;
    bool mask_hint;
    struct sp_spellings *spellings;            /* made when first needed */
    struct sp_buf spans;                       /* struct copy_span[] of the text at hand */
    struct sp_buf decoded[SP_COPY_NESTED_MAX]; /* in the clear: wiped */
};

void sp_copy_eyes_init(struct sp_copy_eyes *eyes, struct sp_matcher *matcher,
                       const struct sp_key *key, sp_copy_own own, void *own_ctx, bool mask_hint);
void sp_copy_eyes_clear(struct sp_copy_eyes *eyes);
/* Appends the text, of a record of this kind, with the mask of each value in it that is not the
 * person's in its place, in whatever spelling; Base64 and hexadecimal digits in which such a value
 * stands become "***" as a whole, as does what is too hard to judge, and all Base64 that is long
 * and cannot be seen through. *masked grows by what was replaced. Errors of `out`. */
enum sp_err sp_copy_mask(struct sp_copy_eyes *eyes, enum sp_record_kind kind, struct sp_slice text,
                         struct sp_buf *out, uint64_t *masked, struct sp_why *why);

#endif
