#include "core/text.h"

#include "speur/reason.h"

uint64_t sp_origin_find(struct sp_origin_map map, uint32_t text_pos)
{
    if (map.count == 0)
        return SP_SIZE_UNKNOWN;
    size_t low = 0;
    size_t high = map.count;
    while (high - low > 1) { /* points[low].text_pos <= text_pos < points[high].text_pos */
        size_t middle = low + (high - low) / 2;
        if (map.points[middle].text_pos <= text_pos)
            low = middle;
        else
            high = middle;
    }
    if (map.points[low].source_off == SP_SIZE_UNKNOWN)
        return SP_SIZE_UNKNOWN;
    return map.points[low].source_off + (text_pos - map.points[low].text_pos);
}

const struct sp_text_field *sp_text_field_find(const struct sp_text *text, size_t pos)
{
    size_t low = 0;
    size_t high = text->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sp_text_field *field = &text->fields[middle];
        if (pos < field->begin)
            high = middle;
        else if (pos >= field->end)
            low = middle + 1;
        else
            return field;
    }
    return NULL;
}

const struct sp_text_record *sp_text_record_find(const struct sp_text *text, size_t pos)
{
    size_t low = 0;
    size_t high = text->record_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (text->records[middle].begin <= pos)
            low = middle;
        else
            high = middle;
    }
    return text->record_count == 0 ? NULL : &text->records[low];
}
