#include "check/account.h"

#include "base/mem.h"

/* Ceiling of a name: the longest that a walk or an archive gives, and then some. */
#define ACCOUNT_NAME_MAX ((size_t)16 << 20)

enum { ACCOUNT_FRAMES = 32 }; /* deeper is rare; it grows */

enum sp_err sp_account_init(struct sp_account *account, bool drop_containers, struct sp_why *why)
{
    *account = (struct sp_account){0};
    sp_buf_init(&account->unit_name, ACCOUNT_NAME_MAX);
    sp_buf_init(&account->unit_link, ACCOUNT_NAME_MAX);
    return sp_units_new(drop_containers, &account->units, why);
}

void sp_account_clear(struct sp_account *account)
{
    sp_free(account->frames);
    sp_units_free(account->units);
    sp_buf_clear(&account->unit_name);
    sp_buf_clear(&account->unit_link);
    *account = (struct sp_account){0};
}

/* The object is complete: what it holds is added to its unit. Records are tuples, rows and
 * documents; of what is inside a document only the rows of attached tables are counted apart. */
static void account_leave(struct sp_account *account)
{
    const struct sp_account_frame *frame = &account->frames[--account->frame_count];
    struct sp_unit_facts *facts = &account->facts;
    if (frame->unit == 0)
        return;
    if (frame->in_document) {
        if (frame->shape == SP_SHAPE_RECORDS && frame->record_count > frame->records_hit)
            facts->attached_others += frame->record_count - frame->records_hit;
        return;
    }
    if (frame->shape == SP_SHAPE_DOCUMENT) {
        facts->records++;
        facts->records_hit += frame->hit ? 1 : 0;
        facts->document_hit = facts->document_hit || frame->hit;
    }
    if (frame->shape == SP_SHAPE_RECORDS) {
        bool all = frame->records_hit >= frame->record_count;
        facts->records += frame->record_count;
        facts->records_hit += all ? frame->record_count : frame->records_hit;
    }
}

static enum sp_err account_end_unit(struct sp_account *account, struct sp_why *why)
{
    if (account->unit == 0)
        return SP_OK;
    account->unit = 0;
    return sp_units_add(account->units, sp_buf_slice(&account->unit_name),
                        sp_buf_slice(&account->unit_link), &account->facts, why);
}

static enum sp_err account_set(struct sp_buf *buf, struct sp_slice bytes, struct sp_why *why)
{
    sp_buf_reset(buf);
    return sp_buf_append(buf, bytes.ptr, bytes.len, why);
}

/* Above units the facts are of nobody: they are cleared when a unit begins. */
static enum sp_err account_begin_unit(struct sp_account *account, const struct sp_object_row *row,
                                      struct sp_why *why)
{
    account->unit = row->id;
    account->unit_size = row->size;
    account->facts = (struct sp_unit_facts){.shape = row->shape, .node = row->node};
    enum sp_err err = account_set(&account->unit_name, row->name, why);
    return err != SP_OK ? err : account_set(&account->unit_link, row->link, why);
}

static enum sp_err account_push(struct sp_account *account, const struct sp_account_frame *frame,
                                struct sp_why *why)
{
    if (account->frame_count == account->frame_cap) {
        size_t cap = account->frame_cap == 0 ? ACCOUNT_FRAMES : account->frame_cap * 2;
        struct sp_account_frame *grown = sp_realloc(account->frames, cap * sizeof *grown);
        if (grown == NULL)
            return sp_fail(why, SP_ERR_NOMEM, "no memory for objects %zu deep", cap);
        account->frames = grown;
        account->frame_cap = cap;
    }
    account->frames[account->frame_count++] = *frame;
    return SP_OK;
}

/* A part of the archive whose members are the units: the archive itself is none, whatever was
 * thought when the part was read. */
static bool account_is_above(const struct sp_account *account, int64_t unit)
{
    return account->frame_count > 0 && account->frames[0].unit == 0 &&
           account->frames[0].id == unit;
}

enum sp_err sp_account_enter(struct sp_account *account, const struct sp_object_row *row,
                             struct sp_why *why)
{
    struct sp_account_frame frame = {
        .id = row->id, .unit = row->unit, .shape = row->shape, .record_count = row->record_count};
    enum sp_err err = SP_OK;
    while (account->frame_count > 0 && account->frames[account->frame_count - 1].id != row->parent)
        account_leave(account);
    if (account->frame_count > 0) {
        const struct sp_account_frame *up = &account->frames[account->frame_count - 1];
        frame.in_document = up->in_document || up->shape == SP_SHAPE_DOCUMENT;
        frame.unit = row->unit != 0 ? row->unit : up->unit;
        if (account_is_above(account, frame.unit))
            frame.unit = 0;
    }
    if (frame.unit != account->unit)
        err = account_end_unit(account, why);
    if (err == SP_OK && frame.unit == row->id)
        err = account_begin_unit(account, row, why);
    if (err == SP_OK && frame.unit != account->unit)
        err = sp_fail(why, SP_ERR_ALTERED, "the inventory holds an object outside its unit");
    if (err == SP_OK)
        err = account_push(account, &frame, why);
    if (err == SP_OK && row->state == SP_STATE_OPEN)
        sp_account_gap(account, false);
    return err;
}

enum sp_err sp_account_end(struct sp_account *account, struct sp_why *why)
{
    while (account->frame_count > 0)
        account_leave(account);
    return account_end_unit(account, why);
}

void sp_account_gap(struct sp_account *account, bool accepted)
{
    if (accepted)
        account->facts.gap_accepted = true;
    else
        account->facts.gap = true;
}

/* A hit counts to the object when that is a table, else to the outermost document that it belongs
 * to. In the name of a container it tells nothing about its records. Records come in stored order;
 * one that comes again is not counted again: too few is a HOLD, too many would be a DROP. */
static void account_count_hit(struct sp_account *account, const struct sp_kept_record *record)
{
    size_t i = account->frame_count - 1;
    while (account->frames[i].in_document && account->frames[i].shape != SP_SHAPE_RECORDS)
        i--;
    struct sp_account_frame *frame = &account->frames[i];
    frame->hit = true;
    if (record->kind != SP_RECORD_NAME && record->ordinal > frame->record_last) {
        frame->records_hit++;
        frame->record_last = record->ordinal;
    }
}

void sp_account_decision(struct sp_account *account, enum sp_decision decision,
                         const struct sp_kept_record *record)
{
    bool met = decision == SP_DECISION_REVIEW || decision == SP_DECISION_HIT;
    account->above = account->above || (met && account->unit == 0 && account->frame_count > 1);
    if (decision == SP_DECISION_REVIEW)
        account->facts.review = true;
    if (decision != SP_DECISION_HIT)
        return;
    account->facts.hit = true;
    account_count_hit(account, record);
}
