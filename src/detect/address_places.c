/* Towns and countries.
 *
 * Names of towns in the Netherlands and Belgium: the larger municipalities, their Dutch and French
 * names. Only evidence where a number and two capitals could be anything (1500 KG), never needed
 * beside a street. Names that are ordinary words (Best, Grave, Ham) are left out. */
#include "detect/address.h"

/* Folded and in the order of strcmp: searched by halves. */
static const char *const towns[] = {
    /* clang-format off */
    "aalsmeer", "aalst", "aalten", "aalter", "aarlen", "aarschot", "achtkarspelen", "alkmaar",
    "almelo", "almere", "alphen", "alphenaandenrijn", "ameland", "amersfoort", "amstelveen",
    "amsterdam", "andenne", "anderlecht", "antwerpen", "anvers", "apeldoorn", "appingedam",
    "arlon", "arnhem", "asse", "assen", "assenede", "asten", "ath", "auderghem", "baarn",
    "barendrecht", "barneveld", "bastogne", "beersel", "beesel", "berchem", "bergeijk",
    "bergenopzoom", "beringen", "berkelenrodenrijs", "beuningen", "beveren", "beverwijk",
    "bilthoven", "bilzen", "binche", "bladel", "blankenberge", "blaricum", "bloemendaal",
    "bodegraven", "boechout", "boekel", "borculo", "borgerhout", "borne", "bornem", "boskoop",
    "bouillon", "boxmeer", "boxtel", "breda", "bree", "brielle", "bronckhorst", "bruges",
    "brugge", "brummen", "brunssum", "brussel", "brussels", "bruxelles", "bunnik", "bunschoten",
    "bussum", "capelleaandenijssel", "castricum", "charleroi", "chatelet", "ciney", "coevorden",
    "courtrai", "cranendonck", "cuijk", "culemborg", "dalfsen", "damme", "dantumadiel", "debilt",
    "dehaan", "deinze", "delden", "delft", "delfzijl", "denbosch", "denburg", "dendermonde",
    "denhaag", "denhelder", "depanne", "destelbergen", "deurne", "deventer", "diegem", "diemen",
    "diest", "diksmuide", "dilbeek", "dilsen", "dinant", "dinxperlo", "doesburg", "doetinchem",
    "dokkum", "dongen", "doornik", "dordrecht", "drachten", "driebergen", "drimmelen", "dronten",
    "druten", "duffel", "duiven", "edam", "ede", "edegem", "eeklo", "eemnes", "eersel",
    "eibergen", "eindhoven", "elburg", "elsene", "emmeloord", "emmen", "enkhuizen", "enschede",
    "epe", "ermelo", "ettenleur", "etterbeek", "eupen", "evere", "evergem", "franeker", "gand",
    "ganshoren", "geel", "geertruidenberg", "geldermalsen", "geldrop", "geleen", "gemert",
    "gendt", "genk", "gennep", "gent", "geraardsbergen", "gilze", "goes", "goirle", "gorinchem",
    "gouda", "grimbergen", "groenlo", "groesbeek", "groningen", "grou", "haacht", "haaksbergen",
    "haarlem", "haarlemmermeer", "halderberge", "hamme", "hardenberg", "harderwijk",
    "hardinxveldgiessendam", "harelbeke", "haren", "harlingen", "hasselt", "hattem", "heemskerk",
    "heemstede", "heerde", "heerenveen", "heerhugowaard", "heerlen", "heeze", "heiloo",
    "heistopdenberg", "hellendoorn", "hellevoetsluis", "helmond", "hendrikidoambacht", "hengelo",
    "herent", "herentals", "herstal", "heusden", "heusdenzolder", "hillegom", "hilvarenbeek",
    "hilversum", "hoboken", "hoeilaart", "hoekvanholland", "hoensbroek", "hollandskroon",
    "hoofddorp", "hoogeveen", "hoogezand", "hoogstraten", "hoogvliet", "hoorn", "houten",
    "huissen", "huizen", "hulst", "huy", "ieper", "ijmuiden", "ijsselstein", "ixelles", "izegem",
    "jette", "joure", "kaatsheuvel", "kampen", "kapellen", "katwijk", "kerkrade", "knokke",
    "knokkeheist", "koksijde", "kontich", "kortrijk", "kraainem", "krimpenaandenijssel",
    "lalouviere", "landgraaf", "landsmeer", "laren", "leek", "leerdam", "leeuwarden", "leiden",
    "leiderdorp", "leidschendam", "lelystad", "lemmer", "leusden", "leuven", "lichtenvoorde",
    "liege", "lier", "lisse", "ljouwert", "lochem", "loenen", "lokeren", "lommel", "londerzeel",
    "loonopzand", "losser", "louvainlaneuve", "luik", "maarssen", "maasbree", "maasdriel",
    "maaseik", "maasgouw", "maassluis", "maastricht", "machelen", "mechelen", "meerssen", "menen",
    "meppel", "merelbeke", "merksem", "middelburg", "middelharnis", "mierlo", "mijdrecht",
    "moerdijk", "molenbeek", "monnickendam", "mons", "montfoort", "mook", "mortsel", "mouscron",
    "naaldwijk", "naarden", "namen", "namur", "nederbetuwe", "nieuwegein", "nieuwkoop",
    "nieuwvennep", "nijkerk", "nijlen", "nijmegen", "nijverdal", "ninove", "nivelles",
    "noordwijk", "noordwijkerhout", "nootdorp", "nuenen", "nunspeet", "nuth", "oegstgeest",
    "oirschot", "oisterwijk", "oldebroek", "oldenzaal", "olst", "ommen", "oostende", "oosterhout",
    "oosterwolde", "oostkamp", "oostzaan", "oss", "ostend", "oudbeijerland", "oudenaarde",
    "oudenbosch", "oudepekela", "oudewater", "overijse", "papendrecht", "pijnacker", "poperinge",
    "purmerend", "putte", "putten", "raalte", "reimerswaal", "renkum", "renswoude", "reusel",
    "rhenen", "rhoon", "ridderkerk", "rijssen", "rijswijk", "rixensart", "roden", "roermond",
    "roeselare", "ronse", "roosendaal", "rosmalen", "rotterdam", "rozenburg", "rucphen",
    "sassenheim", "schaarbeek", "schaerbeek", "schagen", "scheveningen", "schiedam",
    "schiermonnikoog", "schijndel", "schilde", "schiphol", "schoonhoven", "schoten", "seraing",
    "sgravenhage", "shertogenbosch", "sintgenesiusrode", "sintgillis", "sintlambrechtswoluwe",
    "sintmichielsgestel", "sintniklaas", "sintoedenrode", "sintpietersleeuw", "sinttruiden",
    "sittard", "sliedrecht", "sluis", "sneek", "soest", "someren", "sonenbreugel", "spijkenisse",
    "stadskanaal", "staphorst", "steenbergen", "steenwijk", "stiens", "stitswerd",
    "surhuisterveen", "swalmen", "tegelen", "temse", "terneuzen", "tervuren", "tessenderlo",
    "tharde", "tholen", "tiel", "tielt", "tienen", "tilburg", "tongeren", "torhout", "tournai",
    "tubbergen", "turnhout", "twello", "uccle", "uden", "uitgeest", "uithoorn", "ukkel", "urk",
    "utrecht", "vaals", "valkenburg", "valkenswaard", "veendam", "veenendaal", "veghel",
    "veldhoven", "velp", "velsen", "venlo", "venray", "verviers", "veurne", "vianen", "vilvoorde",
    "vlaardingen", "vlissingen", "voerendaal", "volendam", "voorburg", "voorhout", "voorschoten",
    "voorst", "vorst", "vught", "waalre", "waalwijk", "waddinxveen", "wageningen", "waregem",
    "wassenaar", "waterloo", "wavre", "weert", "weesp", "wehl", "wetteren", "wevelgem",
    "wezembeekoppem", "wezep", "wierden", "wijchen", "wijkaanzee", "wijkbijduurstede",
    "willebroek", "winschoten", "winsum", "winterswijk", "woerden", "wolvega", "wommelgem",
    "workum", "wormerveer", "woudenberg", "zaandam", "zaandijk", "zaltbommel", "zandvoort",
    "zaventem", "zeewolde", "zeist", "zele", "zelzate", "zemst", "zevenaar", "zevenbergen",
    "zierikzee", "zoersel", "zoetermeer", "zoeterwoude", "zottegem", "zuidhorn", "zuidlaren",
    "zundert", "zutphen", "zwaag", "zwanenburg", "zwartsluis", "zwevegem", "zwijndrecht",
    "zwolle",
    /* clang-format on */
};

