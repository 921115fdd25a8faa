/* Archives that libarchive reads and whose own headers tell how much there should be: 7z, rar, cab,
 * iso. Read by ourselves only to know what must come out, so that what does not is told. */
#ifndef SP_EXTRACT_CONTAINER_H
#define SP_EXTRACT_CONTAINER_H

#include "base/buf.h"
#include "extract/extract.h"
#include "extract/members.h"

/* A file behind a descriptor from `offset` on. */
struct sp_container_file {
    int fd;
    uint64_t offset;
    uint64_t size; /* from offset on */
};

/* What the headers tell. Positions count from the archive's first byte. */
struct sp_container_facts {
    bool multivolume;     /* one part of several */
    bool encrypted;       /* even the names */
    bool udf;             /* iso: a second file system lies in it */
    uint64_t end;         /* one past the archive's last byte; 0 = not told */
    uint64_t members;     /* at least so many */
    uint64_t comment_at;  /* rar: of the archive's comment */
    uint64_t comment_len; /* 0 = none */
    struct sp_buf locked; /* rar 5: a byte for each member, 1 = its data is encrypted. The
                           * caller initialises and clears it */
    bool no_memory;       /* for it */
    bool comment_packed;  /* it cannot be read as it stands */
};

/* Fills facts as far as the headers hold; damage is left to libarchive. */
void sp_container_look_7z(const struct sp_container_file *file, struct sp_container_facts *facts);
void sp_container_look_rar(const struct sp_container_file *file, struct sp_container_facts *facts);
void sp_container_look_rar5(const struct sp_container_file *file, struct sp_container_facts *facts);
void sp_container_look_cab(const struct sp_container_file *file, struct sp_container_facts *facts);
void sp_container_look_iso(const struct sp_container_file *file, struct sp_container_facts *facts);

/* Reads exactly len bytes at pos; false when there are not so many. */
bool sp_container_pread(const struct sp_container_file *file, uint64_t pos, void *out, size_t len);

/* Where an archive begins behind a program or a script: its extractor's name, or NULL. Looks at the
 * first 8 MiB. */
const char *sp_container_behind(int fd, struct sp_slice head, uint64_t size, uint64_t *offset);

struct sp_container_form {
    const char *name;
    enum sp_members_kind kind;
    uint64_t empty_bytes; /* a longer archive has members */
    size_t slack;         /* bytes that libarchive leaves: rar's end mark, xar's checksum */
    void (*look)(const struct sp_container_file *file, struct sp_container_facts *facts);
};

/* Reads the archive: by x's descriptor (but not with form->look NULL), where it may stand behind a
 * program; else as it comes. */
enum sp_err sp_container_extract(struct sp_extract *x, const struct sp_container_form *form,
                                 struct sp_why *why);

/* A range of the file, or the rest of a tape, as a stream. Zeros at its beginning are left out. */
struct sp_container_range {
    int fd;               /* borrowed */
    struct sp_tape *tape; /* instead of fd; borrowed */
    struct sp_stream *own;
    uint64_t pos;
    uint64_t end;
    uint8_t *block;  /* of fd */
    bool past_zeros; /* those at the beginning are padding */
};
/* Reads a range raw. With `detail` it should have at most `slack` bytes, and is reported else. */
enum sp_err sp_container_range_read(struct sp_extract *x, struct sp_container_range *range,
                                    const char *detail, size_t slack, struct sp_why *why);
/* Reports something of x's object of which a part was read. */
enum sp_err sp_container_unread(struct sp_extract *x, enum sp_reason reason, const char *detail,
                                bool fallback, struct sp_why *why);

#endif
