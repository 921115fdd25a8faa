/* An address spread over the fields of a row.
 *
 * sp_addr_row_combine makes an address of the cells of one group (billing_…, shipping_…). */
#include "detect/address_row.h"

struct sp_addr_span sp_addr_trim(const struct sp_addr_view *view, struct sp_addr_span at)
{
    static const char blanks[] = " \t\r\n\"'`";

    while (at.begin < at.end && view->data[at.begin] != 0 &&
           strchr(blanks, view->data[at.begin]) != NULL)
        at.begin++;
    while (at.end > at.begin && view->data[at.end - 1] != 0 &&
           strchr(blanks, view->data[at.end - 1]) != NULL)
        at.end--;
    return at;
}

bool sp_addr_row_push(struct sp_addr_row *row, struct sp_slice key, struct sp_addr_span at,
                      size_t key_at)
{
    struct sp_addr_cell *cell;

    if (row->count == SP_ADDR_CELLS_MAX)
        return false;
    cell = &row->cells[row->count];
    cell->role = sp_addr_role_of(key, cell->group);
    if (cell->role == SP_ADDR_ROLE_NONE)
        return false;
    cell->at = at;
    cell->key_at = key_at;
    cell->open = false;
    row->count++;
    return true;
}

/* The cell of this role that belongs with the anchor's: same group, else one without a group. */
static const struct sp_addr_cell *
row_find(const struct sp_addr_row *row, const struct sp_addr_cell *anchor, enum sp_addr_role role)
{
    const struct sp_addr_cell *best = NULL;
    unsigned best_rank = 0;
    size_t best_gap = 0;

    if (anchor->role == role)
        return anchor;
    for (unsigned i = 0; i < row->count; i++) {
        const struct sp_addr_cell *cell = &row->cells[i];
        unsigned rank = strcmp(cell->group, anchor->group) == 0              ? 2
                        : cell->group[0] == '\0' || anchor->group[0] == '\0' ? 1
                                                                             : 0;
        size_t gap = cell->at.begin > anchor->at.begin ? cell->at.begin - anchor->at.begin
                                                       : anchor->at.begin - cell->at.begin;

        if (cell->role != role || rank == 0 || !sp_addr_some(cell->at))
            continue;
        if (best == NULL || rank > best_rank || (rank == best_rank && gap < best_gap)) {
            best = cell;
            best_rank = rank;
            best_gap = gap;
        }
    }
    return best;
}

/* A view that ends with the cell: nothing of its neighbours is read. */
static struct sp_addr_view row_inside(const struct sp_addr_view *view,
                                      const struct sp_addr_cell *cell)
{
    return (struct sp_addr_view){view->data, cell->at.begin, cell->at.end, true};
}

/* Country by name or ISO code. */
static bool row_read_country(const struct sp_addr_view *view, const struct sp_addr_cell *cell,
                             const char **code, const char **shape)
{
    static const struct {
        char iso[3];
        const char *name;
    } codes[] = {{"nl", "nederland"}, {"be", "belgie"},     {"de", "duitsland"},
                 {"fr", "frankrijk"}, {"lu", "luxemburg"},  {"ie", "ierland"},
                 {"gb", "uk"},        {"at", "oostenrijk"}, {"ch", "zwitserland"},
                 {"es", "spanje"},    {"it", "italie"},     {"dk", "denemarken"},
                 {"se", "zweden"},    {"pl", "polen"},      {"pt", "portugal"}};
    char folded[SP_ADDR_GROUP_LEN];
    const struct sp_addr_country *found;

    sp_addr_fold(view, cell->at, folded, sizeof(folded));
    found = sp_addr_country_of(folded);
    for (size_t i = 0; found == NULL && i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(folded, codes[i].iso) == 0)
            found = sp_addr_country_of(codes[i].name);
    if (found == NULL)
        return false;
    *code = found->code;
    *shape = found->shape;
    return true;
}

/* The postcode cell; behind the postcode a town may follow. */
static void row_read_code(const struct sp_addr_view *view, const struct sp_addr_cell *code,
                          const struct sp_addr_cell *country, struct sp_addr *out)
{
    struct sp_addr_view inside = row_inside(view, code);
    const char *iso = NULL;
    const char *shape = NULL;
    size_t pos = code->at.begin;
    bool told = country != NULL && row_read_country(view, country, &iso, &shape);

    while (pos < code->at.end && pos < code->at.begin + 3 &&
           sp_addr_char_at(&inside, pos).class != SP_ADDR_DIGIT)
        pos++; /* NL-, B- */
    if (told && shape != NULL) {
        if (sp_addr_read_shape(&inside, code->at.begin, shape, out)) {
            out->kind = SP_ADDR_FOREIGN;
            memcpy(out->country, iso, 3);
        }
        return;
    }
    if (!sp_addr_read_nl(&inside, pos, out) && !sp_addr_read_be(&inside, pos, out))
        return;
    if (out->kind == SP_ADDR_BE && told && strcmp(iso, "NL") == 0) {
        out->kind = SP_ADDR_NO_POSTCODE;
        out->postcode[0] = '\0';
        out->code_at = (struct sp_addr_span){0, 0};
    }
}

