/* What each format file gives to the table: a bid and an extractor. The rules they follow:
 *
 * - The object is open already. Fill x->done: encoding, record_count, bytes_read; the shape only
 *   when it differs from the table's. sp_extract_run has set format, shape and SP_STATE_COMPLETE
 *   before the call, and corrects the state when it reports something itself.
 * - What you do not read, you report with sp_extract_unread, which also lowers done->state.
 * - When the stream fails (next() gives an error), push what you have, end the open record and
 *   return that error: sp_extract_run turns a failed stream into an unread record with the
 *   stream's own reason (truncated, corrupt, encrypted, io_error, ...).
 * - When the content is not what you bid for, end the open record and return SP_ERR_FORMAT with a
 *   reason of your own: sp_extract_run reports it as corrupt and reads the rest of the stream by
 *   the raw byte pass. Put back with sp_stream_unget what you did not push yet.
 * - Members, attachments and parts go through sp_extract_member. */
#ifndef SP_EXTRACT_FORMATS_H
#define SP_EXTRACT_FORMATS_H

#include "extract/extract.h"

/* Filters: transparent layers; what lies below is read as the same object. */
int sp_gzip_bid(const struct sp_glance *at);
enum sp_err sp_gzip_extract(struct sp_extract *x, struct sp_why *why);
/* A bare zlib stream (RFC 1950), as in objects of git. What only looks like one is read raw. */
int sp_zlib_bid(const struct sp_glance *at);
/* The same without a header (RFC 1951), as some programs write into base64. */
int sp_deflate_bid(const struct sp_glance *at);
enum sp_err sp_deflate_extract(struct sp_extract *x, struct sp_why *why);
enum sp_err sp_zlib_extract(struct sp_extract *x, struct sp_why *why);
int sp_bzip2_bid(const struct sp_glance *at);
enum sp_err sp_bzip2_extract(struct sp_extract *x, struct sp_why *why);
int sp_xz_bid(const struct sp_glance *at);
enum sp_err sp_xz_extract(struct sp_extract *x, struct sp_why *why);
int sp_zstd_bid(const struct sp_glance *at);
enum sp_err sp_zstd_extract(struct sp_extract *x, struct sp_why *why);
int sp_lz4_bid(const struct sp_glance *at);
enum sp_err sp_lz4_extract(struct sp_extract *x, struct sp_why *why);

int sp_lzma_bid(const struct sp_glance *at);
enum sp_err sp_lzma_extract(struct sp_extract *x, struct sp_why *why);
int sp_lzip_bid(const struct sp_glance *at);
enum sp_err sp_lzip_extract(struct sp_extract *x, struct sp_why *why);
/* .Z of compress(1): it has no end mark and no checksum, so a cut one reads as whole. */
int sp_compress_bid(const struct sp_glance *at);
enum sp_err sp_compress_extract(struct sp_extract *x, struct sp_why *why);

int sp_tar_bid(const struct sp_glance *at);
/* A block with a checksum that is right. */
bool sp_tar_is_header(struct sp_slice block);
enum sp_err sp_tar_extract(struct sp_extract *x, struct sp_why *why);
/* The list of files that GNU tar keeps beside incremental archives. */
int sp_snapshot_bid(const struct sp_glance *at);
enum sp_err sp_snapshot_extract(struct sp_extract *x, struct sp_why *why);
int sp_zip_bid(const struct sp_glance *at);
enum sp_err sp_zip_extract(struct sp_extract *x, struct sp_why *why);

/* Read by libarchive, see container.c. rar: versions 1.5 to 5; ar: deb files too. */
int sp_7z_bid(const struct sp_glance *at);
enum sp_err sp_7z_extract(struct sp_extract *x, struct sp_why *why);
int sp_rar_bid(const struct sp_glance *at);
enum sp_err sp_rar_extract(struct sp_extract *x, struct sp_why *why);
int sp_cab_bid(const struct sp_glance *at);
enum sp_err sp_cab_extract(struct sp_extract *x, struct sp_why *why);
int sp_iso_bid(const struct sp_glance *at);
enum sp_err sp_iso_extract(struct sp_extract *x, struct sp_why *why);
int sp_cpio_bid(const struct sp_glance *at);
/* How sure it is that one begins here, as a bid. */
int sp_cpio_header(struct sp_slice head);
enum sp_err sp_cpio_extract(struct sp_extract *x, struct sp_why *why);
int sp_ar_bid(const struct sp_glance *at);
enum sp_err sp_ar_extract(struct sp_extract *x, struct sp_why *why);
int sp_xar_bid(const struct sp_glance *at);
enum sp_err sp_xar_extract(struct sp_extract *x, struct sp_why *why);
/* A filter: headers, then what is packed. */
int sp_rpm_bid(const struct sp_glance *at);
enum sp_err sp_rpm_extract(struct sp_extract *x, struct sp_why *why);
int sp_warc_bid(const struct sp_glance *at);
enum sp_err sp_warc_extract(struct sp_extract *x, struct sp_why *why);

