// password - forgotten and changed passwords.

import { UUID, body, client, field, object, oneOfWho, who } from './common.mjs';

const TOKEN = ['token_missing', 'token_invalid', 'token_expired', 'session_revoked', 'not_assigned'];

export const schemas = {
	ResetRequest: body({ ...who, ...client }, [], oneOfWho),
	ResetRequested: object({
		reset_id: { type: 'string', format: 'uuid', description: 'Belongs to the code, should one come by text message.' },
		expires_in: { type: 'integer', minimum: 1, description: 'Seconds that token or code live. A code that goes by text message because no e-mail can lives 600 at most.' },
		dev_code: { type: 'string', description: 'Only while development codes are switched on (`IDENTITY_DEV_OTP=1`): the recovery token or code itself, if the person exists.' },
	}, ['reset_id', 'expires_in']),
	Reset: body({
		recovery_token: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9_.-]+$', description: 'As it came by e-mail.' },
		reset_id: { type: 'string', format: 'uuid', description: 'As the request answered it; with the code.' },
		code: { type: 'string', pattern: '^[0-9]{4,8}$', description: 'As it came by text message.' },
		new_password: field.new_password, ...client,
	}, ['new_password'], { oneOf: [{ required: ['recovery_token'] }, { required: ['reset_id', 'code'] }] }),
	ResetDone: object({ reset: { type: 'boolean', const: true } }),
	PasswordChange: body({ current_password: field.password, new_password: field.new_password, ...client }, ['current_password', 'new_password']),
	PasswordChanged: object({ changed: { type: 'boolean', const: true } }),
};

export const paths = {
	'/auth/password/request-reset': {
		post: {
			id: 'requestReset', tag: 'Password', summary: 'Send a recovery token or code',
			description: 'The same answer after the same time, whether the person exists or not. By e-mail comes a token, by text message a code.',
			request: { schema: 'ResetRequest', examples: { email: { identifier: 'asha.rao@example.org' } } },
			answers: { 202: { description: 'If there is such a person, a message is on its way.', schema: 'ResetRequested', examples: { accepted: { reset_id: UUID, expires_in: 1800 } } } },
			problems: [],
		},
	},
	'/auth/password/reset': {
		post: {
			id: 'resetPassword', tag: 'Password', summary: 'Set a new password by token or code',
			description: 'All sessions of the person end and the person is told. It opens no session, and a second factor is asked for at the next sign-in as before. A password that breaks the rule is 422 with the reason at `new_password`, and costs no try.',
			request: {
				schema: 'Reset',
				examples: { token: { recovery_token: 'irt_Jq7mX0o3bq9sT1uVw2xYz4A5bC6dE7fG8hI9jK0lM1n', new_password: 'seven small boats at dawn' }, code: { reset_id: UUID, code: '492039', new_password: 'seven small boats at dawn' } },
			},
			answers: { 200: { description: 'It is set.', schema: 'ResetDone', examples: { reset: { reset: true } } } },
			problems: ['recovery_invalid', 'too_many_attempts'],
		},
	},
	'/auth/password/change': {
		post: {
			id: 'changePassword', tag: 'Password', security: 'token', summary: 'Set another password, knowing the current one',
			description: 'The session of this call stays; all other ones of the person end, and the person is told.',
			request: { schema: 'PasswordChange', examples: { change: { current_password: 'correct horse battery staple', new_password: 'seven small boats at dawn' } } },
			answers: { 200: { description: 'It is set.', schema: 'PasswordChanged', examples: { changed: { changed: true } } } },
			problems: [...TOKEN, 'invalid_credentials', 'too_many_attempts'],
		},
	},
};
