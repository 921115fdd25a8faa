"""The database of a WooCommerce shop (column names as WooCommerce has them)."""

from .sqldump import dump, php, table

ORDERS = """id status currency type tax_amount total_amount customer_id billing_email
date_created_gmt date_updated_gmt parent_order_id payment_method payment_method_title
transaction_id ip_address user_agent customer_note""".split()
ADDRESSES = """id order_id address_type first_name last_name company address_1 address_2 city
state postcode country email phone""".split()
ORDERS_META = "id order_id meta_key meta_value".split()
LOOKUP = """customer_id user_id username first_name last_name email date_last_active
date_registered country postcode city state""".split()
USERS = """ID user_login user_pass user_nicename user_email user_url user_registered
user_activation_key user_status display_name""".split()
USERMETA = "umeta_id user_id meta_key meta_value".split()
POSTMETA = "meta_id post_id meta_key meta_value".split()
COMMENTS = """comment_ID comment_post_ID comment_author comment_author_email comment_author_url
comment_author_IP comment_date comment_date_gmt comment_content comment_karma comment_approved
comment_agent comment_type comment_parent user_id""".split()
SESSIONS = "session_id session_key session_value session_expiry".split()

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
NOTES = (
    "",
    "",
    "Graag bellen voor levering.\nDank!",
    "Cadeau: a.u.b. 'geen' factuur in de doos",
    'Levering bij "de buren"; niet voor 10:00',
    "",
)


def when(index):
    day = f"20{24 + index % 2}-{1 + index % 12:02d}-{1 + index * 7 % 28:02d}"
    return f"{day} {8 + index % 12:02d}:{index * 13 % 60:02d}:00"


