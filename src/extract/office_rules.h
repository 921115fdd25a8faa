/* What elements of office documents do to the text: paragraphs, runs, what stands apart. */
#ifndef SP_EXTRACT_OFFICE_RULES_H
#define SP_EXTRACT_OFFICE_RULES_H

enum sp_text_rule {
    SP_TEXT_NOTHING,
    SP_TEXT_PARAGRAPH, /* a line */
    SP_TEXT_CELL,      /* of a table in flowing text: a tab behind it */
    SP_TEXT_RUN,       /* blanks in it are meant */
    SP_TEXT_TAB,
    SP_TEXT_LINE,
    SP_TEXT_BLANKS, /* text:s, with their number */
    SP_TEXT_HYPHEN,
    SP_TEXT_ASIDE,      /* in a paragraph, but no part of its text: a note, a text box */
    SP_TEXT_ASIDE_RUN,  /* the same, in several pieces: codes of a field */
    SP_TEXT_DELETED,    /* the same, which was text before */
    SP_TEXT_INSERTED,   /* was not */
    SP_TEXT_GONE,       /* around what was deleted; in the properties of a paragraph: its end was */
    SP_TEXT_SYMBOL,     /* a character by its number */
    SP_TEXT_HIDDEN,     /* a property of the run */
    SP_TEXT_PROPERTIES, /* of a paragraph */
    SP_TEXT_FORMER,     /* properties before a change */
    SP_TEXT_ITEM,       /* of an aside, on a line of its own */
    SP_TEXT_SKIPPED     /* numbers of a drawing's place */
};

/* Of an element, by its local name. */
enum sp_text_rule sp_text_rule_of(const char *name);

#endif
