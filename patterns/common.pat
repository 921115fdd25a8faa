# Lists of words that several detectors share. This file describes no detector.
#
# Words that speak against a number of any kind being about a person.
words: numbers artikel* art_nr bestel_nummer bestel_nr bestelling order order_nummer order_nr order_id
words: numbers factuur factuur_nummer factuur_nr invoice* polis polis_nummer dossier dossier_nummer
words: numbers dossier_nr zaak_nummer zaak_nr referentie referentie_nummer ref kenmerk betalingskenmerk
words: numbers track_trace track_and_trace pakket pakket_nummer barcode ean gtin isbn issn
words: numbers isin imei serie_nummer serie_nr serial serial_number part_no part_number product
words: numbers product_nummer product_code product_id sku versie version release v model build commit
words: numbers hash sha sha1 sha256 md5 tx_id transactie* transaction* cve pagina bladzijde hoofdstuk
words: numbers bijlage lat lon latitude longitude bytes datum date timestamp ts bedrag amount
words: numbers vestigings_nummer zending_nummer zendingsnummer
