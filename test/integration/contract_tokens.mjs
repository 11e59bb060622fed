// contract_tokens - rows of contract.test.mjs: new tokens, own sessions, keys,
// introspection and revocation.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { waitUntil } from './harness.mjs';

export const good = ({ live, signIn, user }) => ({
	refreshTokens: async () => ({ body: { refresh_token: (await signIn(user)).refresh_token } }),
	listSessions: () => ({ token: live.access_token }),
	endSession: async () => ({ token: live.access_token, params: { id: (await signIn(user)).session.id } }),
	introspect: () => ({ body: { token: live.access_token } }),
	revokeToken: () => ({ body: { token: 'nothing like this' } }),
	getJwks: () => ({}),
});

export function rows({ svc, contract, key, live, user, signIn, guest, disable, unassign }, tokenRows) {
	const refresh = (t) => ({ body: { refresh_token: t.refresh_token } });
	return [
		['refreshTokens', 401, 'refresh_invalid', () => ({ body: { refresh_token: `isr_${'A'.repeat(43)}` } })],
		['refreshTokens', 401, 'refresh_expired', async () => {
			const t = await signIn(user);
			await svc.db.query("update refresh_token set expires_at = now() - interval '1 second', created_at = now() - interval '1 hour' where session_id = $1", [t.session.id]);
			return refresh(t);
		}],
		['refreshTokens', 401, 'refresh_reused', async () => {
			const t = await signIn(user);
			await contract.expect(svc, 'refreshTokens', 200, undefined, { key, ...refresh(t) });
			await svc.db.query("update refresh_token set spent_at = spent_at - interval '1 hour' where session_id = $1 and spent_at is not null", [t.session.id]);
			return refresh(t);
		}],
		['refreshTokens', 403, 'not_assigned', async () => {
			const g = await guest();
			await unassign(g.user);
			return refresh(g.tokens);
		}],
		['refreshTokens', 403, 'user_disabled', async () => {
			const g = await guest();
			await disable(g.user);
			return refresh(g.tokens);
		}],

		...tokenRows('listSessions'),
		...tokenRows('endSession', () => ({ params: { id: randomUUID() } })),
		['endSession', 404, 'session_not_found', () => ({ token: live.access_token, params: { id: randomUUID() } })],
		['endSession', 404, 'session_not_found', () => ({ token: live.access_token, params: { id: 'no uuid' } })],

		['introspect', 200, undefined, () => ({ form: { token: 'x', token_type_hint: 'access_token' } })],
		['introspect', 200, undefined, async () => ({ form: { token: (await signIn(user)).refresh_token } })],
		['revokeToken', 200, undefined, async () => ({ form: { token: (await signIn(user)).refresh_token } })],
		['getJwks', 200, undefined, async () => {
			await svc.db.query("update setting set value = '\"EdDSA\"' where name = 'token_alg'");
			await svc.cli(['token-key', 'rotate']);
			await waitUntil(async () => {
				const r = await contract.call(svc, 'getJwks');
				return r.body.keys.length === 1;
			});
			assert.equal((await signIn(user)).token_type, 'Bearer');
			return {};
		}],
	];
}