/* Number and street of an address line or street cell: "Dorpsstraat 12", "Dorpsstraat". */
static void row_read_street(const struct sp_addr_view *view, const struct sp_addr_cell *cell,
                            struct sp_addr *out)
{
    struct sp_addr_view inside = row_inside(view, cell);
    struct sp_addr_words words;
    struct sp_addr_part part;
    struct sp_addr_span rest;
    struct sp_addr found = *out;

    if (sp_addr_read_pobox(&inside, cell->at.begin, out)) {
        out->street_at = cell->at;
        return;
    }
    if (!sp_addr_part_after(&inside, cell->at.begin, &part))
        return;
    if (sp_addr_read_street(&inside, part.at, &found, &rest)) {
        *out = found;
        return;
    }
    sp_addr_split(&inside, part.at, true, &words);
    if (sp_addr_read_street_name(&inside, &words, words.count, &found)) {
        struct sp_addr_part next;
        struct sp_addr number = found;

        if (sp_addr_part_after(&inside, part.at.end, &next) && /* "Dorpsstraat, 12" */
            sp_addr_read_bare_number(&inside, next.at, &number))
            found = number;
        *out = found;
    }
}

/* Additions from cells of their own; never twice what the number cell holds already. */
static void row_read_addition(const struct sp_addr_view *view, const struct sp_addr_cell *cell,
                              bool strict, struct sp_addr *out)
{
    struct sp_addr_view inside = row_inside(view, cell);
    struct sp_addr_words words;
    struct sp_addr found = *out;

    if (strict) {
        sp_addr_split(&inside, cell->at, false, &words);
        if (words.count == 0 || out->addition[0] != '\0' ||
            sp_addr_read_additions(&inside, &words, 0, &found) != words.count)
            return;
        found.number_at = out->number_at;
        *out = found;
        return;
    }
    if (cell->at.end - cell->at.begin <= SP_ADDR_ADDITION_MAX)
        sp_addr_add(out, view, cell->at);
}

/* A column for bus numbers: 20, or "bus 20". */
static void row_read_bus(const struct sp_addr_view *view, const struct sp_addr_cell *cell,
                         struct sp_addr *out)
{
    struct sp_addr_view inside = row_inside(view, cell);
    struct sp_addr_words words;

    sp_addr_split(&inside, cell->at, true, &words);
    if (words.count != 0 && words.count <= 2)
        sp_addr_add_bus(out, view, words.at[words.count - 1]);
}

static void row_read_number(const struct sp_addr_view *view, const struct sp_addr_cell *cell,
                            struct sp_addr *out)
{
    struct sp_addr_view inside = row_inside(view, cell);
    struct sp_addr found = *out;

    if (sp_addr_read_bare_number(&inside, cell->at, &found)) {
        *out = found;
        out->number_at = cell->at;
    }
}

/* Makes an address of the cells that belong with the anchor's. */
bool sp_addr_row_combine(const struct sp_addr_view *view, const struct sp_addr_row *row,
                         const struct sp_addr_cell *anchor, struct sp_addr *out)
{
    const struct sp_addr_cell *cells[SP_ADDR_ROLE_COUNT];
    struct sp_addr found = {0};

    for (int role = 0; role < SP_ADDR_ROLE_COUNT; role++)
        cells[role] = role == 0 ? NULL : row_find(row, anchor, (enum sp_addr_role)role);
    found.keyed = true;
    const struct sp_addr_cell *code = cells[SP_ADDR_ROLE_POSTCODE];
    if (code == NULL) /* "1011 AB Amsterdam" in the column of towns */
        code = cells[SP_ADDR_ROLE_TOWN];
    if (code != NULL)
        row_read_code(view, code, cells[SP_ADDR_ROLE_COUNTRY], &found);
    if (cells[SP_ADDR_ROLE_STREET] != NULL)
        row_read_street(view, cells[SP_ADDR_ROLE_STREET], &found);
    else if (cells[SP_ADDR_ROLE_LINE] != NULL)
        row_read_street(view, cells[SP_ADDR_ROLE_LINE], &found);
    if (cells[SP_ADDR_ROLE_NUMBER] != NULL)
        row_read_number(view, cells[SP_ADDR_ROLE_NUMBER], &found);
    if (found.number[0] != '\0') {
        if (cells[SP_ADDR_ROLE_LETTER] != NULL)
            row_read_addition(view, cells[SP_ADDR_ROLE_LETTER], false, &found);
        if (cells[SP_ADDR_ROLE_ADDITION] != NULL)
            row_read_addition(view, cells[SP_ADDR_ROLE_ADDITION], false, &found);
        if (cells[SP_ADDR_ROLE_BUS] != NULL)
            row_read_bus(view, cells[SP_ADDR_ROLE_BUS], &found);
        if (cells[SP_ADDR_ROLE_LINE2] != NULL)
            row_read_addition(view, cells[SP_ADDR_ROLE_LINE2], true, &found);
    }
    bool has_code = sp_addr_some(found.code_at);
    if (cells[SP_ADDR_ROLE_TOWN] != NULL && !(has_code && code == cells[SP_ADDR_ROLE_TOWN]))
        found.town_at = cells[SP_ADDR_ROLE_TOWN]->at;
    else if (has_code && found.code_at.end < code->at.end) {
        struct sp_addr_view inside = row_inside(view, code);
        struct sp_addr_part part;

        if (sp_addr_part_after(&inside, found.code_at.end, &part))
            sp_addr_read_town(&inside, part.at.begin, true, &found.town_at);
    }
    *out = found;
    /* a postcode, or a street with a number */
    return found.kind != SP_ADDR_NO_POSTCODE ||
           (found.number[0] != '\0' && sp_addr_some(found.street_at));
}

