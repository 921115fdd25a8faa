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

size_t sp_origin_cut(struct sp_origin_map map, uint32_t from, struct sp_origin *out)
{
    size_t first = 0;
    while (first + 1 < map.count && map.points[first + 1].text_pos <= from)
        first++;
    for (size_t i = first; i < map.count; i++) {
        struct sp_origin point = map.points[i];
        uint32_t inside = i == first ? from - point.text_pos : 0;
        point.source_off += point.source_off == SP_SIZE_UNKNOWN ? 0 : inside;
        point.text_pos = i == first ? 0 : point.text_pos - from;
        out[i - first] = point;
    }
    return map.count - first;
}

static bool field_holds(const struct sp_text *text, size_t index, size_t pos)
{
    return index < text->field_count && pos >= text->fields[index].begin &&
           pos < text->fields[index].end;
}

static const struct sp_text_field *field_search(const struct sp_text *text, size_t pos)
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

const struct sp_text_field *sp_text_field_find(const struct sp_text *text, size_t pos)
{
    const struct sp_text_field *field;
    if (text->near == NULL)
        return field_search(text, pos);
    for (size_t i = 0; i < 2; i++) {
        if (field_holds(text, text->near->field + i, pos)) {
            text->near->field += i;
            return &text->fields[text->near->field];
        }
    }
    field = field_search(text, pos);
    if (field != NULL)
        text->near->field = (size_t)(field - text->fields);
    return field;
}

/* The record begins at or before pos, and the next one behind it. */
static bool record_holds(const struct sp_text *text, size_t index, size_t pos)
{
    return index < text->record_count && (index == 0 || text->records[index].begin <= pos) &&
           (index + 1 == text->record_count || text->records[index + 1].begin > pos);
}

static size_t record_search(const struct sp_text *text, size_t pos)
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
    return low;
}

const struct sp_text_record *sp_text_record_find(const struct sp_text *text, size_t pos)
{
    if (text->record_count == 0)
        return NULL;
    if (text->near == NULL)
        return &text->records[record_search(text, pos)];
    for (size_t i = 0; i < 2; i++) {
        if (record_holds(text, text->near->record + i, pos)) {
            text->near->record += i;
            return &text->records[text->near->record];
        }
    }
    text->near->record = record_search(text, pos);
    return &text->records[text->near->record];
}
