#include "detect/phone_plan.h"

static const char nl_areas_2[] =
    "10 13 15 20 23 24 26 30 33 35 36 38 40 43 45 46 50 53 55 58 70 71 72 73 "
    "74 75 76 77 78 79";
static const char nl_areas_3[] =
    "111 113 114 115 117 118 161 162 164 165 166 167 168 172 174 180 181 182 183 184 "
    "186 187 222 223 224 226 227 228 229 251 252 255 294 297 299 313 314 315 316 317 "
    "318 320 321 341 342 343 344 345 346 347 348 411 412 413 416 418 475 478 481 485 "
    "486 487 488 492 493 495 497 499 511 512 513 514 515 516 517 518 519 521 522 523 "
    "524 525 527 528 529 541 543 544 545 546 547 548 561 562 566 570 571 572 573 575 "
    "577 578 591 592 593 594 595 596 597 598 599";

/* Fixed lengths only; other countries are read as far as the digits go. */
static const struct country {
    char code[4];
    uint8_t digits;
} countries[] = {
    {"1", 10}, {"7", 10}, {"30", 10}, {"33", 9},  {"34", 9},  {"41", 9},  {"44", 10},
    {"45", 8}, {"47", 8}, {"48", 9},  {"90", 10}, {"212", 9}, {"351", 9}, {"420", 9},
};

bool sp_phone_is_area_nl(const uint8_t *digits, size_t count)
{
    const char *list = count == 2 ? nl_areas_2 : nl_areas_3;
    if (count != 2 && count != 3)
        return false;
    size_t low = 0, high = (count == 2 ? sizeof nl_areas_2 : sizeof nl_areas_3) / (count + 1);
    while (low < high) { /* they ascend */
        size_t middle = low + (high - low) / 2;
        int order = memcmp(list + middle * (count + 1), digits, count);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static size_t plan_nl_mobile(const uint8_t *digits, unsigned *kind)
{
    if (digits[1] == '0' || digits[1] == '9')
        return 0;
    if (digits[1] == '7')
        *kind = SP_PHONE_LABEL;
    if (digits[1] == '6')
        *kind = SP_PHONE_LANDLINE; /* pagers */
    return 9;
}

size_t sp_phone_plan_nl(const uint8_t *digits, size_t *shorter, unsigned *kind)
{
    *shorter = 0;
    *kind = 0;
    if (digits[0] == '6')
        return plan_nl_mobile(digits, kind);
    if (memcmp(digits, "970", 3) == 0)
        return 11;
    *kind = SP_PHONE_LANDLINE;
    if (memcmp(digits, "800", 3) == 0 || memcmp(digits, "900", 3) == 0 ||
        memcmp(digits, "906", 3) == 0 || memcmp(digits, "909", 3) == 0) {
        *kind |= SP_PHONE_SERVICE;
        *shorter = 7;
        return 10;
    }
    if (digits[0] == '8')
        return digits[1] == '4' || digits[1] == '5' || digits[1] == '7' || digits[1] == '8' ? 9 : 0;
    if (memcmp(digits, "91", 2) == 0)
        return 9;
    return sp_phone_is_area_nl(digits, 2) || sp_phone_is_area_nl(digits, 3) ? 9 : 0;
}

size_t sp_phone_plan_be(const uint8_t *digits, unsigned *kind)
{
    *kind = 0;
    if (digits[0] == '4' && digits[1] >= '5' && digits[1] <= '9')
        return 9;
    *kind = SP_PHONE_LANDLINE;
    switch (digits[0]) {
    case '2':
    case '3':
        return 8;
    case '1':
    case '5':
    case '6':
        return 8;
    case '4':
        return digits[1] == '2' || digits[1] == '3' ? 8 : 0;
    case '7':
        return digits[1] == '0' || digits[1] == '1' || digits[1] == '8' ? 8 : 0;
    case '8':
        if (memcmp(digits, "800", 3) == 0)
            *kind |= SP_PHONE_SERVICE;
        return digits[1] != '8' ? 8 : 0;
    case '9':
        if (digits[1] == '0')
            *kind |= SP_PHONE_SERVICE;
        return 8;
    default:
        return 0;
    }
}

size_t sp_phone_plan_country(const uint8_t *digits, size_t count, size_t *code_len)
{
    for (size_t i = 0; i < sizeof countries / sizeof countries[0]; i++) {
        size_t len = strlen(countries[i].code);
        if (len <= count && memcmp(countries[i].code, digits, len) == 0) {
            *code_len = len;
            return countries[i].digits;
        }
    }
    *code_len = 0;
    return 0;
}
