// sign_in - is somebody known, sign in with a password, whose token is this,
// sign out.

import { body, client, device, example, field, object, oneOfWho, ref, who } from './common.mjs';

export const schemas = {
	RegisterRequest: body({ ...who, ...client }, [], oneOfWho),
	RegisterAnswer: object({ registered: { type: 'boolean', const: true }, user: ref('User') }),
	LoginRequest: body({ ...who, password: field.password, ...device, ...client }, ['password'], oneOfWho),
	SessionRequest: body({ ...client }),
	SessionAnswer: object({
		active: { type: 'boolean', const: true }, user: ref('User'), session: ref('Session'), application: ref('Application'),
	}),
	LogoutRequest: body({
		refresh_token: field.refresh_token,
		all_devices: { type: 'boolean', default: false, description: 'End all sessions of the person at this application.' },
		...client,
	}),
	LogoutAnswer: object({ revoked: { type: 'integer', minimum: 0, description: 'Sessions that this call has ended.' } }),
};

const session = {
	tag: 'Sessions', security: 'token', summary: 'Whose token is this?',
	description: 'What an earlier answer revoked, disabled, unassigned or edited is seen by the very next call.',
	answers: { 200: { description: 'The token is good and its session is open.', schema: 'SessionAnswer', examples: { open: { active: true, user: example.user, session: example.session, application: example.application } } } },
	problems: ['token_missing', 'token_invalid', 'token_expired', 'session_revoked', 'not_assigned'],
};

export const paths = {
	'/auth/register': {
		post: {
			id: 'register', tag: 'Directory', summary: 'Is this person in the directory and assigned to the application?',
			request: { schema: 'RegisterRequest', examples: { email: { identifier: 'asha.rao@example.org' }, mobile: { mobile_number: '98765 43210' } } },
			answers: { 200: { description: 'The person may use the application.', schema: 'RegisterAnswer', examples: { known: { registered: true, user: example.user } } } },
			problems: ['user_not_found', 'not_assigned', 'user_disabled'],
		},
	},
	'/auth/login': {
		post: {
			id: 'login', tag: 'Sign-in', summary: 'Sign in with a password',
			description: 'An unknown person, a wrong password and a person without a password get the same answer after the same work. After five wrong passwords in a row each further try waits twice as long, 15 minutes at most; the right password ends that.',
			request: {
				schema: 'LoginRequest',
				examples: { password: { identifier: 'asha.rao@example.org', password: 'correct horse battery staple', device_id: 'browser-7f3a', device_name: 'Asha\'s laptop', client_ip: '203.0.113.7', client_user_agent: 'Mozilla/5.0' } },
			},
			answers: { 200: { description: 'The session is open.', schema: 'Tokens', examples: { tokens: example.tokens } } },
			problems: ['invalid_credentials', 'not_assigned', 'user_disabled', 'too_many_attempts', 'delivery_unavailable'],
		},
	},
	'/auth/session': {
		get: { id: 'getSession', ...session },
		post: { id: 'postSession', ...session, request: { schema: 'SessionRequest', isOptional: true, examples: { client: { client_ip: '203.0.113.7' } } } },
	},
	'/auth/logout': {
		post: {
			id: 'logout', tag: 'Sessions', security: 'token-or-body', summary: 'End one session, or all of the person',
			description: 'By the access token (also one that has expired) or by the refresh token. What is unknown or ended already is 200 with 0.',
			request: { schema: 'LogoutRequest', isOptional: true, examples: { this: { refresh_token: example.tokens.refresh_token }, everywhere: { all_devices: true } } },
			answers: { 200: { description: 'Nothing is open any more.', schema: 'LogoutAnswer', examples: { one: { revoked: 1 }, none: { revoked: 0 } } } },
			problems: ['token_missing'],
		},
	},
};
