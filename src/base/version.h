/*
 * version - what this build calls itself; the one place.
 */
#ifndef VERSION_H
#define VERSION_H

#define VERSION_TEXT	"1.0.0"

#endif
