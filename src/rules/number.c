/* Telephone numbers in SIP users: E.164 with plus, or exactly why not. */
#include "rules/checking.h"

enum { DIGITS_LEAST = 2, DIGITS_MOST = 15, EXTENSION_MOST = 6 }; /* what a country's numbers may be is numbering.h's question */

struct slice number_of(struct slice user, char *buffer, size_t size)
{
    size_t len = 0;
    user = slice_cut(user, 0, slice_find(user, 0, ';'));
    for (size_t i = 0; i < user.len && len + 1 < size; i++) {
        bool plus = user.data[i] == '%' && i + 2 < user.len && user.data[i + 1] == '2' && ascii_lower(user.data[i + 2]) == 'b';
        buffer[len++] = plus ? '+' : (char)user.data[i];
        i += plus ? 2 : 0;
    }
    return slice_of(buffer, len);
}

static bool is_separator(uint8_t c)
{
    return c == '-' || c == '.' || c == '(' || c == ')' || c == ' ' || c == '/';
}

/* The fault of a number that has a plus: what follows it. */
static const char *digits_fault(struct slice digits)
{
    size_t count = 0;
    bool separators = false;
    for (size_t i = 0; i < digits.len; i++) {
        if (ascii_digit(digits.data[i]))
            count++;
        else if (is_separator(digits.data[i]))
            separators = true;
        else
            return digits.data[i] == 'x' || digits.data[i] == ',' || digits.data[i] == '#' ? "it has an extension" : "it has characters that are no digits";
    }
    if (separators)
        return "it has separators";
    if (count > 0 && digits.data[0] == '0')
        return "no country code begins with 0";
    return count < DIGITS_LEAST ? "it is too short" : count > DIGITS_MOST ? "it is longer than 15 digits" : NULL;
}

const char *number_fault(struct slice user, struct slice *number)
{
    *number = user;
    if (user.len == 0)
        return "there is no number";
    if (user.data[0] == '+')
        return digits_fault(slice_after(user, 1));
    size_t digits = 0;
    for (size_t i = 0; i < user.len; i++)
        digits += ascii_digit(user.data[i]);
    if (digits == 0)
        return "it is a name, not a number";
    if (slice_starts(user, "011"))
        return "no plus: it begins with the trunk prefix 011";
    if (slice_starts(user, "00"))
        return "no plus: it begins with the trunk prefix 00";
    if (digits == user.len && digits <= EXTENSION_MOST)
        return "no plus, and too short: an internal extension";
    if (user.data[0] == '9' && digits == user.len && digits > 10)
        return "no plus: it may begin with the trunk prefix 9";
    return digits == user.len ? "no plus" : "no plus, and characters that are no digits";
}