int sp_mbox_bid(const struct sp_glance *at);
enum sp_err sp_mbox_extract(struct sp_extract *x, struct sp_why *why);
int sp_eml_bid(const struct sp_glance *at);
enum sp_err sp_eml_extract(struct sp_extract *x, struct sp_why *why);
int sp_sqldump_bid(const struct sp_glance *at);
enum sp_err sp_sqldump_extract(struct sp_extract *x, struct sp_why *why);
int sp_csv_bid(const struct sp_glance *at);
enum sp_err sp_csv_extract(struct sp_extract *x, struct sp_why *why);

/* JSON and JSON Lines. */
int sp_json_bid(const struct sp_glance *at);
enum sp_err sp_json_extract(struct sp_extract *x, struct sp_why *why);

/* Office documents: Office Open XML (ECMA-376) and OpenDocument (ISO 26300), zip files whose
 * members are parts of one document. */
int sp_office_bid(const struct sp_glance *at);
enum sp_err sp_office_extract(struct sp_extract *x, struct sp_why *why);
/* Their parts with text: runs joined, a line a paragraph; tables of OpenDocument as sheets. */
int sp_office_text_bid(const struct sp_glance *at);
enum sp_err sp_office_text_extract(struct sp_extract *x, struct sp_why *why);
/* A worksheet of Office Open XML: rows with the header of their column. */
int sp_sheet_bid(const struct sp_glance *at);
enum sp_err sp_sheet_extract(struct sp_extract *x, struct sp_why *why);
/* Its shared strings: those of them that no sheet shows. */
int sp_strings_bid(const struct sp_glance *at);
enum sp_err sp_strings_extract(struct sp_extract *x, struct sp_why *why);

int sp_pdf_bid(const struct sp_glance *at);
enum sp_err sp_pdf_extract(struct sp_extract *x, struct sp_why *why);

int sp_sqlite_bid(const struct sp_glance *at);
enum sp_err sp_sqlite_extract(struct sp_extract *x, struct sp_why *why);

int sp_rtf_bid(const struct sp_glance *at);
enum sp_err sp_rtf_extract(struct sp_extract *x, struct sp_why *why);

/* Compound files: doc, xls, ppt, msg. */
int sp_ole_bid(const struct sp_glance *at);
enum sp_err sp_ole_extract(struct sp_extract *x, struct sp_why *why);

int sp_tnef_bid(const struct sp_glance *at);
enum sp_err sp_tnef_extract(struct sp_extract *x, struct sp_why *why);
/* Outlook's mailboxes. */
int sp_pst_bid(const struct sp_glance *at);
enum sp_err sp_pst_extract(struct sp_extract *x, struct sp_why *why);

/* XML that holds data, not words with tags between them. */
int sp_xml_bid(const struct sp_glance *at);
enum sp_err sp_xml_extract(struct sp_extract *x, struct sp_why *why);

/* Statements of banks. */
int sp_mt940_bid(const struct sp_glance *at);
enum sp_err sp_mt940_extract(struct sp_extract *x, struct sp_why *why);
int sp_coda_bid(const struct sp_glance *at);
enum sp_err sp_coda_extract(struct sp_extract *x, struct sp_why *why);

int sp_log_bid(const struct sp_glance *at);
enum sp_err sp_log_extract(struct sp_extract *x, struct sp_why *why);
/* Of a line of a log: seconds since 1970 of the first date with a time near its beginning;
 * INT64_MIN: there is none. */
int64_t sp_log_date(struct sp_slice line);
/* vCard, iCalendar, LDIF. */
int sp_folded_bid(const struct sp_glance *at);
enum sp_err sp_folded_extract(struct sp_extract *x, struct sp_why *why);
/* HTML, XML and their like: text with entities decoded. */
int sp_markup_bid(const struct sp_glance *at);
enum sp_err sp_markup_extract(struct sp_extract *x, struct sp_why *why);
/* 50 for what looks like text in any encoding: the formats above outbid it. */
int sp_plain_bid(const struct sp_glance *at);
enum sp_err sp_plain_extract(struct sp_extract *x, struct sp_why *why);
/* 1: the last resort. Printable runs, ASCII, UTF-8 and windows-1252, and UTF-16LE at both
 * parities. Reports what is above 7.5 bits a byte as opaque unless x->done->state says that
 * something is reported already. */
int sp_bytes_bid(const struct sp_glance *at);
enum sp_err sp_bytes_extract(struct sp_extract *x, struct sp_why *why);

/* Reports something of the innermost open object (x's own) and sets done->state: to
 * SP_STATE_PARTIAL when unread->partial or fallback, else to SP_STATE_SKIPPED unless it is
 * partial already. */
enum sp_err sp_extract_unread(struct sp_extract *x, const struct sp_unread *unread,
                              struct sp_why *why);

#endif
