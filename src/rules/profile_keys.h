/* What a profile's JSON may say: one table of keys, and where each value is kept in struct profile. */
#ifndef RULES_PROFILE_KEYS_H
#define RULES_PROFILE_KEYS_H

#include "rules/key_table.h"
#include "rules/profile.h"

/* Fills the profile from one document, which it borrows; its member `document` stays NULL. whole: nothing is inherited any more, so
   that what one part needs of another has to be there. False with the error set; profile_fini in either case. */
bool profile_take(struct profile *profile, const struct json *document, const struct key_reading *reading, bool whole);

#endif
