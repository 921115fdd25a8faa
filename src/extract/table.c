/* THE table of formats. Adding one: a file, its two functions in formats.h, a row here. */
#include "extract/formats.h"

#include <stddef.h>

/* name, place, shape, needs_seek, streams, bid, extract */
const struct sp_extractor sp_extractors[] = {
    {"gzip", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_gzip_bid, sp_gzip_extract},
    {"zlib", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_zlib_bid, sp_zlib_extract},
    {"bzip2", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_bzip2_bid, sp_bzip2_extract},
    {"xz", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_xz_bid, sp_xz_extract},
    {"zstd", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_zstd_bid, sp_zstd_extract},
    {"lz4", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_lz4_bid, sp_lz4_extract},
    {"lzma", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_lzma_bid, sp_lzma_extract},
    {"lzip", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_lzip_bid, sp_lzip_extract},
    {"compress", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_compress_bid,
     sp_compress_extract},
    {"tar", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_tar_bid, sp_tar_extract},
    {"zip", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, true, true, sp_zip_bid, sp_zip_extract},
    {"7z", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, true, false, sp_7z_bid, sp_7z_extract},
    {"rar", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, true, true, sp_rar_bid, sp_rar_extract},
    {"cab", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, true, true, sp_cab_bid, sp_cab_extract},
    {"iso", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, true, true, sp_iso_bid, sp_iso_extract},
    {"cpio", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_cpio_bid, sp_cpio_extract},
    {"ar", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_ar_bid, sp_ar_extract},
    {"xar", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_xar_bid, sp_xar_extract},
    {"rpm", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_rpm_bid, sp_rpm_extract},
    {"warc", SP_PLACE_WORKER, SP_SHAPE_ARCHIVE, false, true, sp_warc_bid, sp_warc_extract},
    {"mbox", SP_PLACE_WORKER, SP_SHAPE_MAILBOX, false, true, sp_mbox_bid, sp_mbox_extract},
    {"eml", SP_PLACE_WORKER, SP_SHAPE_DOCUMENT, false, true, sp_eml_bid, sp_eml_extract},
    {"sqldump", SP_PLACE_ANY, SP_SHAPE_RECORDS, false, true, sp_sqldump_bid, sp_sqldump_extract},
    {"csv", SP_PLACE_ANY, SP_SHAPE_RECORDS, false, true, sp_csv_bid, sp_csv_extract},
    {"json", SP_PLACE_ANY, SP_SHAPE_RECORDS, false, true, sp_json_bid, sp_json_extract},
    {"xml", SP_PLACE_WORKER, SP_SHAPE_RECORDS, false, true, sp_xml_bid, sp_xml_extract},
    {"mt940", SP_PLACE_ANY, SP_SHAPE_RECORDS, false, true, sp_mt940_bid, sp_mt940_extract},
    {"log", SP_PLACE_ANY, SP_SHAPE_RECORDS, false, true, sp_log_bid, sp_log_extract},
    {"folded", SP_PLACE_ANY, SP_SHAPE_DOCUMENT, false, true, sp_folded_bid, sp_folded_extract},
    {"markup", SP_PLACE_ANY, SP_SHAPE_DOCUMENT, false, true, sp_markup_bid, sp_markup_extract},
    {"plain", SP_PLACE_ANY, SP_SHAPE_DOCUMENT, false, true, sp_plain_bid, sp_plain_extract},
    {"bytes", SP_PLACE_ANY, SP_SHAPE_DOCUMENT, false, true, sp_bytes_bid, sp_bytes_extract},
    {NULL, SP_PLACE_ANY, SP_SHAPE_NONE, false, false, NULL, NULL},
};
