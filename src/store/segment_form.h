/* Bits of the packed form of segments, shared by segment.c and segment_read.c. Stored. */
#ifndef SP_STORE_SEGMENT_FORM_H
#define SP_STORE_SEGMENT_FORM_H

enum { /* head byte of a record: the kind, and what follows */
       SEGMENT_RECORD_KIND_MASK = 0x0F,
       SEGMENT_RECORD_DATE = 0x10,
       SEGMENT_RECORD_TABLE = 0x20,
       SEGMENT_RECORD_PK = 0x40,
       SEGMENT_RECORD_MESSAGE_ID = 0x80
};

enum {                                  /* last byte of a form */
       SEGMENT_FORM_NEXT = 0x01,        /* the finding begins the next record */
       SEGMENT_FORM_STEP = 0x02,        /* a number of records to step over follows */
       SEGMENT_FORM_OFFSET = 0x04,      /* the offset is known */
       SEGMENT_FORM_LINE = 0x08,        /* the line is known */
       SEGMENT_FORM_LINE_COLUMN = 0x10, /* the position in the line is known */
       SEGMENT_FORM_HOLDER = 0x20,      /* a holder stands in the form */
       SEGMENT_FORM_ALL = 0x3F
};

enum { SEGMENT_VARINT_MAX = 10 }; /* bytes of a 64-bit varint */

#endif
