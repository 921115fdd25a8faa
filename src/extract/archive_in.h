/* Shared by the files that read archives with libarchive: archive.c (the loop over headers),
 * archive_data.c (data of one member) and archive_head.c (what a header says). */
#ifndef SP_EXTRACT_ARCHIVE_IN_H
#define SP_EXTRACT_ARCHIVE_IN_H

#include "base/buf.h"
#include "extract/aside.h"
#include "extract/members.h"

#include <archive.h>
#include <archive_entry.h>

/* What libarchive reads from. */
struct archive_input {
    struct sp_members *members;
    uint64_t base;      /* tape position of the archive's first byte */
    uint64_t in_bytes;  /* given to libarchive */
    uint64_t out_bytes; /* of members, taken from it */
    uint8_t *block;     /* of a descriptor: SP_BLOCK_BYTES */
    uint64_t pos;       /* of a descriptor: of the next read, from the archive's first byte */
    uint64_t size;      /* of a descriptor: from the archive's first byte */
    bool warned;        /* the header of the entry says that its data is not where it should be */
    bool fatal;         /* libarchive gave up on the archive within a member's data */
    struct sp_buf name; /* of a member as it is stored, where libarchive gives another */
    struct sp_buf link; /* the same of what it links to */
    size_t padding;     /* of the member of a tar before: bytes up to the next block */
    struct sp_buf headers; /* of a member of a tar: its blocks up to its data */
    enum sp_err failed;    /* of the last read */
    struct sp_why failed_why;
};

/* Reads the data of the entry as a member of x. */
enum sp_err sp_archive_content(struct sp_extract *x, struct archive *a, struct archive_entry *entry,
                               struct archive_input *input, const struct sp_object_info *info,
                               struct sp_why *why);
/* True when libarchive's error text, which may hold names and is never passed on, has `piece`. */
bool sp_archive_says(struct archive *a, const char *piece);

/* What the header says, but for the ordinal; slices live as long as the entry. */
struct sp_object_info sp_archive_info(struct archive_entry *entry);
enum sp_node sp_archive_node(struct archive_entry *entry);
/* True for what is called a directory or a link but has data that libarchive does not give: it
 * gives that of a tar's odd types only, and those become regular here. */
bool sp_archive_hides_data(struct archive_entry *entry, enum sp_members_kind kind,
                           struct sp_object_info *info);
/* Names of users and groups, and attributes, as notes beside the member. */
enum sp_err sp_archive_notes(struct sp_aside *aside, struct archive_entry *entry,
                             struct sp_why *why);
/* What the entry's attribute user.speur.unread says ("reason:detail"): a member that was written in
 * the place of something that could not be read (src/disk). False: there is none. It can only add a
 * gap, so that any tar may have it. */
bool sp_archive_told_unread(struct archive_entry *entry, struct sp_unread *unread);
/* Looks at the blocks of a tar's headers, when there are more than one, once more: they go into
 * input->headers, and names as they are stored, which libarchive changes, into info. */
enum sp_err sp_archive_tar_headers(struct sp_extract *x, struct archive *a,
                                   struct archive_input *input, struct sp_object_info *info,
                                   struct sp_why *why);

#endif
