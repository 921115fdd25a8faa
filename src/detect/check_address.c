/* Validator `address`: DETECTORS section 2.7. BAG, NEN 5825, PostNL, bpost.
 *
 * A candidate is an anchor: a postcode, a street suffix with a number, a PO box, a Belgian
 * postcode with a town, a country name, a cell. The address around it is read from the fields of
 * the record, from keyed or delimited text, or from running text, in that order. */
#include "detect/address.h"

/* What the address of a candidate may reach: its record, its field, SP_ADDR_… bytes. */
static struct sp_addr_view check_view(const struct sp_check *check, size_t reach)
{
    const struct sp_text *text = check->text;
    const struct sp_text_field *field = sp_text_field_find(text, check->begin);
    struct sp_addr_view view = {text->data, 0, text->len, false};

    if (check->begin > reach)
        view.lo = check->begin - reach;
    if (view.hi - check->begin > reach)
        view.hi = check->begin + reach;
    if (field != NULL && (field->key.len != 0 || field->column == 0)) {
        view.lo = field->begin > view.lo ? field->begin : view.lo;
        view.hi = field->end < view.hi ? field->end : view.hi;
    } else if (field != NULL) { /* a cell without a key: the cells beside it tell */
        const struct sp_text_record *record = sp_text_record_find(text, check->begin);
        if (record != NULL) {
            view.lo = record->begin > view.lo ? record->begin : view.lo;
            view.hi = record->end < view.hi ? record->end : view.hi;
        }
    }
    /* never begin within a character */
    while (view.lo < check->begin && (view.data[view.lo] & 0xC0) == 0x80)
        view.lo++;
    return view;
}

/* An address over several fields, or lines with keys, is told with all of its parts. */
static void check_part(struct sp_check *check, struct sp_addr_span span)
{
    bool is_main = span.begin >= check->value_begin && span.end <= check->value_end;
    if (sp_addr_some(span) && !is_main && check->part_count < SP_PARTS_MAX)
        check->parts[check->part_count++] =
            (struct sp_part){(uint32_t)span.begin, (uint32_t)span.end};
}

static void check_parts(struct sp_check *check, const struct sp_addr *found)
{
    check_part(check, found->street_at);
    check_part(check, found->number_at);
    check_part(check, found->code_at);
    check_part(check, found->town_at);
}

static void check_fill(struct sp_check *check, const struct sp_addr_view *view,
                       const struct sp_addr *found)
{
    struct sp_addr_span span = sp_addr_extent(found);

    if (span.end - span.begin > SP_VALUE_MAX)
        span.end = span.begin + SP_VALUE_MAX;
    check->value_begin = span.begin;
    check->value_end = span.end;
    if (found->keyed)
        check_parts(check, found);
    sp_addr_canonical(view, found, &check->canonical);
    if (found->kind == SP_ADDR_FOREIGN)
        check->attributes |= SP_ATTR_FOREIGN;
    if (found->number[0] == '\0')
        check->attributes |= SP_ATTR_NO_NUMBER;
}

bool sp_check_address(struct sp_check *check)
{
    struct sp_addr_span anchor = {check->begin, check->end};
    struct sp_addr_view view;
    struct sp_addr_view whole;
    struct sp_addr fields;
    struct sp_addr found;
    bool keyed;

    if (check->begin >= check->text->len)
        return false;
    view = check_view(check, SP_ADDR_REACH_BYTES);
    whole = check_view(check, SP_ADDR_ROW_BYTES);
    keyed = sp_addr_from_fields(check->text, anchor, check->memo, &fields) ||
            sp_addr_from_pairs(&whole, anchor, &fields) ||
            sp_addr_from_delimited(&whole, anchor, &fields);
    if (keyed && fields.number[0] != '\0' && fields.kind != SP_ADDR_NO_POSTCODE) {
        found = fields;
    } else if (!sp_addr_from_line(&view, anchor, &found)) {
        if (!keyed)
            return false;
        found = fields;
    } else if (keyed && (found.number[0] == '\0' || found.kind == SP_ADDR_NO_POSTCODE)) {
        found = fields; /* running text adds nothing to what the keys say */
    }
    if (found.keyed)
        view = (struct sp_addr_view){check->text->data, 0, check->text->len, false};
    if (!sp_addr_judge(&view, &found, sp_check_context(check), &check->base, &check->label))
        return false;
    check_fill(check, &view, &found);
    return true;
}

/* ---- typed values ---- */

/* A postcode anywhere in what was typed, else its first letter. */
static bool check_typed(const struct sp_addr_view *view, struct sp_addr *out)
{
    struct sp_addr_part part;
    struct sp_addr street = {0};
    struct sp_addr_span rest;

    for (size_t pos = view->lo; pos < view->hi; pos++) {
        struct sp_addr_char before = sp_addr_char_before(view, pos);
        struct sp_addr_span anchor = {pos, pos + 1};

        if (before.class == SP_ADDR_LETTER || before.class == SP_ADDR_DIGIT)
            continue;
        if (sp_addr_read_country(view, pos, &rest) != NULL &&
            sp_addr_from_line(view, anchor, out) && out->kind == SP_ADDR_FOREIGN)
            return true;
    }
    for (size_t pos = view->lo; pos < view->hi; pos++) {
        struct sp_addr probe = {0};
        struct sp_addr_span anchor = {pos, pos + 1};

        if ((sp_addr_read_nl(view, pos, &probe) || sp_addr_read_be(view, pos, &probe)) &&
            sp_addr_from_line(view, anchor, out))
            return true;
    }
    *out = (struct sp_addr){0};
    if (sp_addr_read_pobox(view, view->lo, out))
        return true;
    if (!sp_addr_part_after(view, view->lo, &part) ||
        !sp_addr_read_street(view, part.at, &street, &rest))
        return false;
    return sp_addr_from_line(view, street.street_at, out) && out->number[0] != '\0';
}

enum sp_err sp_address_canonical(struct sp_slice typed, enum sp_region region,
                                 struct sp_canonical *out, unsigned *attributes, struct sp_why *why)
{
    struct sp_addr_view view = {typed.ptr, 0, typed.len, true};
    struct sp_addr found;

    (void)region; /* the postcode's shape tells the country */
    *attributes = 0;
    if (typed.len > SP_VALUE_MAX)
        return sp_fail(why, SP_ERR_FORMAT, "an address has at most %d bytes", SP_VALUE_MAX);
    while (view.lo < view.hi && (typed.ptr[view.lo] == ' ' || typed.ptr[view.lo] == '\n'))
        view.lo++;
    if (!check_typed(&view, &found))
        return sp_fail(why, SP_ERR_FORMAT,
                       "not an address: wanted are postcode and number, or street and number");
    sp_addr_canonical(&view, &found, out);
    if (found.kind == SP_ADDR_FOREIGN)
        *attributes |= SP_ATTR_FOREIGN;
    if (found.number[0] == '\0')
        *attributes |= SP_ATTR_NO_NUMBER;
    return SP_OK;
}
