/* Inside of the address detector (check_address.c, address_*.c): what its parts hand each other.
 *
 *   address_chars.c      characters, words and parts of a stretch of text; folding
 *   address_words.c      the words: street suffixes, headings, units, labels
 *   address_places.c     towns and countries
 *   address_keys.c       what the keys of fields stand for
 *   address_code.c       postcodes and PO boxes
 *   address_number.c     house numbers with additions
 *   address_street.c     streets
 *   address_town.c       towns and countries in text
 *   address_before.c     street and number before a postcode
 *   address_line.c       an address in running text: from an anchor to the whole
 *   address_alone.c      street and number without a postcode
 *   address_foreign.c    addresses abroad
 *   address_row.c        an address spread over the fields of a row
 *   address_pairs.c      over keyed text
 *   address_delimited.c  over delimited text with a header
 *   address_form.c       canonical form and confidence
 *
 * Nothing allocates, nothing reads outside [view->lo, view->hi), and every walk has a bound, so
 * that an anchor costs the same however long the text is. */
#ifndef SP_DETECT_ADDRESS_H
#define SP_DETECT_ADDRESS_H

#include "detect/validator.h"

enum {
    SP_ADDR_REACH_BYTES = 320, /* how far from an anchor another part of the address may lie */
    SP_ADDR_PART_BYTES = 160,  /* of one part that are looked at */
    SP_ADDR_ROW_BYTES = 1536,  /* how far from an anchor another cell of its row may lie */
    SP_ADDR_LINES_MAX = 4,     /* lines of one address */
    SP_ADDR_WORDS_MAX = 12,    /* words of a part that are looked at */
    SP_ADDR_STREET_WORDS = 8,  /* words of a street, titles included */
    SP_ADDR_FOLD_MAX = 96,     /* bytes of a folded street or town; longer ones are cut */
    SP_ADDR_ADDITION_MAX = 20  /* bytes of an addition */
};

/* A stretch of text, [begin, end); empty when nothing is there. */
struct sp_addr_span {
    size_t begin, end;
};

/* What may be read. */
struct sp_addr_view {
    const uint8_t *data;
    size_t lo, hi; /* bytes of data; data[lo..hi) only */
    bool typed;    /* a person typed this as an address: no evidence is asked for */
};

/* Classes of characters. */
enum sp_addr_class {
    SP_ADDR_EDGE,   /* outside the view */
    SP_ADDR_LETTER, /* Latin letters and combining marks */
    SP_ADDR_DIGIT,
    SP_ADDR_INNER, /* part of a word: . ' - / & + */
    SP_ADDR_SPACE,
    SP_ADDR_LINE, /* newline */
    SP_ADDR_SEP,  /* between the parts of an address: , ; | ( ) " tab bullet U+001F */
    SP_ADDR_STOP  /* everything else */
};
struct sp_addr_char {
    enum sp_addr_class class;
    unsigned len; /* bytes, 0 at the edge */
};
struct sp_addr_char sp_addr_char_at(const struct sp_addr_view *view, size_t pos);
struct sp_addr_char sp_addr_char_before(const struct sp_addr_view *view, size_t pos);
bool sp_addr_is_upper(const struct sp_addr_view *view, size_t pos);
/* The byte at `pos`; 0 outside the view. */
static inline uint8_t sp_addr_byte(const struct sp_addr_view *view, size_t pos)
{
    return pos >= view->lo && pos < view->hi ? view->data[pos] : 0;
}
static inline bool sp_addr_is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}
static inline bool sp_addr_is_alpha(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}
static inline uint8_t sp_addr_to_upper(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z' ? (uint8_t)(byte - 32) : byte;
}
static inline bool sp_addr_some(struct sp_addr_span span)
{
    return span.end > span.begin;
}

/* Lower case, without diacritics, letters and digits only; NUL-terminated. Returns the length. */
size_t sp_addr_fold(const struct sp_addr_view *view, struct sp_addr_span span, char *out,
                    size_t size);

/* The words of a span, split at spaces, stripped of quotes and of a closing full stop.
 * `from_end`: the last SP_ADDR_WORDS_MAX of them, else the first. */
struct sp_addr_words {
    struct sp_addr_span at[SP_ADDR_WORDS_MAX];
    unsigned count;
};
void sp_addr_split(const struct sp_addr_view *view, struct sp_addr_span span, bool from_end,
                   struct sp_addr_words *out);

/* A part of an address: what stands between separators or line ends. */
struct sp_addr_part {
    struct sp_addr_span at;
    unsigned lines; /* line ends between it and where the walk began */
    unsigned seps;  /* separators between it and where the walk began */
};
/* The part that ends before `pos` (begins behind it). False: the block ends there. */
bool sp_addr_part_before(const struct sp_addr_view *view, size_t pos, struct sp_addr_part *out);
bool sp_addr_part_after(const struct sp_addr_view *view, size_t pos, struct sp_addr_part *out);
/* The whole part around `pos`. */
struct sp_addr_span sp_addr_part_around(const struct sp_addr_view *view, size_t pos);

