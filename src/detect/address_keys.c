/* What the keys of fields stand for: column headers, JSON keys, tags, form labels. */
#include "detect/address.h"

/* How a word may stand in a key. */
enum keys_place {
    KEYS_GLUED, /* also glued to other letters: factuurpostcode */
    KEYS_TOKEN, /* a token of its own: billing_pc */
    KEYS_WHOLE  /* the whole key: nr */
};
static const struct keys_row {
    const char *word; /* lower case, tokens joined by `_` */
    enum keys_place place;
    enum sp_addr_role role;
} keys_table[] = {
    /* in the order of strcmp: searched by halves */
    {"addition", KEYS_WHOLE, SP_ADDR_ROLE_ADDITION},
    {"address", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"address1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"address2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"address_1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"address_2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"address_line1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"address_line2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"address_line_1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"address_line_2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"addressline1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"addressline2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"adres", KEYS_GLUED, SP_ADDR_ROLE_LINE},
    {"adres1", KEYS_GLUED, SP_ADDR_ROLE_LINE},
    {"adres2", KEYS_GLUED, SP_ADDR_ROLE_LINE2},
    {"adres_1", KEYS_GLUED, SP_ADDR_ROLE_LINE},
    {"adres_2", KEYS_GLUED, SP_ADDR_ROLE_LINE2},
    {"adresregel", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"adresregel1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"adresregel2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"adresregel_1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"adresregel_2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"adresse", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"bldgnb", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"boite", KEYS_WHOLE, SP_ADDR_ROLE_BUS},
    {"bte", KEYS_WHOLE, SP_ADDR_ROLE_BUS},
    {"building_number", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"buildingnumber", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"bus", KEYS_WHOLE, SP_ADDR_ROLE_BUS},
    {"busnummer", KEYS_TOKEN, SP_ADDR_ROLE_BUS},
    {"city", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"code_postal", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"codepostal", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"commune", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"country", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"country_code", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"countrycode", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"gemeente", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"hnr", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"house_no", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"house_nr", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"house_number", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"house_number_addition", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"house_number_suffix", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"housenumber", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"housenumber_suffix", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"huis_letter", KEYS_TOKEN, SP_ADDR_ROLE_LETTER},
    {"huis_nr", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"huis_nummer", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"huisletter", KEYS_GLUED, SP_ADDR_ROLE_LETTER},
    {"huisnr", KEYS_GLUED, SP_ADDR_ROLE_NUMBER},
    {"huisnr_toev", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"huisnummer", KEYS_GLUED, SP_ADDR_ROLE_NUMBER},
    {"huisnummer_toevoeging", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"huisnummertoevoeging", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"land", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"landcode", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"localite", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"no", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"nr", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"num", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"number", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"number_addition", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"number_suffix", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"numero", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"nummer", KEYS_WHOLE, SP_ADDR_ROLE_NUMBER},
    {"openbare_ruimte", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"openbareruimte", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"pays", KEYS_TOKEN, SP_ADDR_ROLE_COUNTRY},
    {"pc", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"plaats", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"plaatsnaam", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"plz", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"post_code", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"postal_code", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"postal_zone", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"postalcode", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"postalzone", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"postcode", KEYS_GLUED, SP_ADDR_ROLE_POSTCODE},
    {"pstcd", KEYS_WHOLE, SP_ADDR_ROLE_POSTCODE},
    {"rue", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"stad", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"str", KEYS_WHOLE, SP_ADDR_ROLE_STREET},
    {"straat", KEYS_GLUED, SP_ADDR_ROLE_STREET},
    {"straat_naam", KEYS_GLUED, SP_ADDR_ROLE_STREET},
    {"straat_nr", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"straatnaam", KEYS_GLUED, SP_ADDR_ROLE_STREET},
    {"street", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"street1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"street2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"street_1", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"street_2", KEYS_TOKEN, SP_ADDR_ROLE_LINE2},
    {"street_address", KEYS_TOKEN, SP_ADDR_ROLE_LINE},
    {"street_name", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"street_nr", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"street_number", KEYS_TOKEN, SP_ADDR_ROLE_NUMBER},
    {"streetname", KEYS_TOKEN, SP_ADDR_ROLE_STREET},
    {"strtnm", KEYS_WHOLE, SP_ADDR_ROLE_STREET},
    {"suffix", KEYS_WHOLE, SP_ADDR_ROLE_ADDITION},
    {"toev", KEYS_TOKEN, SP_ADDR_ROLE_ADDITION},
    {"toevoeging", KEYS_GLUED, SP_ADDR_ROLE_ADDITION},
    {"town", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"twnnm", KEYS_WHOLE, SP_ADDR_ROLE_TOWN},
    {"vestigingsplaats", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"ville", KEYS_TOKEN, SP_ADDR_ROLE_TOWN},
    {"woonplaats", KEYS_GLUED, SP_ADDR_ROLE_TOWN},
    {"zip", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"zip_code", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
    {"zipcode", KEYS_TOKEN, SP_ADDR_ROLE_POSTCODE},
};

/* The words of KEYS_GLUED and their lengths. */
static const struct {
    const char *word;
    uint8_t len;
} keys_glued[] = {
    {"adres", 5},        {"adres1", 6},      {"adres2", 6},      {"adres_1", 7},     {"adres_2", 7},
    {"huisletter", 10},  {"huisnr", 6},      {"huisnummer", 10}, {"postcode", 8},    {"straat", 6},
    {"straat_naam", 11}, {"straatnaam", 10}, {"toevoeging", 10}, {"woonplaats", 10},
};

enum { KEYS_LEN_MAX = 64 };

static bool keys_is_lower(uint8_t byte)
{
    return byte >= 'a' && byte <= 'z';
}

static bool keys_is_upper(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* billingPostcode, billing-postcode, "Billing Postcode" → billing_postcode. */
static size_t keys_normalise(struct sp_slice key, char out[KEYS_LEN_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < key.len && len + 2 < KEYS_LEN_MAX; i++) {
        uint8_t byte = key.ptr[i];
        bool word = keys_is_lower(byte) || keys_is_upper(byte) || (byte >= '0' && byte <= '9');

        if (!word) {
            if (byte < 0x80 && len != 0 && out[len - 1] != '_')
                out[len++] = '_';
            continue;
        }
        if (keys_is_upper(byte) && i != 0 && keys_is_lower(key.ptr[i - 1]))
            out[len++] = '_';
        out[len++] = (char)(keys_is_upper(byte) ? byte | 0x20 : byte);
    }
    while (len != 0 && out[len - 1] == '_')
        len--;
    out[len] = '\0';
    return len;
}

/* The row of exactly this word, or NULL. */
static const struct keys_row *keys_find(const char *word, size_t len)
{
    size_t low = 0;
    size_t high = sizeof(keys_table) / sizeof(keys_table[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strncmp(word, keys_table[mid].word, len);

        if (order == 0 && keys_table[mid].word[len] == '\0')
            return &keys_table[mid];
        if (order <= 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* What was recognised in a key: [begin, begin + len). */
struct keys_hit {
    const struct keys_row *row;
    size_t begin, len;
};

static void keys_try(const char *name, size_t len, size_t begin, size_t size, struct keys_hit *best)
{
    const struct keys_row *row = size > best->len ? keys_find(name + begin, size) : NULL;

    if (row != NULL && (size == len || row->place != KEYS_WHOLE))
        *best = (struct keys_hit){row, begin, size};
}

/* The longest word of the table at the end or the beginning of the key. */
static struct keys_hit keys_best(const char *name, size_t len)
{
    struct keys_hit best = {NULL, 0, 0};

    for (size_t i = 0; i < len; i++) {
        if (i == 0 || name[i - 1] == '_')
            keys_try(name, len, i, len - i, &best);
        if (name[i] == '_')
            keys_try(name, len, 0, i, &best);
    }
    for (size_t i = 0; best.row == NULL && i < sizeof(keys_glued) / sizeof(keys_glued[0]); i++) {
        size_t size = keys_glued[i].len;

        if (size < len && memcmp(name + len - size, keys_glued[i].word, size) == 0)
            best = (struct keys_hit){keys_find(keys_glued[i].word, size), len - size, size};
    }
    return best;
}

/* Keys that end in "adres" or "address" and hold something else. */
static bool keys_is_other(const char *key)
{
    static const char *const parts[] = {"mail", "ip_a",   "ipa",      "mac_a", "maca",
                                        "weba", "web_a",  "neta",     "url",   "remote",
                                        "host", "server", "geboorte", NULL};
    for (size_t i = 0; parts[i] != NULL; i++)
        if (strstr(key, parts[i]) != NULL)
            return true;
    return false;
}

enum sp_addr_role sp_addr_role_of(struct sp_slice key, char group[SP_ADDR_GROUP_LEN])
{
    char name[KEYS_LEN_MAX];
    size_t len = key.len <= KEYS_LEN_MAX ? keys_normalise(key, name) : 0;
    struct keys_hit hit;
    size_t from = 0;
    size_t left;

    group[0] = '\0';
    if (len == 0)
        return SP_ADDR_ROLE_NONE;
    hit = keys_best(name, len);
    if (hit.row == NULL || keys_is_other(name))
        return SP_ADDR_ROLE_NONE;
    left = len - hit.len; /* what is left of the key, without the joining mark */
    if (hit.begin == 0 && left != 0) {
        from = hit.len + 1;
        left--;
    }
    while (left != 0 && name[from + left - 1] == '_')
        left--;
    if (left >= SP_ADDR_GROUP_LEN)
        left = SP_ADDR_GROUP_LEN - 1;
    memcpy(group, name + from, left);
    group[left] = '\0';
    return hit.row->role;
}