class Shop:
    """One shop: who bought there, below which table prefix, in which dump."""

    def __init__(self, place, prefix, buyers, rng):
        self.place, self.prefix, self.buyers, self.rng = place, prefix, buyers, rng

    def name(self, table_name):
        return self.prefix + table_name

    def row(self, table_name, key, value, date=""):
        return self.place.at(record=f"{self.name(table_name)} {key}={value}", date=date[:10])

    def orders(self):
        rows = []
        for i, person in enumerate(self.buyers):
            number, date = 1001 + i, when(i)
            at = self.row("wc_orders", "id", number, date)
            rows.append(
                (
                    number,
                    "wc-completed",
                    "EUR",
                    "shop_order",
                    round(2.1 * (i + 3), 2),
                    round(12.1 * (i + 3), 2),
                    i + 1,
                    at.email(person),
                    date,
                    date,
                    0,
                    "mollie_ideal",
                    "iDEAL",
                    f"tr_{self.rng.getrandbits(48):012x}",
                    f"192.0.2.{1 + i}",
                    AGENT,
                    NOTES[i % len(NOTES)],
                )
            )
        return table(self.name("wc_orders"), ORDERS, rows)

    def addresses(self):
        rows = []
        styles = ("plain", "dash", "spaced", "international")
        for i, person in enumerate(self.buyers):
            at = self.row("wc_order_addresses", "id", 501 + i)
            street, postcode, city = at.address_cells(person)
            rows.append(
                (
                    501 + i,
                    1001 + i,
                    "billing",
                    person.first,
                    person.last,
                    "",
                    street,
                    None,
                    city,
                    "",
                    postcode,
                    person.country,
                    at.email(person),
                    at.phone(person, styles[i % 4], label=True),
                )
            )
        return table(self.name("wc_order_addresses"), ADDRESSES, rows)

    def orders_meta(self):
        rows, i = [], 0
        for order, person in enumerate(self.buyers[:20]):
            i += 1
            rows.append(
                (i, 1001 + order, "_order_key", f"wc_order_{self.rng.getrandbits(52):013x}")
            )
            i += 1
            at = self.row("wc_orders_meta", "id", i)
            rows.append((i, 1001 + order, "_mollie_consumer_account", at.iban(person, "plain")))
            i += 1
            rows.append((i, 1001 + order, "_order_number", str(200300100 + order * 11)))
        return table(self.name("wc_orders_meta"), ORDERS_META, rows)

    def lookup(self):
        rows = []
        for i, person in enumerate(self.buyers):
            at = self.row("wc_customer_lookup", "customer_id", i + 1)
            postcode, city = at.postcode_cells(person)
            rows.append(
                (
                    i + 1,
                    i + 1,
                    person.username,
                    person.first,
                    person.last,
                    at.email(person),
                    when(i),
                    when(i),
                    person.country,
                    postcode,
                    city,
                    "",
                )
            )
        return table(self.name("wc_customer_lookup"), LOOKUP, rows)

    def users(self):
        rows = []
        for i, person in enumerate(self.buyers):
            at = self.row("users", "ID", i + 1)
            rows.append(
                (
                    i + 1,
                    person.username,
                    f"$P$B{self.rng.getrandbits(120):030x}",
                    person.username,
                    at.email(person),
                    "",
                    when(i),
                    "",
                    0,
                    person.name,
                )
            )
        return table(self.name("users"), USERS, rows)

    def usermeta(self):
        rows, i = [], 0
        for user, person in enumerate(self.buyers[:24]):

            def add(key, value):
                nonlocal i
                i += 1
                made = value(self.row("usermeta", "umeta_id", i)) if callable(value) else value
                rows.append((i, user + 1, key, made))

            add("first_name", person.first)
            add("wp_capabilities", php({"customer": 1}))
            add("billing_address_1", lambda at: at.street_only(person))
            add("billing_postcode", lambda at: at.postcode_only(person))
            add("billing_email", lambda at: at.email(person))
            add("billing_phone", lambda at: at.phone(person, "dash", label=True))
        return table(self.name("usermeta"), USERMETA, rows)

    def postmeta(self):
        rows = [
            (1, 77, "_sku", "VB-2024-00017"),
            (2, 77, "_ean", "8712345678906"),
            (3, 77, "_regular_price", "1.234,56"),
            (4, 77, "_product_version", "8.2.1.0"),
        ]
        for person in self.buyers[:12]:
            i = len(rows) + 1
            rows.append(
                (i, 300 + i, "_billing_email", self.row("postmeta", "meta_id", i).email(person))
            )
            rows.append(
                (
                    i + 1,
                    300 + i,
                    "_billing_phone",
                    self.row("postmeta", "meta_id", i + 1).phone(person, "plain", label=True),
                )
            )
        return table(self.name("postmeta"), POSTMETA, rows)

    def comments(self):
        rows = []
        for i, person in enumerate(self.buyers[:16]):
            date = when(i)
            at = self.row("comments", "comment_ID", i + 1, date)
            text = ("Fijne winkel, 't is snel geleverd.", "Wanneer is dit weer op voorraad?")[i % 2]
            if i % 4 == 1:
                text += f"\r\nBel me op {at.phone(person, 'dash')} a.u.b."
            rows.append(
                (
                    i + 1,
                    77,
                    person.name,
                    at.email(person),
                    "",
                    f"198.51.100.{i + 1}",
                    date,
                    date,
                    text,
                    0,
                    "1",
                    AGENT,
                    "review",
                    0,
                    0,
                )
            )
        return table(self.name("comments"), COMMENTS, rows)

    def sessions(self):
        rows = []
        for i, person in enumerate(self.buyers[:4]):
            at = self.row("woocommerce_sessions", "session_id", i + 1)
            customer = {
                "first_name": person.first,
                "email": at.email(person),
                "phone": at.phone(person, "plain"),
            }
            rows.append(
                (
                    i + 1,
                    f"t_{self.rng.getrandbits(80):020x}",
                    php({"customer": php(customer), "cart_totals": php({"subtotal": "12.50"})}),
                    1772500000,
                )
            )
        return table(self.name("woocommerce_sessions"), SESSIONS, rows)

    def dump(self):
        return dump(
            "winkel",
            [
                self.users(),
                self.usermeta(),
                self.orders(),
                self.addresses(),
                self.orders_meta(),
                self.lookup(),
                self.postmeta(),
                self.comments(),
                self.sessions(),
            ],
            "2026-03-01  3:10:02",
        )
