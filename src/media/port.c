/* Endpoints that were announced or are used, found by their address. */
#include "media/state.h"

void port_prefetch(const struct media *media, const struct endpoint *endpoint)
{
    table_prefetch(&media->by_endpoint, endpoint_hash(media->config.hash_seed, endpoint));
}

uint32_t port_find(const struct media *media, const struct endpoint *endpoint)
{
    uint64_t hash = endpoint_hash(media->config.hash_seed, endpoint);
    uint32_t cursor = 0, number;
    while ((number = table_next(&media->by_endpoint, hash, &cursor)) != TABLE_NONE)
        if (endpoint_equal(&port_at(media, number)->endpoint, endpoint))
            return number;
    return POOL_NONE;
}

uint32_t port_number(struct media *media, const struct endpoint *endpoint)
{
    uint32_t number = port_find(media, endpoint);
    struct port *port = number != POOL_NONE ? NULL : pool_take(&media->ports, &number);
    if (port == NULL)
        return number;
    if (!table_add(&media->by_endpoint, endpoint_hash(media->config.hash_seed, endpoint), number)) {
        pool_give(&media->ports, number);
        return POOL_NONE;
    }
    *port = (struct port){.endpoint = *endpoint, .session = SESSION_NONE, .next = POOL_NONE, .streams_to = POOL_NONE,
                          .streams_from = POOL_NONE};
    return number;
}

void port_release(struct media *media, uint32_t number)
{
    struct port *port = port_at(media, number);
    if (port->session != SESSION_NONE || port->streams_to != POOL_NONE || port->streams_from != POOL_NONE)
        return;
    (void)table_remove(&media->by_endpoint, endpoint_hash(media->config.hash_seed, &port->endpoint), number);
    pool_give(&media->ports, number);
}

void port_leave_session(struct media *media, uint32_t number)
{
    struct port *port = port_at(media, number);
    struct session *session = session_at(media, port->session);
    uint32_t *link = &session->ports;
    session->port_count--;
    while (*link != number)
        link = &port_at(media, *link)->next;
    *link = port->next;
    port->session = SESSION_NONE;
}
