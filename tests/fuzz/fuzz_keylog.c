/* Key logs: any bytes; only well-formed lines become secrets, and as many as fit are kept. */
#include <stdlib.h>

#include "net/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct anomalies anomalies = {{0}};
    struct tls *tls = tls_new(&(struct tls_config){.hash_seed = 3, .memory_limit = 4096, .keys_expected = true, .anomalies = &anomalies});
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (tls == NULL)
        return 0;
    tls_keys(tls, slice_of(data, size));
    if (tls_key_count(tls) + anomalies.count[ANOMALY_KEYLOG_LINE] > lines || tls_key_count(tls) > 64)
        abort();
    tls_keys(tls, slice_of(data, size)); /* the same again adds nothing that is kept twice */
    if (tls_key_count(tls) > 64)
        abort();
    tls_free(tls);
    return 0;
}
