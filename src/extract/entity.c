/* Source of the names: HTML 4.01 section 24, and those of HTML 5 that stand for ASCII signs and
 * spaces. */
#include "extract/entity.h"
#include "base/utf8.h"

#include "core/charset.h"

#include <string.h>

struct entity {
    const char *name;
    uint16_t code;
};

/* The frequent ones first. */
static const struct entity entities[] = {
    {"amp", 0x26},
    {"nbsp", 0xA0},
    {"lt", 0x3C},
    {"gt", 0x3E},
    {"quot", 0x22},
    {"apos", 0x27},
    {"AMP", 0x26},
    {"GT", 0x3E},
    {"LT", 0x3C},
    {"NewLine", 0xA},
    {"NonBreakingSpace", 0xA0},
    {"QUOT", 0x22},
    {"Tab", 0x9},
    {"UnderBar", 0x5F},
    {"ZeroWidthSpace", 0x200B},
    {"ast", 0x2A},
    {"bsol", 0x5C},
    {"colon", 0x3A},
    {"comma", 0x2C},
    {"commat", 0x40},
    {"dash", 0x2010},
    {"dollar", 0x24},
    {"equals", 0x3D},
    {"excl", 0x21},
    {"grave", 0x60},
    {"hairsp", 0x200A},
    {"hyphen", 0x2010},
    {"lcub", 0x7B},
    {"lowbar", 0x5F},
    {"lpar", 0x28},
    {"lsqb", 0x5B},
    {"num", 0x23},
    {"numsp", 0x2007},
    {"percnt", 0x25},
    {"period", 0x2E},
    {"plus", 0x2B},
    {"puncsp", 0x2008},
    {"quest", 0x3F},
    {"rcub", 0x7D},
    {"rpar", 0x29},
    {"rsqb", 0x5D},
    {"semi", 0x3B},
    {"sol", 0x2F},
    {"verbar", 0x7C},
    {"iexcl", 0xA1},
    {"cent", 0xA2},
    {"pound", 0xA3},
    {"curren", 0xA4},
    {"yen", 0xA5},
    {"brvbar", 0xA6},
    {"sect", 0xA7},
    {"uml", 0xA8},
    {"copy", 0xA9},
    {"ordf", 0xAA},
    {"laquo", 0xAB},
    {"not", 0xAC},
    {"shy", 0xAD},
    {"reg", 0xAE},
    {"macr", 0xAF},
    {"deg", 0xB0},
    {"plusmn", 0xB1},
    {"sup2", 0xB2},
    {"sup3", 0xB3},
    {"acute", 0xB4},
    {"micro", 0xB5},
    {"para", 0xB6},
    {"middot", 0xB7},
    {"cedil", 0xB8},
    {"sup1", 0xB9},
    {"ordm", 0xBA},
    {"raquo", 0xBB},
    {"frac14", 0xBC},
    {"frac12", 0xBD},
    {"frac34", 0xBE},
    {"iquest", 0xBF},
    {"Agrave", 0xC0},
    {"Aacute", 0xC1},
    {"Acirc", 0xC2},
    {"Atilde", 0xC3},
    {"Auml", 0xC4},
    {"Aring", 0xC5},
    {"AElig", 0xC6},
    {"Ccedil", 0xC7},
    {"Egrave", 0xC8},
    {"Eacute", 0xC9},
    {"Ecirc", 0xCA},
    {"Euml", 0xCB},
    {"Igrave", 0xCC},
    {"Iacute", 0xCD},
    {"Icirc", 0xCE},
    {"Iuml", 0xCF},
    {"ETH", 0xD0},
    {"Ntilde", 0xD1},
    {"Ograve", 0xD2},
    {"Oacute", 0xD3},
    {"Ocirc", 0xD4},
    {"Otilde", 0xD5},
    {"Ouml", 0xD6},
    {"times", 0xD7},
    {"Oslash", 0xD8},
    {"Ugrave", 0xD9},
    {"Uacute", 0xDA},
    {"Ucirc", 0xDB},
    {"Uuml", 0xDC},
    {"Yacute", 0xDD},
    {"THORN", 0xDE},
    {"szlig", 0xDF},
    {"agrave", 0xE0},
    {"aacute", 0xE1},
    {"acirc", 0xE2},
    {"atilde", 0xE3},
    {"auml", 0xE4},
    {"aring", 0xE5},
    {"aelig", 0xE6},
    {"ccedil", 0xE7},
    {"egrave", 0xE8},
    {"eacute", 0xE9},
    {"ecirc", 0xEA},
    {"euml", 0xEB},
    {"igrave", 0xEC},
    {"iacute", 0xED},
    {"icirc", 0xEE},
    {"iuml", 0xEF},
    {"eth", 0xF0},
    {"ntilde", 0xF1},
    {"ograve", 0xF2},
    {"oacute", 0xF3},
    {"ocirc", 0xF4},
    {"otilde", 0xF5},
    {"ouml", 0xF6},
    {"divide", 0xF7},
    {"oslash", 0xF8},
    {"ugrave", 0xF9},
    {"uacute", 0xFA},
    {"ucirc", 0xFB},
    {"uuml", 0xFC},
    {"yacute", 0xFD},
    {"thorn", 0xFE},
    {"yuml", 0xFF},
    {"OElig", 0x152},
    {"oelig", 0x153},
    {"Scaron", 0x160},
    {"scaron", 0x161},
    {"Yuml", 0x178},
    {"ensp", 0x2002},
    {"emsp", 0x2003},
    {"thinsp", 0x2009},
    {"zwnj", 0x200C},
    {"zwj", 0x200D},
    {"lrm", 0x200E},
    {"rlm", 0x200F},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"sbquo", 0x201A},
    {"ldquo", 0x201C},
    {"rdquo", 0x201D},
    {"bdquo", 0x201E},
    {"dagger", 0x2020},
    {"Dagger", 0x2021},
    {"bull", 0x2022},
    {"hellip", 0x2026},
    {"permil", 0x2030},
    {"prime", 0x2032},
    {"Prime", 0x2033},
    {"lsaquo", 0x2039},
    {"rsaquo", 0x203A},
    {"oline", 0x203E},
    {"frasl", 0x2044},
    {"euro", 0x20AC},
};

