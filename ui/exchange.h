/* Hands snapshots from the thread that analyses to the thread that draws. Neither waits for the other: one asks and goes on, the
   other looks between two batches whether it was asked. */
#ifndef UI_EXCHANGE_H
#define UI_EXCHANGE_H

#include <stdbool.h>

struct snapshot;
struct exchange;

/* NULL without memory or descriptors. exchange_free: when no other thread uses it any more. */
struct exchange *exchange_new(void);
void exchange_free(struct exchange *exchange);

/* Thread: the one that draws. ---------------------------------------------------------------------------------------- */

/* Asks for a snapshot; asking again before it came changes nothing. */
void exchange_ask(struct exchange *exchange);

/* The snapshot that came, which is the caller's then; NULL. */
struct snapshot *exchange_take(struct exchange *exchange);

/* Readable (poll) when a snapshot came. */
int exchange_descriptor(const struct exchange *exchange);

/* Tells the analysis to end; it may be told twice. */
void exchange_stop(struct exchange *exchange);

/* Thread: the one that analyses. ------------------------------------------------------------------------------------- */

bool exchange_asked(const struct exchange *exchange);
bool exchange_stopped(const struct exchange *exchange);

/* Takes the snapshot over. */
void exchange_put(struct exchange *exchange, struct snapshot *snapshot);

/* Waits, when there is nothing else to do, until asked or stopped, at most timeout_ms. */
void exchange_wait(struct exchange *exchange, int timeout_ms);

#endif
