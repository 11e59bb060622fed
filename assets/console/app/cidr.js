// cidr - addresses and blocks, IPv4 and IPv6, as far as a form needs them:
// is it one, is it in one, does it say "everybody"?  The service decides.

// 16 bytes (IPv4 as ::ffff:a.b.c.d), or null.
export function parseIp(text) {
	const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
	if (v4) {
		const b = v4.slice(1).map(Number);
		return b.every((n) => n < 256) ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...b] : null;
	}
	if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return null;
	let t = text;
	const tail = /:(\d+\.\d+\.\d+\.\d+)$/.exec(t);
	if (tail) {
		const b = parseIp(tail[1]);
		if (!b) return null;
		t = `${t.slice(0, -tail[1].length)}${((b[12] << 8) | b[13]).toString(16)}:${((b[14] << 8) | b[15]).toString(16)}`;
	}
	const halves = t.split('::');
	if (halves.length > 2) return null;
	const words = (s) => (s === '' ? [] : s.split(':'));
	const [a, b] = [words(halves[0]), words(halves[1] ?? '')];
	const gap = 8 - a.length - b.length;
	if (halves.length === 2 ? gap < 1 : gap !== 0) return null;
	const all = [...a, ...Array(halves.length === 2 ? gap : 0).fill('0'), ...b];
	if (!all.every((w) => /^[0-9a-f]{1,4}$/i.test(w))) return null;
	return all.flatMap((w) => [parseInt(w, 16) >> 8, parseInt(w, 16) & 255]);
}

// { bytes, bits (of 128) } of "10.0.0.0/8" or an address; null.
export function parseBlock(text) {
	const m = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim());
	const bytes = m && parseIp(m[1]);
	if (!bytes) return null;
	const isV4 = !m[1].includes(':');
	const bits = m[2] === undefined ? 128 : Number(m[2]) + (isV4 ? 96 : 0);
	return bits <= 128 ? { bytes, bits } : null;
}

export function inBlock(address, block) {
	const a = parseIp(address);
	const b = parseBlock(block);
	if (!a || !b) return false;
	for (let i = 0, left = b.bits; left > 0; i++, left -= 8) {
		const mask = left >= 8 ? 255 : (255 << (8 - left)) & 255;
		if ((a[i] & mask) !== (b.bytes[i] & mask)) return false;
	}
	return true;
}

// Everybody, of one of the two families.
export function isEverybody(block) {
	const b = parseBlock(block);
	return b !== null && (b.bits === 0 || (b.bits === 96 && !block.includes(':')));
}

// "10.0.0.0/8 office" lines, commas or semicolons, as rows [{ block, label }].
export const parseLines = (text) => text.split(/[\n,;]+/).map((l) => l.trim()).filter(Boolean).map((l) => {
	const [block, ...label] = l.split(/\s+/);
	return { block, label: label.join(' ').replace(/^#\s*/, '') };
});
