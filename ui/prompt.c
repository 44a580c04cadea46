/* Code points in, UTF-8 out. */
#include "ui/prompt.h"

/* Cuts the last character, whatever its bytes. */
static void prompt_shorten(struct prompt *prompt)
{
    while (prompt->len > 0 && ((uint8_t)prompt->text[--prompt->len] & 0xc0) == 0x80) {
    }
}

static void prompt_add(struct prompt *prompt, uint32_t code)
{
    char bytes[4];
    size_t n = 0;
    if (code < 0x80) {
        bytes[n++] = (char)code;
    } else {
        if (code >= 0x10000)
            bytes[n++] = (char)(0xf0 | code >> 18);
        if (code >= 0x800)
            bytes[n++] = (char)((code >= 0x10000 ? 0x80 : 0xe0) | (code >> 12 & (code >= 0x10000 ? 0x3f : 0xf)));
        bytes[n++] = (char)((code >= 0x800 ? 0x80 : 0xc0) | (code >> 6 & (code >= 0x800 ? 0x3f : 0x1f)));
        bytes[n++] = (char)(0x80 | (code & 0x3f));
    }
    if (prompt->len + n >= PROMPT_BYTES)
        return;
    memcpy(prompt->text + prompt->len, bytes, n);
    prompt->len += n;
}

void prompt_begin(struct prompt *prompt)
{
    prompt->len = 0;
    prompt->typing = true;
}

enum prompt_step prompt_press(struct prompt *prompt, uint32_t press)
{
    switch (press) {
    case PRESS_ENTER:
        prompt->typing = false;
        return PROMPT_DONE;
    case PRESS_ESCAPE:
        prompt->typing = false;
        prompt->len = 0;
        return PROMPT_LEFT;
    case PRESS_BACKSPACE:
        prompt_shorten(prompt);
        return PROMPT_CHANGED;
    case PRESS_CTRL_U:
        prompt->len = 0;
        return PROMPT_CHANGED;
    default:
        if (press < ' ' || press >= 0x110000)
            return PROMPT_OTHER;
        prompt_add(prompt, press);
        return PROMPT_CHANGED;
    }
}