bool sp_addr_is_known_town(const char *folded)
{
    size_t low = 0;
    size_t high = sizeof(towns) / sizeof(towns[0]);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(folded, towns[mid]);

        if (order == 0)
            return true;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return false;
}

const struct sp_addr_country *sp_addr_country_of(const char *folded)
{
    static const struct sp_addr_country list[] = {
        /* clang-format off */
        {"nederland", "NL", NULL},        {"netherlands", "NL", NULL},
        {"thenetherlands", "NL", NULL},   {"paysbas", "NL", NULL},
        {"holland", "NL", NULL},          {"belgie", "BE", NULL},
        {"belgium", "BE", NULL},          {"belgique", "BE", NULL},
        {"ierland", "IE", "A9X XXXX"},    {"ireland", "IE", "A9X XXXX"},
        {"duitsland", "DE", "99999"},     {"germany", "DE", "99999"},
        {"deutschland", "DE", "99999"},   {"allemagne", "DE", "99999"},
        {"frankrijk", "FR", "99999"},     {"france", "FR", "99999"},
        {"luxemburg", "LU", "9999"},      {"luxembourg", "LU", "9999"},
        {"oostenrijk", "AT", "9999"},     {"austria", "AT", "9999"},
        {"osterreich", "AT", "9999"},     {"zwitserland", "CH", "9999"},
        {"switzerland", "CH", "9999"},    {"schweiz", "CH", "9999"},
        {"suisse", "CH", "9999"},         {"spanje", "ES", "99999"},
        {"spain", "ES", "99999"},         {"espana", "ES", "99999"},
        {"italie", "IT", "99999"},        {"italy", "IT", "99999"},
        {"italia", "IT", "99999"},        {"portugal", "PT", "9999-999"},
        {"polen", "PL", "99-999"},        {"poland", "PL", "99-999"},
        {"polska", "PL", "99-999"},       {"denemarken", "DK", "9999"},
        {"denmark", "DK", "9999"},        {"danmark", "DK", "9999"},
        {"zweden", "SE", "999 99"},       {"sweden", "SE", "999 99"},
        {"sverige", "SE", "999 99"},      {"noorwegen", "NO", "9999"},
        {"norway", "NO", "9999"},         {"norge", "NO", "9999"},
        {"finland", "FI", "99999"},       {"suomi", "FI", "99999"},
        {"tsjechie", "CZ", "999 99"},     {"czechia", "CZ", "999 99"},
        {"hongarije", "HU", "9999"},      {"hungary", "HU", "9999"},
        {"griekenland", "GR", "999 99"},  {"greece", "GR", "999 99"},
        {"verenigdestaten", "US", "99999"}, {"unitedstates", "US", "99999"},
        {"usa", "US", "99999"},           {"vs", "US", "99999"},
        {"verenigdkoninkrijk", "GB", "*"}, {"unitedkingdom", "GB", "*"},
        {"uk", "GB", "*"},                {"engeland", "GB", "*"},
        {"england", "GB", "*"},           {"grootbrittannie", "GB", "*"},
        {"schotland", "GB", "*"},         {"scotland", "GB", "*"},
        {"roemenie", "RO", "999999"},     {"romania", "RO", "999999"},
        {"kroatie", "HR", "99999"},       {"croatia", "HR", "99999"},
        {"slowakije", "SK", "999 99"},    {"slovenie", "SI", "9999"},
        {"bulgarije", "BG", "9999"},      {"estland", "EE", "99999"},
        /* clang-format on */
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i].name[0] == folded[0] && strcmp(list[i].name, folded) == 0)
            return &list[i];
    return NULL;
}
