/*
 * sms_count - how many text messages a text is.  GSM 03.38: 160 septets, or
 * 153 in each of several; UCS-2: 70 units, or 67.
 */
#ifndef SMS_COUNT_H
#define SMS_COUNT_H

#include <stdbool.h>
#include <stddef.h>

#define SMS_SEGMENTS_MAX	10	/* more are refused */

struct sms_count {
	bool	is_gsm7;
	size_t	characters;	/* code points */
	size_t	units;		/* septets (extension table: 2) or UTF-16 units */
	size_t	segments;
	size_t	left;		/* units left in the last segment */
	char	first_ucs2[5];	/* the first character that GSM 03.38 lacks, or "" */
};

/* |s| is well-formed UTF-8. */
void	sms_count(const char *s, size_t len, struct sms_count *out);

#endif
