/* The names of the colour schemes; what they look like is the terminal's affair. */
#ifndef UI_THEME_H
#define UI_THEME_H

enum theme { THEME_AUTO, THEME_DARK, THEME_LIGHT, THEME_MONO, THEMES };

/* "auto", "dark", "light", "mono". */
extern const char *const theme_names[THEMES];

#endif
