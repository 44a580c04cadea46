/* Texts from files stand in it as they are: who shows it makes them harmless. */
#include "ui/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void problems_say(struct problems *problems, const char *format, ...)
{
    size_t used = strlen(problems->text);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(problems->text + used, sizeof problems->text - used, format, arguments);
    va_end(arguments);
    if (length > 0 && used + (size_t)length + 1 < sizeof problems->text)
        strcat(problems->text + used, "\n");
}