/* ---- tables ---- */

enum sp_addr_suffix {
    SP_ADDR_SUFFIX_NONE,
    SP_ADDR_SUFFIX_WEAK,  /* evidence only beside a postcode or town */
    SP_ADDR_SUFFIX_BARE,  /* the word is nothing but a suffix: Plein, Kade */
    SP_ADDR_SUFFIX_STRONG /* Dorpsstraat */
};
/* The evidence in one folded word. `dotted`: the word ended with a full stop (Dorpsstr.). */
enum sp_addr_suffix sp_addr_suffix_of(const char *folded, bool dotted);
bool sp_addr_is_sure_suffix(const char *folded); /* bare, but means little else: plein */
bool sp_addr_is_adjective(const char *folded);   /* oude, nieuwe: before a bare suffix */
bool sp_addr_is_french_type(const char *folded);
bool sp_addr_is_heading(const char *folded);      /* artikel, pagina, factuur, january, ... */
bool sp_addr_is_unit(const char *folded);         /* keer, uur, meter, mei: no address precedes */
bool sp_addr_is_particle(const char *folded);     /* van, de, der, du, des */
bool sp_addr_is_place_word(const char *folded);   /* op, aan, in, bij */
bool sp_addr_is_lead(const char *folded);         /* adres, naar, woont: before a street, no part */
bool sp_addr_is_no_town(const char *folded);      /* Tel, Postbus, Nederland */
bool sp_addr_is_abbreviation(const char *folded); /* prof, dr, burg */
bool sp_addr_is_addition(const char *folded);     /* bis, hs, huis, iii */
bool sp_addr_is_box(const char *folded);          /* bus, bte, box */
bool sp_addr_is_number_word(const char *folded);  /* nr, no, nummer */
bool sp_addr_is_known_town(const char *folded);
bool sp_addr_is_label(const char *folded); /* adres, bezoekadres, woonachtig */

struct sp_addr_country {
    const char *name;  /* folded */
    const char *code;  /* ISO 3166-1 alpha-2 */
    const char *shape; /* of a postcode: 9 digit, A letter, X both, blank optional space; NULL */
};
const struct sp_addr_country *sp_addr_country_of(const char *folded);

enum sp_addr_role {
    SP_ADDR_ROLE_NONE,
    SP_ADDR_ROLE_STREET,
    SP_ADDR_ROLE_LINE,  /* a whole address or its first line */
    SP_ADDR_ROLE_LINE2, /* what WooCommerce calls address_2: often the addition */
    SP_ADDR_ROLE_NUMBER,
    SP_ADDR_ROLE_LETTER,
    SP_ADDR_ROLE_ADDITION,
    SP_ADDR_ROLE_BUS,
    SP_ADDR_ROLE_POSTCODE,
    SP_ADDR_ROLE_TOWN,
    SP_ADDR_ROLE_COUNTRY,
    SP_ADDR_ROLE_COUNT
};
enum { SP_ADDR_GROUP_LEN = 24 };
/* What a column header, JSON key, tag or form label stands for. `group` gets what is left of the
 * key ("billing" of billing_postcode): fields of one address have the same group. */
enum sp_addr_role sp_addr_role_of(struct sp_slice key, char group[SP_ADDR_GROUP_LEN]);

/* ---- parts ---- */

enum sp_addr_kind { SP_ADDR_NO_POSTCODE, SP_ADDR_NL, SP_ADDR_BE, SP_ADDR_FOREIGN };

/* An address under construction. */
struct sp_addr {
    enum sp_addr_kind kind;
    char country[3];                         /* foreign: ISO 3166-1 */
    char postcode[12];                       /* upper case, no spaces; empty: none */
    char number[10];                         /* "12", "PB626", "AN1234"; empty: none */
    char addition[SP_ADDR_ADDITION_MAX + 1]; /* A-Z0-9 */
    uint8_t slash; /* index in addition + 1 of what stood behind a `/`; 0: nothing did */
    struct sp_addr_span code_at;   /* the postcode with its prefix */
    struct sp_addr_span number_at; /* with its additions */
    struct sp_addr_span street_at;
    struct sp_addr_span town_at;
    struct sp_addr_span country_at;
    enum sp_addr_suffix suffix; /* the best evidence in the street */
    bool capital;               /* the street begins with a capital or a digit */
    bool lower_code;            /* the postcode's letters are lower case */
    bool clue;                  /* B-, BE-, NL-, a country name, a bus number */
    bool keyed;                 /* the fields' keys say what they are */
};

bool sp_addr_read_nl(const struct sp_addr_view *view, size_t pos, struct sp_addr *out);
bool sp_addr_read_be(const struct sp_addr_view *view, size_t pos, struct sp_addr *out);
/* Postbus 626, Antwoordnummer 1234 at `pos`. */
bool sp_addr_read_pobox(const struct sp_addr_view *view, size_t pos, struct sp_addr *out);
/* A word that is a house number with what is glued to it: 12, 12b, 45-III, 100-102. */
bool sp_addr_read_number(const struct sp_addr_view *view, struct sp_addr_span word,
                         struct sp_addr *out);
