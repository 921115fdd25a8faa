/* The words of addresses: street suffixes, words that speak against a street, countries, keys.
 * Sources: BAG and NEN 5825 (abbreviations of street names), PostNL and bpost addressing rules. */
#include "detect/address.h"

/* What a word can be. A word may be several things. */
enum words_kind {
    BARE = 1 << 0,         /* alone it is a street's suffix: Plein, Kade */
    FRENCH = 1 << 1,       /* a street's type before its name: rue, avenue */
    HEADING = 1 << 2,      /* a number behind it is no house number: artikel, pagina, mei */
    UNIT = 1 << 3,         /* a number before it counts or dates: keer, uur, mei */
    PARTICLE = 1 << 4,     /* within names: van, de, du */
    PLACE = 1 << 5,        /* op, aan, in */
    LEAD = 1 << 6,         /* leads up to a street and is no part of it: adres, naar */
    NO_TOWN = 1 << 7,      /* behind a postcode it is no town: Tel, Nederland, Mei */
    ABBREVIATION = 1 << 8, /* its full stop ends no sentence: Prof., Burg. */
    ADDITION = 1 << 9,     /* behind a house number: bis, hs, III */
    BOX = 1 << 10,         /* a Belgian bus number follows: bus, bte */
    NUMBER = 1 << 11,      /* a house number follows: nr, no */
    LABEL = 1 << 12,       /* labels an address: woonadres, woonachtig */
    SURE = 1 << 13,        /* a bare suffix that means little else: plein, not poort or veld */
    ADJECTIVE = 1 << 14    /* makes a street of any bare suffix: Nieuwe Haven */
};

