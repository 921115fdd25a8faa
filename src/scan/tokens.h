/* Where a value in the clear becomes tokens. */
#ifndef SP_SCAN_TOKENS_H
#define SP_SCAN_TOKENS_H

#include "detect/matcher.h"
#include "store/seal.h"
#include "store/segment.h"

/* Adds the tokens of a match to a finding that has none: exact first, then what it may be, then
 * what it holds; of each one under every key of the ring, the newest first. */
void sp_tokens_of(const struct sp_key *key, const struct sp_match *match,
                  struct sp_kept_finding *finding);

#endif