/* Base of a number, 0 for a name; *from is its first digit. */
static uint32_t number_base(struct sp_slice entity, size_t *from)
{
    if (entity.len < 2 || entity.ptr[1] != '#')
        return 0;
    bool hex = entity.len > 2 && (entity.ptr[2] | 0x20) == 'x';
    *from = hex ? 3 : 2;
    return hex ? 16 : 10;
}

/* 0x80 to 0x9F are written by those who mean windows-1252; only signs that are part of values
 * matter. */
static uint32_t code_repair(uint32_t code)
{
    if (code == 0x91 || code == 0x92)
        return '\'';
    if (code == 0x96 || code == 0x97)
        return '-';
    bool control = (code < ' ' && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
    return control ? ' ' : code;
}

static bool number_code(struct sp_slice entity, uint32_t base, size_t from, uint32_t *code)
{
    uint32_t value = 0;
    for (size_t i = from; i < entity.len; i++) {
        int digit = sp_hex_digit(entity.ptr[i]);
        if (digit < 0 || (uint32_t)digit >= base || value > 0x10FFFF)
            return false;
        value = value * base + (uint32_t)digit;
    }
    if (from >= entity.len || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return false;
    *code = code_repair(value);
    return true;
}

static bool name_code(struct sp_slice entity, uint32_t *code)
{
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        size_t len = strlen(entities[i].name);
        if (len == entity.len - 1 && memcmp(entities[i].name, entity.ptr + 1, len) == 0) {
            *code = entities[i].code;
            return true;
        }
    }
    return false;
}

bool sp_entity_code(struct sp_slice entity, uint32_t *code)
{
    size_t from = 0;
    uint32_t base = number_base(entity, &from);
    bool known = base != 0 ? number_code(entity, base, from, code) : name_code(entity, code);
    if (known && !sp_code_normalise(code))
        *code = 0;
    return known;
}

bool sp_entity_number_ends(struct sp_slice entity, uint8_t next)
{
    size_t from = 0;
    uint32_t code;
    uint32_t base = number_base(entity, &from);
    int digit = sp_hex_digit(next);
    return base != 0 && (digit < 0 || (uint32_t)digit >= base) &&
           number_code(entity, base, from, &code);
}
