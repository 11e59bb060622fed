// contract_password - rows of contract.test.mjs: forgotten and changed
// passwords.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { makeApp, makeKey, waitUntil } from './harness.mjs';

const NEW = 'seven small boats at dawn';
let counter = 0;

async function asked(t, u) {
	const r = await t.contract.expect(t.svc, 'requestReset', 202, undefined, { key: t.key, body: { identifier: u.email ?? u.mobile_number } });
	assert.equal(typeof r.body.dev_code, 'string');
	return r.body;
}

export const good = (t) => ({
	requestReset: () => ({ body: { identifier: t.nobody } }),
	resetPassword: async () => ({ body: { recovery_token: (await asked(t, await t.person())).dev_code, new_password: NEW } }),
	changePassword: async () => {
		const g = await t.guest();
		return { token: g.tokens.access_token, body: { current_password: g.user.password, new_password: NEW } };
	},
});

export function rows(t, tokenRows) {
	const change = { current_password: 'wrong', new_password: NEW };
	return [
		['requestReset', 202, undefined, async () => ({ form: { email: (await t.person()).email } })],

		['resetPassword', 200, undefined, async () => {
			const u = await t.person({ email: null, mobile: `+9197${String(10_000_000 + (++counter))}` });
			const a = await asked(t, u);
			return { body: { reset_id: a.reset_id, code: a.dev_code, new_password: NEW } };
		}],
		['resetPassword', 401, 'recovery_invalid', () => ({ body: { reset_id: randomUUID(), code: '000000', new_password: NEW } })],
		['resetPassword', 401, 'recovery_invalid', () => ({ body: { recovery_token: 'no.such-token', new_password: NEW } })],
		['resetPassword', 422, 'invalid_parameter', async () => ({ body: { recovery_token: (await asked(t, await t.person())).dev_code, new_password: 'short' } })],
		['resetPassword', 422, 'invalid_parameter', () => ({ body: { recovery_token: 'a', reset_id: randomUUID(), code: '000000', new_password: NEW } })],
		// Of one person's address; an application of its own, since it counts there too.
		['resetPassword', 429, 'too_many_attempts', async () => {
			const { key } = await makeKey(t.svc, await makeApp(t.svc));
			const o = { key, body: { recovery_token: 'no.such-token', new_password: NEW, client_ip: '192.0.2.77' } };
			await waitUntil(async () => (await t.contract.call(t.svc, 'resetPassword', o)).status === 429, { stepMs: 0 });
			return o;
		}],

		...tokenRows('changePassword', () => ({ body: change })),
		['changePassword', 401, 'invalid_credentials', async () => ({ token: (await t.guest()).tokens.access_token, body: change })],
		['changePassword', 422, 'invalid_parameter', async () => {
			const g = await t.guest();
			return { token: g.tokens.access_token, body: { current_password: g.user.password, new_password: 'password' } };
		}],
		['changePassword', 429, 'too_many_attempts', async () => {
			const g = await t.guest();
			await t.makeWait(g.user);
			return { token: g.tokens.access_token, body: { current_password: g.user.password, new_password: NEW } };
		}],
	];
}
