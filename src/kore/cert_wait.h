/*
 * cert_wait - keeps a worker from accepting before it can answer over TLS.
 */
#ifndef CERT_WAIT_H
#define CERT_WAIT_H

#include <stdbool.h>

/*
 * In a worker, at the end of its start and before Kore's loop lets it accept:
 * waits until the key manager has sent the certificate of each TLS listener.
 * Meanwhile only what descriptors report is handled, no timer runs.
 * |is_stopping| is asked at least every 100 ms and ends the wait.  False: 30 s
 * have passed, which a working key manager never needs.
 */
bool	cert_wait(bool (*is_stopping)(void));

#endif
