/*
 * console_password - signing in to the console with a password.
 */
#ifndef CONSOLE_PASSWORD_H
#define CONSOLE_PASSWORD_H

#include "api.h"

/* POST /setup/api/session */
extern const struct api_route	console_password_json;

#endif
