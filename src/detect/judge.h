/* From candidates that hold to the matches that are given out: confidence, and which of several
 * overlapping ones wins (DETECTORS 1, "Confidence" and "Overlap resolution"). */
#ifndef SP_DETECT_JUDGE_H
#define SP_DETECT_JUDGE_H

#include "detect/validator.h"

/* A judged candidate. */
struct sp_found {
    uint32_t begin, end; /* value in the text */
    uint32_t canonical;  /* where its canonical form begins in the matcher's store */
    uint16_t canonical_len;
    uint8_t type;       /* enum sp_type */
    uint8_t confidence; /* enum sp_confidence, LOW or more */
    uint8_t pattern;    /* index, for a stable order */
    uint8_t parts;      /* so many struct sp_part stand behind its canonical form */
    bool other;         /* not likely (struct sp_check): never kept */
    bool kept;
    bool hidden; /* not kept, but of a type that none of those has that are kept in its place, or
                  * another reading */
    unsigned attributes;
};

enum sp_confidence sp_judge_confidence(const struct sp_check *check);

/* By (begin, type). */
void sp_judge_sort(struct sp_found *found, size_t count);
/* Sets `kept` for the winners and `hidden` for what they hide, and sorts all by (begin, type).
 * `taken` has a zero byte for each byte of the text and has so again afterwards. `names`: the text
 * is a name, where one mail address may be read in two ways (factuur_jan@…). */
void sp_judge_overlaps(struct sp_found *found, size_t count, uint8_t *taken);

#endif
