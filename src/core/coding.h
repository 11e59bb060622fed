/*
 * coding - which content codings does a client take?  Reads Accept-Encoding;
 * knows no request.  Ref: RFC 9110 s.12.5.3.
 */
#ifndef CODING_H
#define CODING_H

#define CODING_GZIP	0x01
#define CODING_BR	0x02

/*
 * The codings that |accept_encoding| (a header's value, may be NULL) allows:
 * named, or meant by "*", and not with a weight of zero.  What comes as it is
 * needs no leave.  A malformed list allows what stood before its fault.
 */
unsigned int	coding_accepted(const char *accept_encoding);

#endif
