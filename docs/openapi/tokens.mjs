// tokens - new tokens, the person's own sessions, keys, introspection (RFC
// 7662) and revocation (RFC 7009).

import { APP_UUID, OTHER_UUID, UUID, body, client, example, field, object, ref } from './common.mjs';

const token = {
	token: { type: 'string', minLength: 1, maxLength: 4096, description: 'An access or refresh token.' },
	token_type_hint: { type: 'string', minLength: 1, maxLength: 64, description: '`access_token` or `refresh_token`; not needed.' },
};
const TOKEN = ['token_missing', 'token_invalid', 'token_expired', 'session_revoked', 'not_assigned'];
const seconds = (description) => ({ type: 'integer', description: `${description}, seconds since 1970.` });
const uuid = { type: 'string', format: 'uuid' };

export const schemas = {
	RefreshRequest: body({ refresh_token: field.refresh_token, ...client }, ['refresh_token']),
	OwnSession: object({
		id: { ...uuid }, created_at: { type: 'string', format: 'date-time' }, expires_at: { type: 'string', format: 'date-time' },
		last_seen_at: { type: 'string', format: 'date-time' }, device: ref('Device'),
		current: { type: 'boolean', description: 'The session of this call\'s token.' },
	}),
	SessionList: object({
		sessions: { type: 'array', items: ref('OwnSession'), description: 'The current one first, then by last use.' },
		total: { type: 'integer', minimum: 0, description: 'How many there are, should the list be cut.' },
	}),
	SessionEnded: object({ revoked: { type: 'integer', const: 1 } }),
	TokenRequest: body({ ...token, ...client }, ['token']),
	Introspection: object({
		active: { type: 'boolean', description: 'false: nothing else is told.' },
		client_id: { ...uuid, description: 'The application.' },
		username: { type: 'string', description: 'E-mail address, or mobile number.' },
		token_type: { type: 'string', enum: ['Bearer', 'refresh_token'] },
		exp: seconds('Ends'), iat: seconds('Given out'),
		sub: { ...uuid, description: 'The person.' }, aud: { ...uuid, description: 'The application.' },
		iss: { type: 'string' }, jti: { ...uuid, description: 'Of an access token.' }, sid: { ...uuid, description: 'The session.' },
	}, ['active'], { description: 'RFC 7662.' }),
	Jwk: object({
		kty: { type: 'string', const: 'OKP' }, crv: { type: 'string', const: 'Ed25519' }, x: { type: 'string', pattern: '^[A-Za-z0-9_-]{43}$' },
		kid: { type: 'string' }, use: { type: 'string', const: 'sig' }, alg: { type: 'string', const: 'EdDSA' },
	}, undefined, { description: 'RFC 8037.' }),
	JwkSet: object({ keys: { type: 'array', items: ref('Jwk'), description: 'Public keys only: none while tokens are signed with the token secret (HS256).' } }),
};

export const paths = {
	'/auth/token/refresh': {
		post: {
			id: 'refreshTokens', tag: 'Tokens', summary: 'New tokens for a refresh token',
			description: 'The token is spent. The same one again within 10 seconds gets the same successor, for lost answers and parallel tabs; later it counts as theft, and the session ends (`refresh_reused`). Person, application and assignment are checked anew.',
			request: { schema: 'RefreshRequest', examples: { refresh: { refresh_token: example.tokens.refresh_token } } },
			answers: { 200: { description: 'A new pair.', schema: 'Tokens', examples: { tokens: example.tokens } } },
			problems: ['refresh_invalid', 'refresh_expired', 'refresh_reused', 'not_assigned', 'user_disabled'],
		},
	},
	'/auth/sessions': {
		get: {
			id: 'listSessions', tag: 'Sessions', security: 'token', summary: 'The person\'s own sessions at this application',
			answers: { 200: { description: 'Those that are open.', schema: 'SessionList', examples: { one: { sessions: [{ ...example.session, current: true }], total: 1 } } } },
			problems: TOKEN,
		},
	},
	'/auth/sessions/{id}': {
		delete: {
			id: 'endSession', tag: 'Sessions', security: 'token', summary: 'End one of the person\'s own sessions',
			parameters: [{ name: 'id', in: 'path', required: true, description: 'The session.', schema: { type: 'string' }, example: OTHER_UUID }],
			answers: { 200: { description: 'It has ended.', schema: 'SessionEnded', examples: { ended: { revoked: 1 } } } },
			problems: [...TOKEN, 'session_not_found'],
		},
	},
	'/auth/introspect': {
		post: {
			id: 'introspect', tag: 'Tokens', summary: 'RFC 7662: is this token good?',
			description: 'The API key is the client authentication. What is not for this application is not active.',
			request: { schema: 'TokenRequest', examples: { access: { token: example.tokens.access_token } } },
			answers: {
				200: {
					description: 'What the token is.', schema: 'Introspection',
					examples: {
						active: { active: true, client_id: APP_UUID, username: 'asha.rao@example.org', token_type: 'Bearer', exp: 1795425600, iat: 1795424700, sub: UUID, aud: APP_UUID, iss: 'https://id.example.org', jti: OTHER_UUID, sid: OTHER_UUID },
						not: { active: false },
					},
				},
			},
			problems: [],
		},
	},
	'/auth/revoke': {
		post: {
			id: 'revokeToken', tag: 'Tokens', summary: 'RFC 7009: end the session of this token',
			description: 'The API key is the client authentication. 200 also for what is unknown or ended.',
			request: { schema: 'TokenRequest', examples: { refresh: { token: example.tokens.refresh_token, token_type_hint: 'refresh_token' } } },
			answers: { 200: { description: 'It is not good any more.', schema: 'LogoutAnswer', examples: { one: { revoked: 1 }, none: { revoked: 0 } } } },
			problems: [],
		},
	},
	'/.well-known/jwks.json': {
		get: {
			id: 'getJwks', tag: 'Tokens', security: 'none', summary: 'Public keys that verify access tokens',
			answers: { 200: { description: 'RFC 7517.', schema: 'JwkSet', headers: ['CacheControl'], examples: { none: { keys: [] }, one: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kid: 'k2', use: 'sig', alg: 'EdDSA' }] } } } },
			problems: [],
		},
	},
};
