/* XML: what is data, records, names, attributes, embedded documents, damage, cuts. floors:
 * sp_extract */
#include "glance.h"
#include "recorder.h"

#include "base/mem.h"
#include "extract/formats.h"
#include "extract/xml_look.h"

static const struct recorder_job xml_job = {.name = "x.xml", .extract = sp_xml_extract};
/* As the program does, which embedded documents want. */
static const struct recorder_job whole_job = {.name = "x.xml"};

static void check(struct sp_slice in, const struct recorder_job *job, const char *const *pieces)
{
    struct recorder whole;
    recorder_init(&whole);
    assert_int_equal(recorder_bytes(&whole, in, 0, job), SP_OK);
    for (size_t i = 0; pieces[i] != NULL; i++)
        recorder_expect(&whole, pieces[i]);
    for (size_t block = 1; block <= 3; block += 2) {
        struct recorder cut;
        recorder_init(&cut);
        assert_int_equal(recorder_bytes(&cut, in, block, job), SP_OK);
        assert_string_equal(whole.out, cut.out);
        recorder_clear(&cut);
    }
    recorder_clear(&whole);
}
#define CHECK(in, ...) check(sp_slice_of(in), &xml_job, (const char *const[]){__VA_ARGS__, NULL})

static int bid(const char *text)
{
    return bid_of(sp_xml_bid, sp_slice_of(text), sp_slice_of("x.xml"));
}

static void test_bid(void **state)
{
    (void)state;
    assert_true(bid("<?xml version=\"1.0\"?>\n<klanten><klant><naam>A</naam></klant></klanten>") >
                60);
    assert_true(bid("\xEF\xBB\xBF<a b='c>'>x</a>") > 60);
    assert_true(bid("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'>") > 60);
    assert_true(bid("<?xml version='1.0'?><!-- x --><!DOCTYPE a><n:a xmlns:n='x'><n:b/>") > 60);
    /* Words with tags between them: markup reads those. */
    assert_int_equal(bid("<p>bel <b>06</b>12345678</p>"), 0);
    assert_int_equal(bid("<boek><alinea>bel <vet>06</vet>12345678</alinea></boek>"), 0);
    assert_int_equal(bid("<!DOCTYPE html><html><body>x</body></html>"), 0);
    assert_int_equal(bid("<w:document xmlns:w='x'><w:body><w:p/></w:body></w:document>"), 0);
    assert_int_equal(bid("tekst <a>b</a>"), 0);
    assert_int_equal(bid(""), 0);
}

static void test_records(void **state)
{
    (void)state;
    CHECK("<ks><kop>k</kop><k><tel>1</tel></k>\n<k><tel>2</tel><tel>3</tel></k></ks>",
          "record node 1 line=1 row=1 table=\"/ks\"\n", "field \"kop\" line=1\n", "text \"k\"",
          "record node 2 line=1 row=2 table=\"/ks\"\n", "field \"tel\" part=\"/tel\" line=1\n",
          "record node 3 line=2 row=3 table=\"/ks\"\n", "records=3");
    CHECK("<k><naam>a</naam><tel soort='x'>1</tel><tel>2</tel></k>", "part=\"/k/naam\"",
          "records=1");
    CHECK("<ks><k mail='a'/><k mail='b'/></ks>", "field \"@mail\" part=\"/@mail\"", "records=2");
    /* an invoice is one record, whatever repeats in it */
    CHECK("<x:Invoice><L><ID>1</ID></L><L><ID>2</ID></L></x:Invoice>",
          "field \"L.ID\" part=\"/Invoice/L/ID\"", "records=1");
    CHECK("<mysqldump><database name='w'><table_data name='t1'><row><field name='mail'>a</field>"
          "</row><row><field name='mail'>b</field></row></table_data><table_data name='t2'><row>"
          "<field name='tel'>c</field></row></table_data></database></mysqldump>",
          "row=1 table=\"t1\"\n", "field \"mail\" part=\"/mail\"", "row=2 table=\"t1\"\n",
          "row=1 table=\"t2\"\n", "field \"tel\" part=\"/tel\"");
}

