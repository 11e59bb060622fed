/*
 * dialling - the country calling code at the front of an E.164 number.
 * Ref: ITU-T E.164 list of assigned codes.
 */
#ifndef DIALLING_H
#define DIALLING_H

#include <stdbool.h>
#include <stddef.h>

/* Digits (1..3) of the code of |e164| ("+91.."; the '+' may be missing); 0:
 * no such code is in use. */
size_t	dialling_len(const char *e164);
/* The code and a NUL; "" when there is none. */
void	dialling_code(const char *e164, char out[4]);
/* What stands behind the code, borrowed. */
const char *dialling_national(const char *e164);
/* Is |code| a country calling code, "91"? */
bool	dialling_is_code(const char *code);

#endif
