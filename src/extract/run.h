/* What format files use of run.c besides extract.h. */
#ifndef SP_EXTRACT_RUN_H
#define SP_EXTRACT_RUN_H

#include "extract/extract.h"
#include "extract/spool.h"

/* Reads `decoded`, what a filter made of x->stream, as the same object. x->stream is put back
 * afterwards; `decoded` stays the caller's. */
enum sp_err sp_extract_layer(struct sp_extract *x, struct sp_stream *decoded, struct sp_why *why);

/* Reads what is left of x->stream by the raw byte pass, as text of the open object. */
enum sp_err sp_extract_raw_rest(struct sp_extract *x, struct sp_why *why);

/* The same for what lies beside the data of an archive: packed data in it is told of. */
enum sp_err sp_extract_raw_beside(struct sp_extract *x, enum sp_beside beside, struct sp_why *why);

/* For filters, after sp_extract_layer: bytes of x->stream after the end of the packed data are
 * reported and read raw. Nothing is done when `decoded` failed. */
enum sp_err sp_extract_left_over(struct sp_extract *x, struct sp_stream *decoded,
                                 struct sp_why *why);

/* Accounts `more` bytes that a decompressor gave out and tells whether a ratio is exceeded:
 * layer_out bytes out of layer_in bytes of its own, or all of the job out of the top object. */
bool sp_extract_ratio_hit(const struct sp_extract *x, uint64_t more, uint64_t layer_in,
                          uint64_t layer_out);

/* Tells of a member without content: a directory, a link, a special file, or one that cannot be
 * read at all. `unread` says why not; or NULL. */
enum sp_err sp_extract_bare(struct sp_extract *x, const struct sp_object_info *info,
                            const struct sp_unread *unread, struct sp_why *why);

/* Reads what a container says besides its members (a comment, an attribute) by the raw byte pass,
 * as a record of x's object. Bytes of any kind; nothing when there is no text in them. */
enum sp_err sp_extract_note(struct sp_extract *x, struct sp_slice raw, struct sp_why *why);

struct sp_aside;
/* The same for what stands in the headers of one member of a tar and is no name: `headers` are all
 * of its blocks up to its data. */
enum sp_err sp_tar_notes(struct sp_aside *aside, struct sp_slice headers, struct sp_why *why);
/* And for headers of all members that follow, among them: a part of the archive. */
enum sp_err sp_tar_global_notes(struct sp_extract *x, struct sp_slice headers, uint64_t *count,
                                struct sp_why *why);

/* Hands a picture out, of which the words are wanted, as a part of x's object; takes over the
 * spool. `part` is what its locator says. */
enum sp_err sp_extract_picture(struct sp_extract *x, struct sp_spool *spool, uint64_t ordinal,
                               struct sp_slice part, struct sp_why *why);
/* May pictures be handed out? False: what they show is told of as not read. */
bool sp_extract_has_ocr(const struct sp_extract *x);

/* True for a disk image when speur-disk is there: the parent is to give it to that. */
bool sp_extract_is_for_disk(const struct sp_extract *x, const struct sp_identity *identity);
/* Hands out what x->stream gives, the image that a compressed file or a pipe holds, as the one
 * member of x's object, so that its parent may give it to speur-disk. */
enum sp_err sp_extract_disk(struct sp_extract *x, struct sp_why *why);

/* Tells the sink how far the job's own stream has been read. */
enum sp_err sp_extract_progress(const struct sp_extract *x, struct sp_why *why);

#endif
