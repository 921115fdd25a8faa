/* Sources: ECMA-376 part 1, 17.3 (runs), 17.13.5 (revisions), 21.1.2 (text of drawings);
 * OpenDocument 1.3 part 3, 5.1 (paragraphs), 9 (tables). */
#include "extract/office_rules.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    enum sp_text_rule rule;
} text_rules[] = {
    {"p", SP_TEXT_PARAGRAPH},
    {"h", SP_TEXT_PARAGRAPH},
    {"si", SP_TEXT_PARAGRAPH},
    {"comment", SP_TEXT_PARAGRAPH},
    {"pt", SP_TEXT_PARAGRAPH},
    {"tr", SP_TEXT_PARAGRAPH},
    {"table-row", SP_TEXT_PARAGRAPH},
    {"tc", SP_TEXT_CELL},
    {"table-cell", SP_TEXT_CELL},
    {"t", SP_TEXT_RUN},
    {"delText", SP_TEXT_DELETED},
    {"moveFrom", SP_TEXT_DELETED},
    {"ins", SP_TEXT_INSERTED},
    {"del", SP_TEXT_GONE},
    {"moveTo", SP_TEXT_INSERTED},
    {"instrText", SP_TEXT_ASIDE_RUN},
    {"delInstrText", SP_TEXT_ASIDE_RUN},
    {"sym", SP_TEXT_SYMBOL},
    {"vanish", SP_TEXT_HIDDEN},
    {"webHidden", SP_TEXT_HIDDEN},
    {"pPr", SP_TEXT_PROPERTIES},
    {"rPrChange", SP_TEXT_FORMER},
    {"pPrChange", SP_TEXT_FORMER},
    {"rt", SP_TEXT_ASIDE_RUN},
    {"ruby-text", SP_TEXT_ASIDE_RUN},
    {"note", SP_TEXT_ASIDE},
    {"annotation", SP_TEXT_ASIDE},
    {"txbxContent", SP_TEXT_ASIDE},
    {"text-box", SP_TEXT_ASIDE},
    {"creator", SP_TEXT_ITEM},
    {"date", SP_TEXT_ITEM},
    {"note-citation", SP_TEXT_ITEM},
    {"tab", SP_TEXT_TAB},
    {"br", SP_TEXT_LINE},
    {"cr", SP_TEXT_LINE},
    {"line-break", SP_TEXT_LINE},
    {"s", SP_TEXT_BLANKS},
    {"noBreakHyphen", SP_TEXT_HYPHEN},
    {"posOffset", SP_TEXT_SKIPPED},
    {"pctWidth", SP_TEXT_SKIPPED},
    {"pctHeight", SP_TEXT_SKIPPED},
    {"row", SP_TEXT_SKIPPED},
    {"rowOff", SP_TEXT_SKIPPED},
    {"col", SP_TEXT_SKIPPED},
    {"colOff", SP_TEXT_SKIPPED},
};

enum sp_text_rule sp_text_rule_of(const char *name)
{
    for (size_t i = 0; i < sizeof text_rules / sizeof *text_rules; i++)
        if (strcmp(text_rules[i].name, name) == 0)
            return text_rules[i].rule;
    return SP_TEXT_NOTHING;
}
