/*
 * fuzz_audit_export - two ways in, by the first byte: the text of an exported
 * log, and changes to a sound one, each an offset (two bytes) and a byte, of
 * which none to a row or to a seal may go unnoticed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit_export.h"
#include "codec.h"
#include "mem.h"

#define N_SEALS		3
#define SOUND_MAX	8192

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct audit_key	*key;		/* made by the first run */
static char		 sound[SOUND_MAX];
static size_t		 sound_len;
static bool		 is_covered[SOUND_MAX];	/* by a hash */

static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

/* A seal over the row before it; |previous| becomes its hash. */
static void
sound_seal(struct buf *out, int no, const uint8_t mark[AUDIT_MARK_LEN],
    char previous[CODEC_HEX_LEN(SHA256_LEN) + 1])
{
	uint8_t		 digest[SHA256_LEN], mac[SHA256_LEN];
	char		 hex[CODEC_HEX_LEN(SHA256_LEN) + 1];
	char		 b64[CODEC_B64_LEN(AUDIT_MARK_LEN) + 1];
	struct buf	 line;
	size_t		 i;

	buf_init(&line, AUDIT_LINE_MAX);
	sha256_of(mark, AUDIT_MARK_LEN, digest);
	hex_encode(digest, sizeof(digest), hex);
	buf_printf(&line, "{\"no\":%d,\"kind\":\"rows\",\"at\":\"2026-11-27T"
	    "20:15:00.000Z\",\"previous\":\"%s\",\"after_id\":0,\"xid\":"
	    "\"%d\",\"id\":%d,\"n\":1,\"total\":%d,\"digest\":\"%s\"}", no,
	    previous, 100 + no, no, no, hex);
	must(buf_err(&line) == ERR_OK);
	must(audit_key_mac(key, line.data, line.len, mac) == ERR_OK);
	buf_str(out, "{\"seal\":");
	i = out->len;
	buf_json(out, line.data, line.len);
	while (i < out->len)
		is_covered[i++] = true;
	sha256_of(line.data, line.len, digest);
	hex_encode(digest, sizeof(digest), previous);
	hex_encode(mac, sizeof(mac), hex);
	b64_encode(mark, AUDIT_MARK_LEN, b64);
	buf_printf(out, ",\"hash\":\"%s\",\"mac\":\"%s\",\"key_id\":\"%s\","
	    "\"marks\":\"%s\"}\n", previous, hex, audit_key_id(key), b64);
	buf_clear(&line);
}

static void
sound_make(void)
{
	static const uint8_t	 master[32] = { 7 };
	uint8_t			 mark[AUDIT_MARK_LEN] = { 0 };
	char			 previous[CODEC_HEX_LEN(SHA256_LEN) + 1];
	struct buf		 out;
	size_t			 at;
	int			 no;

	must(audit_key_new(master, sizeof(master), &key) == ERR_OK);
	memset(previous, '0', sizeof(previous) - 1);
	previous[sizeof(previous) - 1] = '\0';
	buf_init(&out, SOUND_MAX);
	buf_str(&out, "{\"audit_export\":1,\"is_chain\":true}\n");
	for (no = 1; no <= N_SEALS; no++) {
		at = out.len;
		buf_printf(&out, "{\"id\":%d,\"event\":\"login_failed\"}", no);
		memset(is_covered + at, true, out.len - at);
		mark[7] = (uint8_t)no;
		sha256_of(out.data + at, out.len - at, mark + 8);
		buf_char(&out, '\n');
		sound_seal(&out, no, mark, previous);
	}
	buf_printf(&out, "{\"end\":%d}\n", N_SEALS);
	must(buf_err(&out) == ERR_OK);
	memcpy(sound, out.data, out.len);
	sound_len = out.len;
	buf_clear(&out);
}

static enum err
read_lines(struct audit_export *e, const char *s, size_t len)
{
	const char	*end;
	enum err	 r = ERR_OK;

	while (r == ERR_OK && len > 0 &&
	    (end = memchr(s, '\n', len)) != NULL) {
		r = audit_export_line(e, s, (size_t)(end - s));
		len -= (size_t)(end - s) + 1;
		s = end + 1;
	}
	return (r != ERR_OK ? r : audit_export_end(e));
}

/* As the command line reads a file: twice. */
static enum err
verify(const char *s, size_t len)
{
	struct audit_check	c;
	struct audit_export	look = { .check = &c, .is_looking = true };
	struct audit_export	e = { .check = &c };
	enum err		r;

	audit_check_init(&c, key, 0);
	if ((r = read_lines(&look, s, len)) == ERR_OK) {
		c.gone = look.gone;
		r = read_lines(&e, s, len);
	}
	must(memchr(c.why, '\0', sizeof(c.why)) != NULL);
	switch (r) {
	case ERR_OK:
		must(e.has_head && e.has_end);
		break;
	case ERR_FORMAT:
	case ERR_SIGNATURE:
		must(c.why[0] != '\0');
		break;
	default:
		abort();
	}
	audit_check_clear(&c);
	return (r);
}

static void
check_changed(const uint8_t *data, size_t len)
{
	char	*copy;
	bool	 is_changed = false, is_tampered = false;
	size_t	 i, at;

	must((copy = mem_dup(sound, sound_len)) != NULL);
	for (; len >= 3; data += 3, len -= 3) {
		at = (data[0] | (size_t)data[1] << 8) % sound_len;
		copy[at] = (char)data[2];
	}
	for (i = 0; i < sound_len; i++) {
		is_changed |= copy[i] != sound[i];
		is_tampered |= copy[i] != sound[i] && is_covered[i];
	}
	if (verify(copy, sound_len) == ERR_OK)
		must(!is_tampered);
	else
		must(is_changed);
	mem_free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (key == NULL)
		sound_make();
	if (len > 0 && data[0] == 'c')
		check_changed(data + 1, len - 1);
	else
		(void)verify((const char *)data, len);
	return (0);
}
