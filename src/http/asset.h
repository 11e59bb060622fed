/*
 * asset - files that are compiled in: style sheet, modules, icon, documents
 * (tools/genasset.sh).  Kore cannot compress, so they are kept packed and the
 * client's Accept-Encoding picks; who reads no coding gets it unpacked.
 */
#ifndef ASSET_H
#define ASSET_H

/* asset_table.h, which is generated, has it. */
struct asset;
struct http_request;

/* The file |path|, "app/main.js", or NULL. */
const struct asset	*asset_find(const char *path);
/* Replies with it, 200: as small as the client can read it. */
int			 asset_send(struct http_request *req,
			    const struct asset *a);
/* The same with an ETag of what is sent; 304 to who has that.  Each coding
 * has its own (RFC 9110 s.8.8.3.3). */
int			 asset_send_tagged(struct http_request *req,
			    const struct asset *a);

#endif
