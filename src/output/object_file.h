/* One record, one file: whole from the moment that its name is there. */
#ifndef OUTPUT_OBJECT_FILE_H
#define OUTPUT_OBJECT_FILE_H

#include "base/error.h"
#include "base/slice.h"

/* The folder, made with those above it where it is not there. False with a message. */
bool object_folder(const char *path, struct error *error);

/* Writes the file folder/key; the key's slashes are folders, which are made. It is written under another name in the same folder and
   then renamed; a file of that name is replaced. False with a message: nothing of it is there. */
bool object_write(const char *folder, struct slice key, struct slice content, struct error *error);

#endif
