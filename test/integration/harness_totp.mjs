// harness_totp - an authenticator app (RFC 6238).

import { createHmac } from 'node:crypto';

// The code of a base32 secret, |steps| of 30 seconds away from now.
export function totp(secret, steps = 0) {
	const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
	const raw = Buffer.from(bits.match(/.{8}/g).map((b) => Number.parseInt(b, 2)));
	const at = Buffer.alloc(8);
	at.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
	const mac = createHmac('sha1', raw).update(at).digest();
	return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// None of the codes of the steps around now.
export function wrongTotp(secret) {
	const near = [-2, -1, 0, 1, 2].map((s) => totp(secret, s));
	for (let i = 0; ; i++) {
		const code = String(i).padStart(6, '0');
		if (!near.includes(code)) return code;
	}
}