static void test_values(void **state)
{
    (void)state;
    CHECK("<a xmlns='http://x' b='j&#64;x' c=los><d>&lt;&amp;&eacute;&onbekend;&</d></a>",
          "field \"@b\" part=\"/a/@b\" line=1\n    text \"j@x\"", "field \"@c\"", "text \"los\"",
          "text \"<&\xC3\xA9&onbekend;&\"", "records=1 complete");
    CHECK("<a><b><![CDATA[x]]y & <z>]]></b><!-- jan@example.nl --></a>", "text \"x]]y & <z>",
          "text \" jan@example.nl --\"");
    CHECK("<a>1 < 2 <b/> 3</a>", "text \"1 < 2 \"", "text \"3\"");
    CHECK("<!DOCTYPE a [<!ENTITY e \"piet@example.nl\">]><a><b>&e;</b></a>", "piet@example.nl",
          "text \"&e;\"");
    /* a name that may be a value */
    CHECK("<r><field name='jan@example.nl'>x</field></r>", "text \"jan@example.nl\"");
}

static void test_embedded(void **state)
{
    (void)state;
    check(sp_slice_of(
              "<Invoice><ID>7</ID><EmbeddedDocumentBinaryObject mimeCode='text/plain' "
              "filename='a.txt'>TWFpbCBqYW5A\n ZXhhbXBsZS5ubA==</EmbeddedDocumentBinaryObject>"
              "<Note>n</Note></Invoice>"),
          &whole_job,
          (const char *const[]){"begin part 1 \"a.txt\" size=19", "text \"Mail jan@example.nl\"",
                                "text \"n\"", NULL});
}

static void test_damage(void **state)
{
    (void)state;
    CHECK("<a><b>jan@example.nl</b>", "text \"jan@example.nl\"", "unread truncated");
    CHECK("<a><b c='jan@example.nl", "text \"jan@example.nl\"", "unread truncated");
    CHECK("</z></y><a><b>x</c></b></a>", "text \"x\"");
    CHECK("<a><!-- jan@example.nl", "jan@example.nl", "unread truncated");
    CHECK("<a><![CDATA[jan@example.nl", "jan@example.nl", "unread truncated");
}

/* Deeper than paths go, and names without an end. */
static void test_extremes(void **state)
{
    struct sp_buf in;
    struct sp_why why;
    struct recorder rec;
    (void)state;
    sp_buf_init(&in, 4 << 20);
    for (unsigned i = 0; i < 20000; i++)
        assert_int_equal(sp_buf_append_string(&in, "<n>", &why), SP_OK);
    assert_int_equal(sp_buf_append_string(&in, "jan@example.nl", &why), SP_OK);
    for (unsigned i = 0; i < 20000; i++)
        assert_int_equal(sp_buf_append_string(&in, "</n>", &why), SP_OK);
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, sp_buf_slice(&in), 4096, &xml_job), SP_OK);
    recorder_expect(&rec, "text \"jan@example.nl\"");
    assert_int_equal(rec.gaps, 0);
    recorder_clear(&rec);
    sp_buf_reset(&in);
    assert_int_equal(sp_buf_append_string(&in, "<a ", &why), SP_OK);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(sp_buf_append_byte(&in, 'n', &why), SP_OK);
    assert_int_equal(sp_buf_append_string(&in, "='jan@example.nl'/>", &why), SP_OK);
    recorder_init(&rec);
    assert_int_equal(recorder_bytes(&rec, sp_buf_slice(&in), 4096, &xml_job), SP_OK);
    recorder_expect(&rec, "text \"jan@example.nl\"");
    recorder_clear(&rec);
    sp_buf_clear(&in);
}

static void test_memory(void **state)
{
    const struct sp_slice in = sp_slice_of("<a><b c='d'>e</b><b><EmbeddedDocumentBinaryObject>QUJD"
                                           "</EmbeddedDocumentBinaryObject></b></a>");
    enum sp_err err = SP_ERR_NOMEM;
    (void)state;
    for (long nth = 1; err == SP_ERR_NOMEM; nth++) {
        struct recorder rec;
        recorder_init(&rec);
        sp_mem_fail_at(nth);
        err = recorder_bytes(&rec, in, 0, &xml_job);
        sp_mem_fail_at(0);
        recorder_clear(&rec);
        assert_true(nth < 200);
    }
    assert_int_equal(err, SP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bid),    cmocka_unit_test(test_records),
        cmocka_unit_test(test_values), cmocka_unit_test(test_embedded),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
