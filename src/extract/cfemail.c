#include "extract/cfemail.h"

#include "base/utf8.h"

#include <string.h>

static const char *const marks[] = {"data-cfemail=", "email-protection#"};

static void marks_take(struct sp_cfemail *email, uint8_t byte)
{
    for (size_t i = 0; i < 2; i++) {
        size_t met = byte == (uint8_t)marks[i][email->met[i]] ? email->met[i] + 1
                                                              : byte == (uint8_t)marks[i][0];
        email->met[i] = marks[i][met] == '\0' ? 0 : met;
        if (marks[i][met] == '\0') {
            email->in_hex = true;
            email->half = false;
            email->skip = email->len = 0;
        }
    }
}

/* Nothing but one at-mark between printable ASCII. */
static bool address_clear(struct sp_cfemail *email)
{
    bool has_at = false;
    for (size_t i = 1; i < email->len; i++) {
        email->bytes[i] ^= email->bytes[0];
        has_at = has_at || email->bytes[i] == '@';
        if (email->bytes[i] < ' ' || email->bytes[i] >= 0x7F)
            return false;
    }
    return has_at;
}

bool sp_cfemail_take(struct sp_cfemail *email, uint8_t byte)
{
    int digit = sp_hex_digit(byte);
    if (!email->in_hex) {
        marks_take(email, byte);
        return false;
    }
    bool quote = (byte == '"' || byte == '\'' || byte == '\\') && email->len == 0 && !email->half;
    if (quote && email->skip++ < 2)
        return false;
    if (digit >= 0 && (email->half || email->len < sizeof email->bytes)) {
        if (email->half)
            email->bytes[email->len - 1] |= (uint8_t)digit;
        else
            email->bytes[email->len++] = (uint8_t)(digit << 4);
        email->half = !email->half;
        return false;
    }
    email->in_hex = false;
    return !email->half && address_clear(email);
}