/* Adds letters and digits to the addition, upper case. */
void sp_addr_add(struct sp_addr *addr, const struct sp_addr_view *view, struct sp_addr_span span);
void sp_addr_add_bus(struct sp_addr *addr, const struct sp_addr_view *view,
                     struct sp_addr_span span);
/* Reads additions from words[index] on and returns the index of the first word that is none. */
unsigned sp_addr_read_additions(const struct sp_addr_view *view, const struct sp_addr_words *words,
                                unsigned index, struct sp_addr *out);
/* STREET HN [additions] in a part, HN being the last number; *rest is what follows it.
 * False when there is no number with a street before it. */
bool sp_addr_read_street(const struct sp_addr_view *view, struct sp_addr_span part,
                         struct sp_addr *out, struct sp_addr_span *rest);
/* The same with the number at words[index]; *next is the index of the first word behind. */
bool sp_addr_read_street_at(const struct sp_addr_view *view, const struct sp_addr_words *words,
                            unsigned index, struct sp_addr *out, unsigned *next);
/* Is words[index], a number, only an addition to the number before it? */
bool sp_addr_is_second(const struct sp_addr_view *view, const struct sp_addr_words *words,
                       unsigned index);
/* The word begins with a capital, a digit or an apostrophe ('s-Gravenweg). */
bool sp_addr_is_capital(const struct sp_addr_view *view, struct sp_addr_span word);
/* A sentence ended with this word; abbreviations do not end one. */
bool sp_addr_ends_sentence(const struct sp_addr_view *view, struct sp_addr_span word);
/* One word that may be an addition: B, bis, A-02. */
bool sp_addr_is_addition_word(const struct sp_addr_view *view, struct sp_addr_span word);
/* HN [additions] and nothing else. */
bool sp_addr_read_bare_number(const struct sp_addr_view *view, struct sp_addr_span part,
                              struct sp_addr *out);
/* A street without a number: up to seven words, the last `count` of `words`. */
bool sp_addr_read_street_name(const struct sp_addr_view *view, const struct sp_addr_words *words,
                              unsigned count, struct sp_addr *out);
/* The town that begins at `pos`; any_case: also in lower case. */
bool sp_addr_read_town(const struct sp_addr_view *view, size_t pos, bool any_case,
                       struct sp_addr_span *out);
/* A country name at `pos`. */
const struct sp_addr_country *sp_addr_read_country(const struct sp_addr_view *view, size_t pos,
                                                   struct sp_addr_span *out);
/* A postcode of this shape at `pos`. */
bool sp_addr_read_shape(const struct sp_addr_view *view, size_t pos, const char *shape,
                        struct sp_addr *out);

/* ---- whole addresses ---- */

/* Reads street and number before a postcode at `pos`. False: there are none. */
bool sp_addr_read_before(const struct sp_addr_view *view, size_t pos, struct sp_addr *out);
/* "[te|in] CITY" that fills the span up to its end. */
bool sp_addr_fills_town(const struct sp_addr_view *view, struct sp_addr_span span,
                        struct sp_addr_span *town);
/* 19.. and 20..: a year rather than a house number. */
bool sp_addr_is_year(const char *number);
/* Does the anchor lie in the street or number of what was found? */
bool sp_addr_covers(const struct sp_addr *found, struct sp_addr_span anchor);
/* The address abroad that ends with the country name at `pos`. */
bool sp_addr_from_country(const struct sp_addr_view *view, size_t pos, struct sp_addr *out);
/* Street and number without a postcode, around an anchor in one of them. */
bool sp_addr_from_street(const struct sp_addr_view *view, struct sp_addr_span anchor,
                         struct sp_addr *out);

/* The address in running text to which the anchor belongs. */
bool sp_addr_from_line(const struct sp_addr_view *view, struct sp_addr_span anchor,
                       struct sp_addr *out);
/* The address of the fields, keyed text or delimited text in which the anchor is a value. */
struct sp_addr_memo;
bool sp_addr_from_fields(const struct sp_text *text, struct sp_addr_span anchor,
                         struct sp_addr_memo *memo, struct sp_addr *out);
bool sp_addr_from_pairs(const struct sp_addr_view *view, struct sp_addr_span anchor,
                        struct sp_addr *out);
bool sp_addr_from_delimited(const struct sp_addr_view *view, struct sp_addr_span anchor,
                            struct sp_addr *out);

/* The span from the first to the last part; of a keyed address its main part. */
struct sp_addr_span sp_addr_extent(const struct sp_addr *addr);
void sp_addr_canonical(const struct sp_addr_view *view, const struct sp_addr *addr,
                       struct sp_canonical *out);
/* What the evidence is worth; false: no address at all. */
bool sp_addr_judge(const struct sp_addr_view *view, const struct sp_addr *addr,
                   enum sp_context_level context, enum sp_confidence *base,
                   enum sp_confidence *label);

#endif
