/* Network devices as a source, through libpcap. */
#ifndef CAPTURE_DEVICE_H
#define CAPTURE_DEVICE_H

#include "capture/source.h"

extern const struct source_kind source_kind_device;

/* Fills source->state; false with a message (no such device, no permission, bad filter). */
bool device_open(struct source *source, const char *name, const char *filter, size_t buffer_bytes, struct error *error);

int device_descriptor(const struct source *source);

#endif