/* Folded, in the order of strcmp: searched by halves. */
static const struct {
    const char *word;
    unsigned kinds; /* enum words_kind */
} words_table[] = {
    /* clang-format off */
    {"a", PARTICLE}, {"aan", LEAD | PLACE}, {"aantal", HEADING},
    {"achter", ADDITION | LEAD | PLACE}, {"achterste", ADJECTIVE}, {"address", LABEL | LEAD},
    {"adm", ABBREVIATION}, {"adres", LABEL | LEAD | NO_TOWN}, {"adresgegevens", LABEL},
    {"adresse", LABEL | LEAD}, {"adressen", LEAD}, {"afleveradres", LABEL | LEAD},
    {"afslag", HEADING}, {"airbus", HEADING}, {"alb", ABBREVIATION}, {"alde", ADJECTIVE},
    {"allee", FRENCH}, {"and", LEAD}, {"aout", HEADING}, {"appendix", HEADING},
    {"apr", HEADING | NO_TOWN | UNIT}, {"april", HEADING | NO_TOWN | UNIT}, {"ark", ADDITION},
    {"art", HEADING}, {"artikel", HEADING}, {"artikelen", HEADING}, {"artikelnr", HEADING},
    {"at", LEAD}, {"au", PARTICLE}, {"aug", ABBREVIATION | HEADING | NO_TOWN | UNIT},
    {"augustus", HEADING | NO_TOWN | UNIT}, {"auto", UNIT}, {"autos", UNIT}, {"aux", PARTICLE},
    {"av", ABBREVIATION | FRENCH}, {"avenue", FRENCH}, {"avril", HEADING}, {"b", BOX},
    {"baan", BARE}, {"bd", ABBREVIATION | FRENCH}, {"be", NO_TOWN}, {"bedrag", HEADING},
    {"begane", ADDITION}, {"bel", ADDITION}, {"belgie", NO_TOWN}, {"belgique", NO_TOWN},
    {"belgium", NO_TOWN}, {"ben", ADDITION}, {"beneden", ADDITION}, {"bezoek", LEAD},
    {"bezoekadres", LABEL | LEAD}, {"bezorgadres", LABEL | LEAD}, {"bezorgd", LEAD},
    {"bg", ADDITION}, {"bic", NO_TOWN}, {"bij", LEAD | PLACE}, {"bijlage", HEADING},
    {"binnen", ADJECTIVE}, {"bis", ADDITION}, {"bladzijde", HEADING},
    {"bld", ABBREVIATION | FRENCH}, {"blz", HEADING}, {"boeing", HEADING}, {"boek", HEADING},
    {"boite", BOX}, {"bolwerk", BARE | SURE}, {"bomen", UNIT}, {"boulevard", FRENCH},
    {"bov", ADDITION}, {"boven", ADDITION | ADJECTIVE}, {"bovenwoning", ADDITION}, {"box", BOX},
    {"brede", ADJECTIVE}, {"bsn", HEADING | NO_TOWN}, {"bt", BOX}, {"bte", BOX},
    {"btw", HEADING | NO_TOWN}, {"build", HEADING}, {"buiten", ADJECTIVE}, {"burg", ABBREVIATION},
    {"burgem", ABBREVIATION}, {"bus", BOX | HEADING}, {"ca", HEADING}, {"ch", ABBREVIATION},
    {"chapter", HEADING}, {"chaussee", FRENCH}, {"chee", FRENCH}, {"chemin", FRENCH},
    {"chr", ABBREVIATION}, {"circa", HEADING}, {"clos", FRENCH}, {"cm", UNIT}, {"code", HEADING},
    {"cours", FRENCH}, {"d", PARTICLE}, {"dag", HEADING | UNIT}, {"dagen", UNIT}, {"dam", BARE},
    {"date", HEADING}, {"datum", HEADING | NO_TOWN}, {"days", UNIT}, {"de", PARTICLE},
    {"debug", NO_TOWN}, {"dec", HEADING | NO_TOWN | UNIT}, {"december", HEADING | NO_TOWN | UNIT},
    {"decembre", HEADING}, {"deel", HEADING}, {"den", PARTICLE}, {"der", PARTICLE},
    {"derde", ADJECTIVE}, {"des", PARTICLE}, {"dijk", BARE | SURE}, {"din", HEADING},
    {"doelpunten", UNIT}, {"domicile", LABEL | LEAD}, {"domicilie", LEAD}, {"dossier", HEADING},
    {"dr", ABBREVIATION}, {"dreef", BARE | SURE}, {"dreve", FRENCH}, {"drf", BARE},
    {"drs", ABBREVIATION}, {"ds", ABBREVIATION}, {"du", PARTICLE}, {"duizend", UNIT},
    {"dwarsstraat", BARE | SURE}, {"dyk", BARE}, {"e", NO_TOWN}, {"eerste", ADJECTIVE},
    {"email", NO_TOWN}, {"en", PARTICLE}, {"erf", BARE}, {"error", NO_TOWN},
    {"esplanade", FRENCH}, {"esplanades", FRENCH}, {"et", PARTICLE}, {"etage", ADDITION},
    {"eur", HEADING | NO_TOWN | UNIT}, {"euro", HEADING | NO_TOWN | UNIT}, {"ext", HEADING},
    {"f", NO_TOWN}, {"factuur", HEADING}, {"factuuradres", LABEL | LEAD}, {"factuurnr", HEADING},
    {"false", NO_TOWN}, {"fan", PARTICLE}, {"fase", HEADING}, {"fax", HEADING | NO_TOWN},
    {"feb", HEADING | NO_TOWN | UNIT}, {"februari", HEADING | NO_TOWN | UNIT},
    {"february", HEADING | NO_TOWN}, {"ferd", ABBREVIATION}, {"fevrier", HEADING},
    {"fietsen", UNIT}, {"fig", HEADING}, {"figure", HEADING}, {"figuur", HEADING},
    {"fred", ABBREVIATION}, {"from", LEAD}, {"gate", HEADING}, {"gb", UNIT}, {"geb", NO_TOWN},
    {"geboren", NO_TOWN}, {"gebr", ABBREVIATION}, {"ged", ADDITION}, {"geleverd", LEAD},
    {"gen", ABBREVIATION}, {"get", NO_TOWN}, {"gevestigd", LABEL | LEAD},
    {"gr", ABBREVIATION | BARE}, {"graaf", ABBREVIATION}, {"gracht", BARE | SURE},
    {"graden", UNIT}, {"gram", UNIT}, {"groene", ADJECTIVE}, {"groep", HEADING},
    {"groote", ADJECTIVE}, {"grote", ADJECTIVE}, {"gsm", HEADING | NO_TOWN}, {"ha", UNIT},
    {"haven", BARE}, {"hectare", UNIT}, {"hertog", ABBREVIATION}, {"het", PARTICLE},
    {"heuvel", BARE}, {"hij", LEAD}, {"hoek", BARE | LEAD}, {"hof", BARE | SURE},
    {"hoge", ADJECTIVE}, {"holland", NO_TOWN}, {"hoofdstuk", HEADING}, {"hoog", ADDITION},
    {"hours", UNIT}, {"hs", ADDITION}, {"http", NO_TOWN}, {"https", NO_TOWN}, {"huis", ADDITION},
    {"huisadres", LABEL | LEAD}, {"huisnr", NO_TOWN | NUMBER}, {"huisnummer", NO_TOWN | NUMBER},
    {"huizen", UNIT}, {"i", ADDITION | NO_TOWN}, {"iban", HEADING | NO_TOWN}, {"id", HEADING},
    {"ii", ADDITION}, {"iii", ADDITION}, {"ik", LEAD}, {"impasse", FRENCH}, {"in", LEAD | PLACE},
    {"info", NO_TOWN}, {"ing", ABBREVIATION}, {"insert", NO_TOWN}, {"int", PARTICLE},
    {"into", NO_TOWN}, {"invoice", HEADING}, {"ir", ABBREVIATION}, {"is", LEAD}, {"iso", HEADING},
    {"it", PARTICLE}, {"iv", ADDITION}, {"jaar", HEADING | UNIT}, {"jac", ABBREVIATION},
    {"jan", HEADING | NO_TOWN | UNIT}, {"januari", HEADING | NO_TOWN | UNIT},
    {"january", HEADING | NO_TOWN}, {"janvier", HEADING}, {"jaren", UNIT}, {"jarige", UNIT},
    {"jhr", ABBREVIATION}, {"jkvr", ABBREVIATION}, {"joh", ABBREVIATION}, {"juillet", HEADING},
    {"juin", HEADING}, {"jul", HEADING | NO_TOWN | UNIT}, {"juli", HEADING | NO_TOWN | UNIT},
    {"july", HEADING | NO_TOWN}, {"jun", HEADING | NO_TOWN | UNIT}, {"june", HEADING | NO_TOWN},
    {"juni", HEADING | NO_TOWN | UNIT}, {"kaai", BARE | SURE}, {"kade", BARE | SURE},
    {"kamer", HEADING}, {"kamp", BARE}, {"kanaal", BARE}, {"kantoor", LEAD},
    {"kard", ABBREVIATION}, {"kavel", HEADING}, {"kb", UNIT}, {"kd", BARE}, {"keer", UNIT},
    {"kenmerk", HEADING}, {"kg", UNIT}, {"kilometer", UNIT}, {"klant", HEADING},
    {"klantnr", HEADING}, {"klas", HEADING}, {"kleine", ADJECTIVE}, {"km", UNIT},
    {"kolom", HEADING}, {"kon", ABBREVIATION}, {"korte", ADJECTIVE}, {"kruis", BARE},
    {"kvk", HEADING | NO_TOWN}, {"l", PARTICLE}, {"la", PARTICLE}, {"laan", BARE | SURE},
    {"lage", ADJECTIVE}, {"land", NO_TOWN}, {"lange", ADJECTIVE}, {"langs", LEAD},
    {"le", PARTICLE}, {"leane", BARE | SURE}, {"leden", HEADING | UNIT}, {"leeftijd", HEADING},
    {"les", PARTICLE}, {"level", HEADING}, {"lid", HEADING}, {"lijn", HEADING}, {"line", HEADING},
    {"links", ADDITION}, {"liter", UNIT}, {"ln", ABBREVIATION | BARE | SURE}, {"locatie", LEAD},
    {"lot", HEADING}, {"m", NO_TOWN | UNIT}, {"m2", UNIT}, {"maal", UNIT}, {"maand", UNIT},
    {"maanden", UNIT}, {"maart", HEADING | NO_TOWN | UNIT}, {"maat", HEADING}, {"mai", HEADING},
    {"mail", NO_TOWN}, {"mar", NO_TOWN}, {"march", HEADING | NO_TOWN}, {"markt", BARE | SURE},
    {"mars", HEADING}, {"may", HEADING | NO_TOWN}, {"mb", UNIT}, {"meent", BARE},
    {"mei", HEADING | NO_TOWN | UNIT}, {"mensen", UNIT}, {"meter", UNIT}, {"mevr", ABBREVIATION},
    {"mgr", ABBREVIATION}, {"middelste", ADJECTIVE}, {"midden", ADJECTIVE}, {"mijn", LEAD},
    {"miljard", UNIT}, {"miljoen", UNIT}, {"min", ABBREVIATION | UNIT}, {"minuten", UNIT},
    {"minutes", UNIT}, {"minuut", UNIT}, {"mm", UNIT}, {"mob", HEADING | NO_TOWN},
    {"mobiel", HEADING | NO_TOWN}, {"model", HEADING}, {"mr", ABBREVIATION},
    {"mrt", HEADING | NO_TOWN | UNIT}, {"n", NUMBER}, {"naar", LEAD}, {"naast", LEAD},
    {"nabij", LEAD}, {"near", LEAD}, {"nederland", NO_TOWN}, {"nen", HEADING},
    {"netherlands", NO_TOWN}, {"nieuw", ADJECTIVE}, {"nieuwe", ADJECTIVE}, {"nije", ADJECTIVE},
    {"niveau", HEADING}, {"nl", NO_TOWN}, {"no", NUMBER}, {"none", NO_TOWN},
    {"noorder", ADJECTIVE}, {"nov", HEADING | NO_TOWN | UNIT},
    {"november", HEADING | NO_TOWN | UNIT}, {"novembre", HEADING}, {"nr", NUMBER},
    {"null", NO_TOWN}, {"nummer", HEADING | NUMBER}, {"nz", ABBREVIATION}, {"o", ABBREVIATION},
    {"oct", NO_TOWN}, {"october", HEADING | NO_TOWN}, {"octobre", HEADING}, {"oever", BARE},
    {"office", HEADING}, {"okt", HEADING | NO_TOWN | UNIT}, {"oktober", HEADING | NO_TOWN | UNIT},
    {"om", HEADING}, {"onder", PLACE}, {"onderdeel", HEADING}, {"ons", LEAD}, {"onze", LEAD},
    {"ooster", ADJECTIVE}, {"op", LEAD | PLACE}, {"opt", PARTICLE}, {"order", HEADING},
    {"ordernr", HEADING}, {"oud", ADJECTIVE}, {"oude", ADJECTIVE}, {"our", LEAD}, {"over", PLACE},
    {"oz", ABBREVIATION}, {"p", ABBREVIATION}, {"pad", BARE | SURE}, {"page", HEADING},
    {"pagina", HEADING}, {"paginas", HEADING}, {"par", HEADING}, {"paragraaf", HEADING},
    {"park", BARE}, {"past", ABBREVIATION}, {"pastoor", ABBREVIATION}, {"pc", HEADING},
    {"per", HEADING}, {"perceel", HEADING}, {"percent", UNIT}, {"perron", HEADING},
    {"personen", UNIT}, {"ph", ABBREVIATION}, {"phone", HEADING}, {"pl", ABBREVIATION | FRENCH},
    {"plaats", NO_TOWN}, {"plaatsen", UNIT}, {"place", FRENCH}, {"plantsoen", BARE | SURE},
    {"plein", BARE | SURE}, {"pln", BARE | SURE}, {"plnts", BARE}, {"polis", HEADING},
    {"poort", BARE}, {"port", HEADING}, {"post", LEAD | NO_TOWN}, {"postadres", LABEL | LEAD},
    {"postbus", NO_TOWN}, {"postcode", HEADING | NO_TOWN}, {"pres", ABBREVIATION},
    {"prijs", HEADING}, {"procent", UNIT}, {"procenten", UNIT}, {"product", HEADING},
    {"prof", ABBREVIATION}, {"punt", HEADING}, {"punten", UNIT}, {"put", NO_TOWN}, {"px", UNIT},
    {"quai", FRENCH}, {"ral", HEADING}, {"rd", ADDITION}, {"rechts", ADDITION}, {"ref", HEADING},
    {"referentie", HEADING}, {"regel", HEADING}, {"release", HEADING}, {"rij", HEADING},
    {"ring", BARE}, {"rode", ADJECTIVE}, {"rood", ADDITION}, {"route", FRENCH}, {"rue", FRENCH},
    {"s", PARTICLE}, {"saldo", HEADING}, {"sec", UNIT}, {"seconden", UNIT}, {"select", NO_TOWN},
    {"sentier", FRENCH}, {"sep", HEADING | NO_TOWN | UNIT}, {"sept", HEADING | NO_TOWN | UNIT},
    {"september", HEADING | NO_TOWN | UNIT}, {"septembre", HEADING}, {"serie", HEADING},
    {"sg", BARE}, {"sinds", HEADING}, {"singel", BARE | SURE}, {"sluis", BARE},
    {"smalle", ADJECTIVE}, {"sngl", BARE}, {"sous", ADDITION | PLACE}, {"spelers", UNIT},
    {"spoor", BARE}, {"square", FRENCH}, {"st", ABBREVIATION | UNIT}, {"stap", HEADING},
    {"ste", ABBREVIATION}, {"steeg", BARE | SURE}, {"steenweg", BARE | SURE}, {"step", HEADING},
    {"stg", BARE}, {"stille", ADJECTIVE}, {"str", ABBREVIATION | BARE | SURE},
    {"straat", BARE | LABEL | LEAD | NO_TOWN | SURE}, {"strjitte", BARE | SURE},
    {"stuks", HEADING | UNIT}, {"sub", HEADING}, {"sur", PLACE}, {"t", NO_TOWN | PARTICLE},
    {"tabel", HEADING}, {"table", HEADING}, {"tafel", HEADING}, {"tb", UNIT},
    {"te", LEAD | PARTICLE}, {"tegenover", LEAD}, {"tel", HEADING | NO_TOWN},
    {"telefoon", HEADING | NO_TOWN}, {"telnr", HEADING}, {"ten", PARTICLE},
    {"ter", ADDITION | PARTICLE}, {"th", ABBREVIATION}, {"the", LEAD},
    {"thenetherlands", NO_TOWN}, {"thuis", LEAD}, {"times", UNIT}, {"titel", HEADING},
    {"to", ADDITION | LEAD}, {"toestel", HEADING}, {"ton", UNIT}, {"tot", HEADING | PARTICLE},
    {"totaal", HEADING}, {"total", HEADING}, {"tram", HEADING}, {"true", NO_TOWN}, {"tuin", BARE},
    {"tussen", LEAD | PLACE}, {"tva", HEADING}, {"tweede", ADJECTIVE}, {"type", HEADING},
    {"uren", UNIT}, {"usd", HEADING}, {"uur", HEADING | UNIT}, {"v", ADDITION | PARTICLE},
    {"values", NO_TOWN}, {"van", PARTICLE}, {"vanaf", HEADING | LEAD}, {"vat", HEADING},
    {"vd", PARTICLE}, {"veld", BARE}, {"venelle", FRENCH}, {"verd", ADDITION},
    {"verdieping", ADDITION}, {"verhuisd", LEAD}, {"versie", HEADING}, {"version", HEADING},
    {"verzonden", LEAD}, {"vestigingsadres", LABEL | LEAD}, {"via", LEAD}, {"vierde", ADJECTIVE},
    {"vijfde", ADJECTIVE}, {"volt", HEADING}, {"von", PARTICLE}, {"voor", ADDITION | PLACE},
    {"voorste", ADJECTIVE}, {"w", NO_TOWN}, {"wal", BARE}, {"warn", NO_TOWN}, {"was", LEAD},
    {"wb", ADDITION}, {"wbg", ADDITION}, {"wedstrijd", HEADING}, {"week", HEADING | UNIT},
    {"weg", BARE | SURE}, {"wegje", BARE | SURE}, {"wei", BARE}, {"weken", UNIT}, {"werf", BARE},
    {"wester", ADJECTIVE}, {"wetering", BARE | SURE}, {"wg", BARE | SURE}, {"wij", LEAD},
    {"wijk", BARE}, {"wilh", ABBREVIATION}, {"windows", HEADING | NO_TOWN}, {"witte", ADJECTIVE},
    {"wm", ABBREVIATION}, {"wonend", LEAD}, {"wonende", LABEL | LEAD}, {"woningen", UNIT},
    {"woonachtig", LABEL | LEAD}, {"woonadres", LABEL | LEAD}, {"woonplaats", NO_TOWN},
    {"woont", LABEL | LEAD}, {"www", NO_TOWN}, {"wz", ABBREVIATION}, {"x", UNIT},
    {"zaak", HEADING}, {"zesde", ADJECTIVE}, {"zie", LEAD}, {"zij", LEAD}, {"zijde", BARE},
    {"zip", HEADING}, {"zu", PARTICLE}, {"zuider", ADJECTIVE}, {"zw", ADDITION},
    {"zwart", ADDITION}, {"zwarte", ADJECTIVE}, {"zz", ABBREVIATION},
    /* clang-format on */
};

