/* The anomaly table's rows. */
#include "base/anomaly.h"

const struct anomaly_row anomaly_rows[ANOMALY_COUNT] = {
#define X(id, name, group, text) {name, ANOMALY_##group, text},
    ANOMALIES(X)
#undef X
};
