"""Artefacts of the systems that organisations use: tests/cases/systems.py OUT. Writes OUT/tree, and OUT/planted.jsonl: path,
type, value (canonical), system, and what of `record` must hold. Column names as their makers have them, as far as they are
public; persons, addresses and numbers are nobody's."""

import base64
import csv
import email.message
import io
import json
import pathlib
import sys

OUT = pathlib.Path(sys.argv[1])
TREE = OUT / "tree"
planted = []
IBANS = ["NL91ABNA0417164300", "NL02ABNA0123456789", "NL20INGB0001234567", "NL28RABO0123456786"]


class Person:
    def __init__(self, number):
        self.number = number
        self.first, self.last = ["Anna", "Bram", "Chris", "Dana"][number % 4], f"Voorbeeld{number}"
        self.email = f"klant{number}@voorbeeld.example"
        self.mobile = f"06{12340000 + number}"
        self.phone = f"+316{12340000 + number}"
        self.ip = f"198.51.100.{number}"
        self.iban = IBANS[number % 4]
        self.street, self.house = "Dorpsstraat", 10 + number
        self.code, self.city = f"{1010 + number} AB", "Amsterdam"
        self.address = f"NL:{1010 + number}AB:{10 + number}:"


persons = [Person(number) for number in range(1, 9)]


def plant(path, what, value, system, **record):
    planted.append({"path": path, "type": what, "value": value, "system": system, "record": record})


def put(path, text, encoding="utf-8"):
    (TREE / path).parent.mkdir(parents=True, exist_ok=True)
    (TREE / path).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))


