/* What a user of sngrep chose there: names of addresses, and columns of the call list. */
#ifndef UI_SNGREPRC_H
#define UI_SNGREPRC_H

#include "ui/settings.h"

/* $SNGREPRC, else ~/.sngreprc; "" where neither is known. */
void sngreprc_locate(char path[SETTINGS_PATH]);

/* Adds the file's aliases to those of the settings, which come first; and takes its columns where the settings choose none, with MOS,
   findings and verdict behind them. What means nothing here is passed over; none of it is written anywhere. */
void sngreprc_read(struct settings *settings, const char *path);

#endif
