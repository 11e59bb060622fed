// contract_second - rows of contract.test.mjs: one-time codes and what a
// person adds to the password.

import { randomUUID } from 'node:crypto';
import { waitUntil } from './harness.mjs';
import { totp } from './harness_totp.mjs';

let counter = 0;
const mobile = () => `+9196${String(10_000_000 + (++counter))}`;
const other = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

const ask = async (t, u) => (await t.contract.expect(t.svc, 'requestOtp', 200, undefined, { key: t.key, body: { identifier: u.email } })).body;
const challenge = async (t, o) => {
	const u = await t.person(o);
	return { user: u, ...await ask(t, u) };
};
const age = (t, u) => t.svc.db.query("update challenge set created_at = created_at - interval '1 minute', expires_at = expires_at - interval '1 minute' where person_id = $1", [u.auth_user_id]);

// A person whose sign-in waits for the second factor.
async function waiting(t) {
	const u = await t.person({ mfa: true, mobile: mobile() });
	const r = await t.contract.expect(t.svc, 'login', 200, undefined, { key: t.key, body: { identifier: u.email, password: u.password } });
	return { user: u, ...r.body };
}

// A session whose person has begun, and one who has finished, to enrol.
async function begun(t) {
	const g = await t.guest();
	const token = g.tokens.access_token;
	const r = await t.contract.expect(t.svc, 'beginTotp', 200, undefined, { key: t.key, token, body: {} });
	return { ...g, token, secret: r.body.secret };
}
async function enrolled(t) {
	const g = await begun(t);
	await t.contract.expect(t.svc, 'confirmTotp', 200, undefined, { key: t.key, token: g.token, body: { code: totp(g.secret, -1) } });
	return g;
}

export const good = (t) => ({
	requestOtp: async () => ({ body: { identifier: (await t.person({ mobile: mobile() })).email } }),
	verifyOtp: async () => {
		const c = await challenge(t);
		return { body: { challenge_id: c.challenge_id, code: c.dev_code } };
	},
	beginTotp: async () => ({ token: (await t.guest()).tokens.access_token, body: {} }),
	confirmTotp: async () => {
		const g = await begun(t);
		return { token: g.token, body: { code: totp(g.secret) } };
	},
	removeTotp: async () => {
		const g = await enrolled(t);
		return { token: g.token, body: { current_password: g.user.password } };
	},
	makeRecoveryCodes: async () => {
		const g = await t.guest();
		return { token: g.tokens.access_token, body: { current_password: g.user.password } };
	},
});