def rows_csv(path, header, rows, delimiter=",", encoding="utf-8"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    put(path, out.getvalue(), encoding)


def quoted(value):
    return str(value).replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')


def table(name, columns, rows, key=None):
    lines = ",\n".join(f"  `{column}` varchar(200) DEFAULT NULL" for column in columns)
    primary = f",\n  PRIMARY KEY (`{key}`)" if key else ""
    values = ",".join("(" + ",".join("NULL" if v is None else str(v) if isinstance(v, int) else f"'{quoted(v)}'" for v in row)
                      + ")" for row in rows)
    return f"CREATE TABLE `{name}` (\n{lines}{primary}\n);\nINSERT INTO `{name}` VALUES {values};\n"


def php(value):
    if isinstance(value, dict):
        return f"a:{len(value)}:{{" + "".join(php(k) + php(v) for k, v in value.items()) + "}"
    if isinstance(value, int):
        return f"i:{value};"
    return f's:{len(value.encode())}:"{value}";'


def shop():
    path, prefix, sql = "shop.sql", "fngs_", "-- MySQL dump 10.19  Distrib 10.11\n"
    orders, addresses, lookup, sessions, downloads, postmeta, comments, users = ([] for _ in range(8))
    for p in persons:
        n = p.number
        day = f"2026-02-{10 + n} 10:00:00"
        orders.append([n, "wc-completed", "EUR", "shop_order", "2.10", "12.10", n, p.email, day, day, 0, "ideal", "iDEAL", "tr_x",
                       p.ip, "Mozilla/5.0", "graag snel"])
        date = day[:10]
        plant(path, "email", p.email, "woocommerce", table=prefix + "wc_orders", row=n, column="billing_email", date=date,
              pk=f"id={n}")
        plant(path, "ip", p.ip, "woocommerce", table=prefix + "wc_orders", row=n, column="ip_address")
        addresses.append([n, n, "billing", p.first, p.last, None, f"{p.street} {p.house}", None, p.city, None, p.code, "NL",
                          p.email, p.mobile])
        plant(path, "phone", p.phone, "woocommerce", table=prefix + "wc_order_addresses", row=n, column="phone")
        plant(path, "address", p.address, "woocommerce", table=prefix + "wc_order_addresses", row=n)
        lookup.append([n, n, f"klant{n}", p.first, p.last, p.email, day, day, "NL", p.code, p.city, None])
        plant(path, "email", p.email, "woocommerce", table=prefix + "wc_customer_lookup", row=n, column="email")
        customer = php({"customer": php({"email": p.email, "phone": p.mobile, "postcode": p.code})})
        sessions.append([n, f"s{n}", customer, 1])
        plant(path, "email", p.email, "woocommerce", table=prefix + "woocommerce_sessions", row=n, pointer="/customer/email")
        plant(path, "phone", p.phone, "woocommerce", table=prefix + "woocommerce_sessions", row=n, pointer="/customer/phone")
        downloads.append([n, day, 1, n, p.ip])
        plant(path, "ip", p.ip, "woocommerce", table=prefix + "wc_download_log", row=n, column="user_ip_address")
        for k, (name, value, kind, canonical) in enumerate((
                ("_billing_email", p.email, "email", p.email), ("_billing_phone", p.mobile, "phone", p.phone),
                ("_customer_ip_address", p.ip, "ip", p.ip))):
            postmeta.append([len(postmeta) + 1, n, name, value])
            plant(path, kind, canonical, "wordpress", table=prefix + "postmeta", row=3 * (n - 1) + k + 1, column="meta_value")
        users.append([n, p.email, "$P$B1", p.email, day])
        plant(path, "email", p.email, "wordpress", table=prefix + "users", row=n, column="user_email")
        plant(path, "password", None, "wordpress", table=prefix + "users", row=n, column="user_pass")
        comments.append([n, p.first, p.email, p.ip, "Top!", "order_note"])
        plant(path, "email", p.email, "wordpress", table=prefix + "comments", row=n, column="comment_author_email")
    users.append([99, "[deleted]", "x", "deleted@site.invalid", "2026-03-01 10:00:00"])
    comments.append([99, "Anonymous", "deleted@site.invalid", "0.0.0.0", "", "comment"])
    sql += table(prefix + "wc_orders", "id status currency type tax_amount total_amount customer_id billing_email "
                 "date_created_gmt date_updated_gmt parent_order_id payment_method payment_method_title transaction_id "
                 "ip_address user_agent customer_note".split(), orders, "id")
    sql += table(prefix + "wc_order_addresses", "id order_id address_type first_name last_name company address_1 address_2 "
                 "city state postcode country email phone".split(), addresses, "id")
    for p in persons:
        plant(path, "email", p.email, "woocommerce", table=prefix + "wc_order_addresses", row=p.number, column="email")
    sql += table(prefix + "wc_customer_lookup", "customer_id user_id username first_name last_name email date_last_active "
                 "date_registered country postcode city state".split(), lookup, "customer_id")
    for p in persons:
        plant(path, "address", f"NL:{p.code.replace(' ', '')}::", "woocommerce", table=prefix + "wc_customer_lookup", row=p.number)
        plant(path, "address", f"NL:{p.code.replace(' ', '')}::", "woocommerce", table=prefix + "woocommerce_sessions", row=p.number)
        plant(path, "email", p.email, "wordpress", table=prefix + "users", row=p.number, column="user_login")
        plant(path, "ip", p.ip, "wordpress", table=prefix + "comments", row=p.number, column="comment_author_IP")
    sql += table(prefix + "woocommerce_sessions", "session_id session_key session_value session_expiry".split(), sessions,
                 "session_id")
    sql += table(prefix + "wc_download_log", "download_log_id timestamp permission_id user_id user_ip_address".split(), downloads)
    sql += table(prefix + "postmeta", "meta_id post_id meta_key meta_value".split(), postmeta, "meta_id")
    sql += table(prefix + "users", "ID user_login user_pass user_email user_registered".split(), users, "ID")
    sql += table(prefix + "comments", "comment_ID comment_author comment_author_email comment_author_IP comment_content "
                 "comment_type".split(), comments, "comment_ID")
    put(path, sql)


def lists():
    header = ("Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,"
              "LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS").split(",")
    path = "mailchimp/subscribed_members_export_1a2b.csv"
    rows_csv(path, header, [[p.email, p.first, p.last, 2, "2025-01-02 10:00:00", p.ip, "", "", "", "", "", "", "", "NL", "",
                             "2026-01-05 09:00:00", 100 + p.number, "ab12", "", ""] for p in persons])
    for p in persons:
        plant(path, "email", p.email, "mailchimp", row=p.number, column="Email Address", date="2026-01-05")
        plant(path, "ip", p.ip, "mailchimp", row=p.number, column="OPTIN_IP")
    path = "sendgrid/activity.csv"
    rows_csv(path, "msg_id last_event_time from_email to_email subject status opens_count clicks_count".split(),
             [[f"m{p.number}", "2026-02-01T10:00:00Z", "winkel@voorbeeldwinkel.example", p.email, "Hoi", "delivered", 1, 0]
              for p in persons])
    for p in persons:
        plant(path, "email", p.email, "sendgrid", row=p.number, column="to_email", date="2026-02-01")
        plant(path, "email", "winkel@voorbeeldwinkel.example", "sendgrid", row=p.number, column="from_email")
    path = "sendgrid/events.json"
    put(path, json.dumps([{"email": p.email, "timestamp": 1770000000, "event": "open", "sg_event_id": "x", "ip": p.ip,
                           "useragent": "Mozilla/5.0", "url": "https://voorbeeld.example/"} for p in persons]))
    for p in persons:
        plant(path, "email", p.email, "sendgrid", row=p.number, pointer="/email", kind="node")
        plant(path, "ip", p.ip, "sendgrid", row=p.number, pointer="/ip")


def coda(path):
    """Coded statement of account of a Belgian bank: places as the standard (2.6) counts them, from 1."""
    def line(*fields):
        out = [" "] * 128
        for first, text in fields:
            out[first - 1:first - 1 + len(text)] = text
        assert len(out) == 128, fields
        return "".join(out) + "\r\n"
    account = "BE68539007547034"
    text = line((1, "00000030226"), (12, "72505"), (25, "0003845000"), (35, "VOORBEELD BV"), (61, "BBRUBEBB"), (72, "00412694517"), (128, "2"))
    text += line((1, "12001"), (6, account), (40, "EUR0000000001000000020226"), (65, "VOORBEELD BV"), (91, "ZICHTREKENING"), (126, "001"))
    for p in persons:
        number = f"{p.number:04}0000"
        said = f"Terugbetaling van bestelling {4000 + p.number} aan klant met adres {p.email} dank u"  # goes on in the next line
        text += line((1, "21" + number), (11, "REF"), (32, f"0000000000012100{p.number:02}0226001500000"), (63, said[:53]), (116, "030226001"), (126, "1 0"))
        text += line((1, "22" + number), (11, said[53:]), (64, f"KLANT{p.number}"), (99, "ABNANL2A"), (126, "1 0"))
        text += line((1, "23" + number), (11, p.iban), (45, "EUR"), (48, f"{p.first} {p.last}"), (126, "0 1"))
        text += line((1, "31" + number), (11, "REF"), (32, "00150000"), (40, "1001"), (44, f"{p.first} {p.last}"), (126, "1 0"))
        text += line((1, "32" + number), (11, f"{p.street} {p.house}"), (46, f"{p.code} {p.city}"), (126, "0 0"))
        plant(path, "iban", p.iban, None, row=p.number, table="21", date=f"2026-02-0{p.number}")
        plant(path, "email", p.email, None, row=p.number, table="21")
        plant(path, "address", p.address, None, row=p.number, table="21")
    text += line((1, "8001"), (5, account), (39, "EUR0000000001000000030226"), (128, "0"))
    text += line((1, "9"), (17, "000042"), (23, "000000000000000000000000096800"), (128, "2"))
    put(path, text, "iso-8859-1")
    plant(path, "iban", account, None)
    plant(path, "be_kbo", "0412694517", None)


def money():
    path = "bank/mollie-statement.csv"
    rows_csv(path, "TRANSACTION_DATE PAYMENT_TYPE ENTRY_TYPE COUNTERPARTY COUNTERPARTY_IBAN STATUS DESCRIPTION REFERENCE "
             "AMOUNT CURRENCY BEFORE_BALANCE AFTER_BALANCE".split(),
             [["2026-02-03", "transfer", "credit", f"{p.first} {p.last}", p.iban, "booked", f"Mail {p.email}", "T1234567", "12.10",
               "EUR", "0.00", "12.10"] for p in persons])
    for p in persons:
        plant(path, "iban", p.iban, "mollie", row=p.number, column="COUNTERPARTY_IBAN", date="2026-02-03")
        plant(path, "email", p.email, "mollie", row=p.number, column="DESCRIPTION")
    path, statement = "bank/afschrift.sta", "ABNANL2A\r\n940\r\nABNANL2A\r\n:20:X\r\n:25:NL28RABO0123456786\r\n:60F:C260201EUR1,\r\n"
    for p in persons:
        words = f"/TRTP/SEPA OVERBOEKING/NAME/{p.last.ljust(20)}/IBAN/{p.iban}/REMI/Mail {p.email}/EREF/NOTPROVIDED"
        lines = "\r\n".join(words[at:at + 65] for at in range(0, len(words), 65))  # the account number lies on the border
        statement += f":61:26020{p.number}0203C12,10NTRFNONREF\r\n:86:{lines}\r\n"
        plant(path, "iban", p.iban, None, row=p.number, table="61", pointer="/86", date=f"2026-02-0{p.number}")
        plant(path, "email", p.email, None, row=p.number, table="61")
    put(path, statement + ":62F:C260204EUR1,\r\n-\r\n")
    plant(path, "iban", "NL28RABO0123456786", None, pointer="/25")
    coda("bank/settlement.cod")
    path = "boekhouding/contacts.csv"
    header = ("company_name,firstname,lastname,address1,address2,zipcode,city,country,phone,delivery_method,customer_id,"
              "tax_number,chamber_of_commerce,bank_account,attention,email,email_ubl,sepa_active,sepa_iban").split(",")
    rows_csv(path, header, [["", p.first, p.last, f"{p.street} {p.house}", "", p.code, p.city, "NL", p.mobile, "email", p.number,
                             "", "", "", "", p.email, "false", "true", p.iban] for p in persons])
    for p in persons:
        for kind, value, column in (("email", p.email, "email"), ("phone", p.phone, "phone"), ("iban", p.iban, "sepa_iban")):
            plant(path, kind, value, "moneybird", row=p.number, column=column)
        plant(path, "address", p.address, "moneybird", row=p.number)
    path = "shop/mollie_payments.json"
    put(path, "".join(json.dumps({"id": f"tr_{p.number}", "details": {"consumerName": p.last, "consumerAccount": p.iban}}) + "\n"
                      for p in persons))
    for p in persons:
        plant(path, "iban", p.iban, "mollie", row=p.number, pointer="/details/consumerAccount")


def invoices():
    for p in persons[:4]:
        path = f"boekhouding/factuur{p.number}.xml"
        inner = base64.encodebytes(f"Factuur voor noot{p.number}@voorbeeld.example\n".encode() * 40).decode()
        put(path, f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:c" xmlns:cbc="urn:b">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0</cbc:CustomizationID>
<cbc:ID>2026-{p.number}</cbc:ID><cbc:IssueDate>2026-02-0{p.number}</cbc:IssueDate>
<cac:AdditionalDocumentReference><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain" filename="f.txt">
{inner}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>
<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>{p.first} {p.last}</cbc:Name></cac:PartyName>
<cac:PostalAddress><cbc:StreetName>{p.street}</cbc:StreetName><cbc:BuildingNumber>{p.house}</cbc:BuildingNumber>
<cbc:CityName>{p.city}</cbc:CityName><cbc:PostalZone>{p.code}</cbc:PostalZone></cac:PostalAddress>
<cac:Contact><cbc:Telephone>{p.mobile}</cbc:Telephone><cbc:ElectronicMail>{p.email}</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:AccountingCustomerParty><cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>{p.iban}</cbc:ID>
</cac:PayeeFinancialAccount></cac:PaymentMeans>
<cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine><cac:InvoiceLine><cbc:ID>2</cbc:ID></cac:InvoiceLine></Invoice>
""")
        party, date = "/Invoice/AccountingCustomerParty/Party", f"2026-02-0{p.number}"
        plant(path, "email", p.email, None, kind="node", pointer=party + "/Contact/ElectronicMail", date=date)
        plant(path, "phone", p.phone, None, pointer=party + "/Contact/Telephone", row=1)
        plant(path, "address", p.address, None, row=1)
        plant(path, "iban", p.iban, None, pointer="/Invoice/PaymentMeans/PayeeFinancialAccount/ID")
        plant(path, "email", f"noot{p.number}@voorbeeld.example", None, kind="document")
    path = "shop/sisow-status.xml"
    put(path, "<?xml version='1.0'?><statusresponses>" + "".join(
        f"<transaction><trxid>TEST{p.number}</trxid><status>Success</status><consumername>{p.last}</consumername>"
        f"<consumeraccount>{p.iban}</consumeraccount></transaction>" for p in persons) + "</statusresponses>")
    for p in persons:
        plant(path, "iban", p.iban, "sisow", row=p.number, pointer="/consumeraccount", table="/statusresponses")
    path = "website/export.xml"
    put(path, "<?xml version='1.0'?><rss version='2.0' xmlns:wp='x'><channel><title>Winkel</title>" + "".join(
        f"<item><title>Bericht</title><wp:comment><wp:comment_author_email><![CDATA[{p.email}]]></wp:comment_author_email>"
        f"<wp:comment_author_IP>{p.ip}</wp:comment_author_IP></wp:comment></item>" for p in persons) + "</channel></rss>")
    for p in persons:
        plant(path, "email", p.email, "wordpress", row=p.number, table="/rss/channel")
        plant(path, "ip", p.ip, "wordpress", row=p.number)


def parcels():
    header = ("id_address_sender;delisid;recipient type;recipient_name;recipient_name2;recipient_street;recipient_house_no;"
              "recipient_street2;recipient_zip;recipient_city;recipient_state;recipient_country;recipient_language;"
              "recipient_phone;recipient_fax;recipient_email;recipient_note").split(";")
    rows = [[1, "x", "B", f"{p.first} {p.last} é", "", p.street, p.house, "", p.code, p.city, "", "NL", "NL", p.mobile, "", p.email,
             ""] for p in persons]
    for path, delimiter, encoding in (("labels/import.csv", ";", "cp1252"), ("labels/import pijp.txt", "|", "utf-8")):
        rows_csv(path, header, rows, delimiter, encoding)
        for p in persons:
            plant(path, "email", p.email, "dpd", row=p.number, column="recipient_email")
            plant(path, "phone", p.phone, "dpd", row=p.number, column="recipient_phone")
            plant(path, "address", p.address, "dpd", row=p.number)


def reviews():
    path = "kiyoh/uitnodigingen.csv"
    rows_csv(path, "hash,location_id,tenantId,delay,first_name,last_name,ref_code,language,invite_email".split(","),
             [["h", 1, 98, 3, p.first, p.last, f"r{p.number}", "nl", p.email] for p in persons])
    for p in persons:
        plant(path, "email", p.email, "kiyoh", row=p.number, column="invite_email")
    path = "logs/access.log"
    put(path, "".join(
        f'{p.ip} - - [{p.number:02d}/Feb/2026:10:00:00 +0100] "GET /v1/invite?tenantId=98&invite_email='
        f'{p.email.replace("@", "%40")}&first_name={p.first} HTTP/1.1" 200 12 "-" "Mozilla/5.0"\n' for p in persons))
    for p in persons:
        plant(path, "email", p.email, None, kind="line", row=None, line=p.number, date=f"2026-02-{p.number:02d}")
        plant(path, "ip", p.ip, None, kind="line", line=p.number)


def mails():
    for p in persons[:3]:
        message = email.message.EmailMessage()
        message["From"], message["To"] = p.email, "winkel@voorbeeldwinkel.example"
        message["Subject"], message["Message-ID"] = "Klacht", f"<{p.number}@mx.example>"
        message["Date"] = "Mon, 02 Feb 2026 10:00:00 +0100"
        message.set_content(f"Bel mij op {p.mobile}.\n")
        message.add_attachment(base64.b64encode(p.iban.encode()) + b"\nIBAN " + p.iban.encode(), maintype="text",
                               subtype="plain", filename="rekening.txt")
        path = f"mail/klacht{p.number}.eml"
        put(path, message.as_bytes())
        plant(path, "email", p.email, None, kind="message", column="From", date="2026-02-02")
        plant(path, "email", "winkel@voorbeeldwinkel.example", None, kind="message", column="To")
        plant(path, "phone", p.phone, None, kind="message")
        plant(path, "iban", p.iban, None)


for make in (shop, lists, money, invoices, parcels, reviews, mails):
    make()
with open(OUT / "planted.jsonl", "w", encoding="utf-8") as out:
    for row in planted:
        print(json.dumps(row), file=out)
