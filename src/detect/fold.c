#include "detect/fold.h"

/* U+0100..U+017F, one letter each (two: the pairs below); '*' has its own rule. */
static const char fold_extended[] =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkkllllllllll"
    "nnnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
/* U+00C0..U+00FF; '*': two letters, '-': dropped */
static const char fold_latin1[] = "aaaaaa*ceeeeiiiidnooooo-ouuuuy**"
                                  "aaaaaa*ceeeeiiiidnooooo-ouuuuy*y";

unsigned sp_fold_letter(uint32_t code, char out[2])
{
    static const struct {
        uint16_t code;
        char text[3];
    } pairs[] = {{0xC6, "ae"},  {0xDE, "th"},  {0xDF, "ss"},  {0xE6, "ae"},  {0xFE, "th"},
                 {0x132, "ij"}, {0x133, "ij"}, {0x152, "oe"}, {0x153, "oe"}, {0x1E9E, "ss"}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (pairs[i].code == code) {
            out[0] = pairs[i].text[0];
            out[1] = pairs[i].text[1];
            return 2;
        }
    if (code >= 0xC0 && code <= 0xFF && fold_latin1[code - 0xC0] != '-') {
        out[0] = fold_latin1[code - 0xC0];
        return 1;
    }
    if (code >= 0x100 && code - 0x100 < sizeof(fold_extended) - 1) {
        out[0] = fold_extended[code - 0x100];
        return 1;
    }
    return 0;
}

bool sp_fold_is_upper(uint32_t code)
{
    if (code >= 0xC0 && code <= 0xDE)
        return code != 0xD7;
    return code >= 0x100 && code <= 0x17F && (code & 1) == (code >= 0x139 && code <= 0x148);
}
