/*
 * wallet - how much money is left with Fast2SMS: asked for once an hour, shown
 * beside the provider, and logged when it runs low.
 */
#ifndef WALLET_H
#define WALLET_H

#include <stdint.h>

/* In one worker, every second. */
void	wallet_tick(int64_t mono_us);

#endif
