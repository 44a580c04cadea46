/* What --list-... prints, each from the table that the program works by. */
#ifndef LISTS_H
#define LISTS_H

void list_rules(void);
void list_profiles(void);
void list_outputs(void);
void list_fields(void);

#endif