export function rows(t, tokenRows) {
	const { svc, contract, key, person, guest, disable, unassign, makeWait } = t;
	const proof = () => ({ body: { current_password: 'x' } });
	return [
		['requestOtp', 200, undefined, async () => {
			const w = await waiting(t);
			await age(t, w.user);
			return { body: { mfa_token: w.mfa_token } };
		}],
		['requestOtp', 404, 'user_not_found', () => ({ body: { identifier: t.nobody } })],
		['requestOtp', 403, 'not_assigned', async () => {
			const u = await person();
			await unassign(u);
			return { body: { identifier: u.email } };
		}],
		['requestOtp', 403, 'user_disabled', async () => {
			const u = await person();
			await disable(u);
			return { body: { identifier: u.email } };
		}],
		['requestOtp', 403, 'password_required', async () => ({ body: { identifier: (await person({ mfa: true })).email } })],
		['requestOtp', 401, 'otp_expired', () => ({ body: { mfa_token: 'no.such-token' } })],
		['requestOtp', 429, 'otp_cooldown', async () => ({ body: { identifier: (await challenge(t)).user.email } })],
		['requestOtp', 429, 'otp_limit', async () => {
			const u = await person();
			for (let i = 0; i < 3; i++) {
				await ask(t, u);
				await age(t, u);
			}
			return { body: { identifier: u.email } };
		}],
		['requestOtp', 503, 'delivery_unavailable', async () => ({ body: { identifier: (await person()).email } }), { on: t.plain }],

		['verifyOtp', 200, undefined, async () => {
			const w = await waiting(t);
			return { form: { mfa_token: w.mfa_token, code: w.dev_code, device_id: 'd', device_name: 'Küche' } };
		}],
		['verifyOtp', 401, 'otp_invalid', async () => {
			const c = await challenge(t);
			return { body: { challenge_id: c.challenge_id, code: other(c.dev_code) } };
		}],
		['verifyOtp', 401, 'otp_invalid', () => ({ body: { challenge_id: randomUUID(), code: '000000' } })],
		['verifyOtp', 401, 'otp_expired', async () => {
			const c = await challenge(t);
			await svc.db.query("update challenge set created_at = created_at - interval '1 hour', expires_at = expires_at - interval '1 hour' where id = $1", [c.challenge_id]);
			return { body: { challenge_id: c.challenge_id, code: c.dev_code } };
		}],
		['verifyOtp', 403, 'not_assigned', async () => {
			const c = await challenge(t);
			await unassign(c.user);
			return { body: { challenge_id: c.challenge_id, code: c.dev_code } };
		}],
		['verifyOtp', 403, 'user_disabled', async () => {
			const c = await challenge(t);
			await disable(c.user);
			return { body: { challenge_id: c.challenge_id, code: c.dev_code } };
		}],
		['verifyOtp', 403, 'password_required', async () => {
			const c = await challenge(t);
			await svc.db.query('update person set mfa_enabled = true where auth_user_id = $1', [c.user.auth_user_id]);
			return { body: { challenge_id: c.challenge_id, code: c.dev_code } };
		}],
		['verifyOtp', 429, 'otp_locked', async () => {
			const c = await challenge(t);
			const o = { body: { challenge_id: c.challenge_id, code: other(c.dev_code) } };
			for (let i = 0; i < 5; i++) await contract.expect(svc, 'verifyOtp', 401, 'otp_invalid', { key, ...o });
			return o;
		}],
		['verifyOtp', 429, 'too_many_attempts', async () => {
			const g = await enrolled(t);
			const ticket = async () => (await contract.expect(svc, 'login', 200, undefined, { key, body: { identifier: g.user.email, password: g.user.password } })).body.mfa_token;
			let o = null;
			await waitUntil(async () => {
				o = { body: { mfa_token: await ticket(), code: other(totp(g.secret)) } };
				for (let i = 0; i < 6; i++)
					if ((await contract.call(svc, 'verifyOtp', { key, ...o })).body.code === 'too_many_attempts') return true;
				return false;
			}, { timeoutMs: 20_000 });
			return o;
		}],
		// Only there is a second factor to be asked for.
		...!contract.has('verifyOtp') ? [] : [['login', 429, 'otp_limit', async () => {
			const u = await person({ mfa: true });
			const body = { identifier: u.email, password: u.password };
			await waitUntil(async () => {
				const r = await contract.call(svc, 'login', { key, body });
				await svc.db.query("update challenge set ended_at = now(), expires_at = created_at + interval '1 millisecond' where person_id = $1 and used_at is null and ended_at is null", [u.auth_user_id]);
				return r.status === 429;
			}, { stepMs: 0 });
			return { body };
		}]],

		...tokenRows('beginTotp', () => ({ body: {} })),
		...tokenRows('confirmTotp', () => ({ body: { code: '000000' } })),
		...tokenRows('removeTotp', proof),
		...tokenRows('makeRecoveryCodes', proof),
		['beginTotp', 409, 'totp_enrolled', async () => ({ token: (await enrolled(t)).token, body: {} })],
		['confirmTotp', 409, 'totp_enrolled', async () => {
			const g = await enrolled(t);
			return { token: g.token, body: { code: totp(g.secret, 1) } };
		}],
		['confirmTotp', 409, 'totp_not_enrolled', async () => ({ token: (await guest()).tokens.access_token, body: { code: '000000' } })],
		['confirmTotp', 422, 'invalid_parameter', async () => {
			const g = await begun(t);
			return { token: g.token, body: { code: other(totp(g.secret, 1)) } };
		}],
		['removeTotp', 409, 'totp_not_enrolled', async () => {
			const g = await guest();
			return { token: g.tokens.access_token, body: { current_password: g.user.password } };
		}],
		...['removeTotp', 'makeRecoveryCodes'].flatMap((id) => [
			[id, 401, 'invalid_credentials', async () => ({ token: (await enrolled(t)).token, ...proof() })],
			[id, 401, 'otp_invalid', async () => {
				const g = await enrolled(t);
				return { token: g.token, body: { code: other(totp(g.secret, 1)) } };
			}],
			[id, 429, 'too_many_attempts', async () => {
				const g = await enrolled(t);
				await makeWait(g.user);
				return { token: g.token, body: { current_password: g.user.password } };
			}],
			[id, 200, undefined, async () => {
				const g = await enrolled(t);
				return { token: g.token, body: { code: totp(g.secret) } };
			}],
		]),
	];
}