/* The cell in which the anchor stands. NULL: none with a role, or one that is a whole address. */
const struct sp_addr_cell *sp_addr_row_anchor(const struct sp_addr_row *row, size_t pos)
{
    for (unsigned i = 0; i < row->count; i++)
        if (pos >= row->cells[i].at.begin && pos < row->cells[i].at.end)
            return &row->cells[i];
    return NULL;
}

/* sp_addr_role_of for the key of a field: the same few keys stand over all rows of a table. */
static enum sp_addr_role row_role_of(struct sp_addr_memo *memo, struct sp_slice key,
                                     char group[SP_ADDR_GROUP_LEN])
{
    if (memo == NULL || key.len == 0)
        return sp_addr_role_of(key, group);
    size_t slot = (((uintptr_t)key.ptr >> 2) ^ key.len) & (SP_ADDR_MEMO_KEYS - 1);
    if (memo->keys[slot].key.ptr != key.ptr || memo->keys[slot].key.len != key.len) {
        memo->keys[slot].key = key;
        memo->keys[slot].role = sp_addr_role_of(key, memo->keys[slot].group);
    }
    memcpy(group, memo->keys[slot].group, SP_ADDR_GROUP_LEN);
    return memo->keys[slot].role;
}

/* Members of one object of JSON, elements of one of XML; fields without a path belong together. */
static bool row_same_parent(struct sp_slice a, struct sp_slice b)
{
    const uint8_t *a_end = a.len == 0 ? NULL : memrchr(a.ptr, '/', a.len);
    const uint8_t *b_end = b.len == 0 ? NULL : memrchr(b.ptr, '/', b.len);
    size_t a_len = a_end == NULL ? 0 : (size_t)(a_end - a.ptr);
    size_t b_len = b_end == NULL ? 0 : (size_t)(b_end - b.ptr);
    return a_len == b_len && (a_len == 0 || memcmp(a.ptr, b.ptr, a_len) == 0);
}

/* Adds the role fields near `field`, in ascending order. */
static void row_gather_fields(const struct sp_text *text, const struct sp_text_field *field,
                              struct sp_addr_memo *memo, struct sp_addr_row *row)
{
    const struct sp_text_field *first = field;
    const struct sp_text_field *end = text->fields + text->field_count;
    unsigned steps = 0;

    row->count = 0;
    while (first > text->fields && first[-1].record == field->record &&
           steps < SP_ADDR_FIELDS_MAX && field->begin - first[-1].begin <= SP_ADDR_ROW_BYTES) {
        first--;
        steps++;
    }
    for (steps = 0;
         first < end && first->record == field->record && steps < 2 * SP_ADDR_FIELDS_MAX &&
         (first->begin <= field->begin || first->begin - field->begin <= SP_ADDR_ROW_BYTES);
         first++, steps++) {
        struct sp_addr_span at = {first->begin, first->end < text->len ? first->end : text->len};

        if (at.begin < at.end && at.end - at.begin <= SP_ADDR_VALUE_MAX &&
            row_same_parent(first->part, field->part)) {
            const struct sp_addr_view view = {text->data, at.begin, at.end, false};
            struct sp_addr_cell *cell = &row->cells[row->count];
            if (row->count == SP_ADDR_CELLS_MAX)
                return;
            cell->role = row_role_of(memo, first->key, cell->group);
            cell->at = sp_addr_trim(&view, at);
            cell->key_at = at.begin;
            cell->open = false;
            row->count += cell->role != SP_ADDR_ROLE_NONE;
        }
    }
}

bool sp_addr_from_fields(const struct sp_text *text, struct sp_addr_span anchor,
                         struct sp_addr_memo *memo, struct sp_addr *out)
{
    const struct sp_text_field *field = sp_text_field_find(text, anchor.begin);
    struct sp_addr_row row;
    const struct sp_addr_cell *cell;
    struct sp_addr_view view = {text->data, 0, text->len, false};
    char group[SP_ADDR_GROUP_LEN];

    if (field == NULL || row_role_of(memo, field->key, group) == SP_ADDR_ROLE_NONE)
        return false;
    row_gather_fields(text, field, memo, &row);
    cell = sp_addr_row_anchor(&row, anchor.begin);
    return cell != NULL && sp_addr_row_combine(&view, &row, cell, out);
}