static bool words_is(const char *folded, enum words_kind kind)
{
    size_t low = 0;
    size_t high = sizeof(words_table) / sizeof(words_table[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = folded[0] != words_table[mid].word[0]
                        ? (uint8_t)folded[0] - (uint8_t)words_table[mid].word[0]
                        : strcmp(folded, words_table[mid].word);

        if (order == 0)
            return (words_table[mid].kinds & (unsigned)kind) != 0;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}

static bool words_end(const char *const *list, const char *folded, size_t len)
{
    for (; *list != NULL; list++) {
        size_t tail = strlen(*list);
        if (len > tail && folded[len - 1] == (*list)[tail - 1] &&
            memcmp(folded + len - tail, *list, tail) == 0)
            return true;
    }
    return false;
}

/* Ends that make a street also where no postcode or town stands near. */
static const char *const suffix_strong[] = {
    "straat", "strjitte", "straatje", "laan",      "leane",  "laantje",  "weg",   "wegje",
    "plein",  "kade",     "kaai",     "gracht",    "singel", "dijk",     "hof",   "hofje",
    "pad",    "dreef",    "park",     "plantsoen", "steeg",  "steenweg", "markt", "bolwerk",
    "erf",    "haven",    "heuvel",   "hoek",      "kanaal", "kruis",    "meent", "oever",
    "poort",  "sluis",    "tuin",     "veld",      "wal",    "werf",     "wijk",  "zijde",
    "baan",   "wetering", "dam",      "kamp",      "spoor",  NULL};
/* Ends that also occur in many other words. */
static const char *const suffix_weak[] = {"wei", "dyk", "ring", "lei", "sngl", "plnts", "str",
                                          "stg", "drf", "wg",   "pln", "ln",   NULL};
/* Abbreviations: strong only with a full stop (Dorpsstr. 12), weak without. */
static const char *const suffix_short[] = {"str", "ln",    "pln", "wg", "kd",   "gr",  "sngl", "dk",
                                           "drf", "plnts", "stg", "sg", "stwg", "stw", NULL};
/* Words that only look like a street: they end like one. Ends of compounds count too. */
static const char *const suffix_false[] = {"onderweg",
                                           "halfweg",
                                           "snelweg",
                                           "terugweg",
                                           "heenweg",
                                           "uitweg",
                                           "omweg",
                                           "aanweg",
                                           "zijweg",
                                           "paspoort",
                                           "sport",
                                           "spark",
                                           "ipad",
                                           "notepad",
                                           "thinkpad",
                                           "launchpad",
                                           "keypad",
                                           "gamepad",
                                           "trackpad",
                                           "touchpad",
                                           "mousepad",
                                           "scratchpad",
                                           "bestandspad",
                                           "zoekpad",
                                           "tijdpad",
                                           "tijdspad",
                                           "leerpad",
                                           "loopbaan",
                                           "rijbaan",
                                           "startbaan",
                                           "landingsbaan",
                                           "renbaan",
                                           "gerechtshof",
                                           "verf",
                                           "bederf",
                                           "scherf",
                                           "werkveld",
                                           "invoerveld",
                                           "tekstveld",
                                           "zoekveld",
                                           "speelveld",
                                           "magneetveld",
                                           "vliegveld",
                                           "slagveld",
                                           "voetbalveld",
                                           "adam",
                                           "madam",
                                           "saddam",
                                           "macadam",
                                           "withdrawal",
                                           "renewal",
                                           "supermarkt",
                                           "arbeidsmarkt",
                                           "woningmarkt",
                                           "huizenmarkt",
                                           "vrijmarkt",
                                           "rommelmarkt",
                                           "kerstmarkt",
                                           "wagenpark",
                                           "machinepark",
                                           "pretpark",
                                           "themapark",
                                           "vakantiepark",
                                           "zonnepark",
                                           "windpark",
                                           "string",
                                           "spring",
                                           "docstring",
                                           "invalshoek",
                                           "ooghoek",
                                           "beginwaarde",
                                           "luchthaven",
                                           "jachthaven",
                                           "stopwal",
                                           "werkkamp",
                                           "trainingskamp",
                                           "vluchtelingenkamp",
                                           "achterzijde",
                                           "voorzijde",
                                           "bovenzijde",
                                           "onderzijde",
                                           "keerzijde",
                                           "binnenzijde",
                                           "buitenzijde",
                                           "linkerzijde",
                                           "rechterzijde",
                                           "zijde",
                                           "treinspoor",
                                           "opspoor",
                                           "datapoort",
                                           "netwerkpoort",
                                           "seriepoort",
                                           "usbpoort",
                                           "bankgracht",
                                           "wissel",
                                           "leidingkanaal",
                                           "verkoopkanaal",
                                           "televisiekanaal",
                                           "kopkruis",
                                           "woonwijk",
                                           "deelwijk",
                                           "middenveld",
                                           "databaseveld",
                                           "formulierveld",
                                           "vinkveld",
                                           "sterfhuis",
                                           "graandijk",
                                           "keurmerk",
                                           "betonmarkt",
                                           "geldmarkt",
                                           "valutamarkt",
                                           "vergaderhoek",
                                           NULL};

/* Does it look like a street and is none: a word of the list or its compound, or a town? */
static bool words_deceives(const char *folded, size_t len)
{
    for (size_t i = 0; suffix_false[i] != NULL; i++) {
        size_t tail = strlen(suffix_false[i]);
        if (len >= tail && memcmp(folded + len - tail, suffix_false[i], tail) == 0)
            return true;
    }
    return sp_addr_is_known_town(folded);
}

enum sp_addr_suffix sp_addr_suffix_of(const char *folded, bool dotted)
{
    size_t len = strlen(folded);
    enum sp_addr_suffix found = SP_ADDR_SUFFIX_NONE;

    if (words_is(folded, BARE))
        return SP_ADDR_SUFFIX_BARE;
    if (len < 4)
        return SP_ADDR_SUFFIX_NONE;
    if (words_end(suffix_strong, folded, len))
        found = SP_ADDR_SUFFIX_STRONG;
    else if (words_end(suffix_short, folded, len))
        found = dotted ? SP_ADDR_SUFFIX_STRONG : SP_ADDR_SUFFIX_WEAK;
    else if (len > 6 && strcmp(folded + len - 4, "ring") == 0 &&
             strchr("snd", folded[len - 5]) != NULL)
        found = SP_ADDR_SUFFIX_STRONG; /* Stadsring, Buitenring; not Verzekering, Storing */
    else if (words_end(suffix_weak, folded, len))
        found = SP_ADDR_SUFFIX_WEAK;
    if (found == SP_ADDR_SUFFIX_NONE || words_deceives(folded, len))
        return SP_ADDR_SUFFIX_NONE;
    /* a word of one letter more than its end is none */
    return len < 5 && found == SP_ADDR_SUFFIX_STRONG ? SP_ADDR_SUFFIX_WEAK : found;
}

bool sp_addr_is_sure_suffix(const char *folded)
{
    return words_is(folded, SURE);
}

bool sp_addr_is_adjective(const char *folded)
{
    return words_is(folded, ADJECTIVE);
}

bool sp_addr_is_french_type(const char *folded)
{
    return words_is(folded, FRENCH);
}

/* A number behind one of these is no house number. */
bool sp_addr_is_heading(const char *folded)
{
    static const char *const ends[] = {"nummer",  "number", "datum", "bedrag",
                                       "factuur", "code",   NULL};

    return words_is(folded, HEADING) || words_end(ends, folded, strlen(folded));
}

/* A number before one of these counts or dates something. */
bool sp_addr_is_unit(const char *folded)
{
    return words_is(folded, UNIT);
}

bool sp_addr_is_particle(const char *folded)
{
    return words_is(folded, PARTICLE);
}

bool sp_addr_is_place_word(const char *folded)
{
    return words_is(folded, PLACE);
}

bool sp_addr_is_lead(const char *folded)
{
    return words_is(folded, LEAD);
}

bool sp_addr_is_no_town(const char *folded)
{
    return words_is(folded, NO_TOWN);
}

bool sp_addr_is_abbreviation(const char *folded)
{
    return strlen(folded) <= 2 || words_is(folded, ABBREVIATION);
}

bool sp_addr_is_addition(const char *folded)
{
    return words_is(folded, ADDITION);
}

bool sp_addr_is_box(const char *folded)
{
    return words_is(folded, BOX);
}

bool sp_addr_is_number_word(const char *folded)
{
    return words_is(folded, NUMBER);
}

bool sp_addr_is_label(const char *folded)
{
    return words_is(folded, LABEL);
}
