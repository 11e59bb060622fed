// second - one-time codes, and what a person adds to the password.

import { UUID, body, client, device, example, field, object, oneOfWho, ref, who } from './common.mjs';

const MFA_TOKEN = 'imt_Jq7mX0o3bq9sT1uVw2xYz4A5bC6dE7fG8hI9jK0lM1n';
const mfaToken = { type: 'string', minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_.-]+$', description: 'The mfa_token as the sign-in gave it out.' };
const challengeId = { type: 'string', format: 'uuid', description: 'Names the code that was sent.' };
const devCode = { type: 'string', description: 'Only while development codes are switched on (`IDENTITY_DEV_OTP=1`): the code itself.' };
const code = { ...field.code, maxLength: 31, pattern: '^[A-Za-z0-9 -]+$', description: 'The digits of the code, or a recovery code where a second factor is asked for; blanks and dashes do not matter.' };
const currentPassword = { ...field.password, description: 'The current password, exactly as typed.' };

export const schemas = {
	OtpRequest: body({
		...who, mfa_token: { ...mfaToken, description: 'In the place of the identifier: another code for a sign-in that waits for its second factor.' },
		channel: { type: 'string', enum: ['sms', 'email'], description: 'Left out: text message if the person can get one, else e-mail.' },
		...client,
	}, [], { oneOf: [...oneOfWho.oneOf, { required: ['mfa_token'] }] }),
	OtpSent: object({
		challenge_id: challengeId,
		channel: { type: 'string', enum: ['sms', 'email'] },
		destination: { type: 'string', description: 'Where it went, masked.' },
		expires_in: { type: 'integer', minimum: 1, description: 'Seconds that the code lives.' },
		retry_after: { type: 'integer', minimum: 0, description: 'Seconds before another code may be asked for.' },
		dev_code: devCode,
	}, ['challenge_id', 'channel', 'destination', 'expires_in', 'retry_after']),
	OtpVerifyRequest: body({ challenge_id: challengeId, ...who, mfa_token: mfaToken, code, ...device, ...client }, ['code'], {
		oneOf: [{ required: ['challenge_id'] }, ...oneOfWho.oneOf, { required: ['mfa_token'] }],
	}),
	MfaRequired: object({
		mfa_required: { type: 'boolean', const: true },
		mfa_token: { type: 'string', description: 'For `/auth/otp/verify`; proves that the password was right.' },
		methods: { type: 'array', minItems: 1, items: { type: 'string', enum: ['totp', 'otp', 'recovery_code'] }, description: 'What `/auth/otp/verify` takes; of a person with an authenticator app also a recovery code.' },
		challenge_id: { ...challengeId, description: 'Names the code that was sent; it is there when one was.' },
		channel: { type: 'string', enum: ['sms', 'email'] },
		destination: { type: 'string', description: 'Where the code went, masked.' },
		expires_in: { type: 'integer', minimum: 1, description: 'Seconds left for the second factor.' },
		dev_code: devCode,
	}, ['mfa_required', 'mfa_token', 'methods', 'expires_in']),
	TotpBeginRequest: body({ ...client }),
	TotpBegun: object({
		secret: { type: 'string', pattern: '^[A-Z2-7]+$', description: 'Base32, to be typed where nothing can be scanned.' },
		otpauth_uri: { type: 'string', description: 'What the picture holds.' },
		algorithm: { type: 'string', const: 'SHA1' }, digits: { type: 'integer', const: 6 }, period: { type: 'integer', const: 30 },
		qr_svg: { type: ['string', 'null'], description: 'The picture to scan, SVG; null when the text is too long for one.' },
	}),
	TotpConfirmRequest: body({ code: { ...code, description: 'The digits that the authenticator app shows now.' }, ...client }, ['code']),
	TotpConfirmed: object({
		enabled: { type: 'boolean', const: true },
		recovery_codes_left: { type: 'integer', minimum: 0, description: '0: make some now.' },
	}),
	ProofRequest: body({ code, current_password: currentPassword, ...client }, [], { oneOf: [{ required: ['code'] }, { required: ['current_password'] }] }),
	TotpRemoved: object({ enabled: { type: 'boolean', const: false }, revoked: { type: 'integer', minimum: 0, description: 'Other sessions of the person, ended.' } }),
	RecoveryCodes: object({
		recovery_codes: { type: 'array', minItems: 10, maxItems: 10, items: { type: 'string', pattern: '^[0-9A-Za-z]{4}(-[0-9A-Za-z]{4}){3}$' }, description: 'Shown once; earlier ones are void.' },
	}),
};

const mfa = {
	mfa_required: true, mfa_token: MFA_TOKEN, methods: ['otp'], challenge_id: UUID, channel: 'sms', destination: '+91********10', expires_in: 300,
};
// What the second factor adds to operations of other groups.
export const extend = {
	login: (o) => ({
		...o,
		answers: { 200: { description: 'The session is open, or the second factor is asked for.', schema: ['Tokens', 'MfaRequired'], examples: { ...o.answers[200].examples, mfa } } },
		problems: [...o.problems, 'otp_limit'],
	}),
};
const sent = { challenge_id: UUID, channel: 'sms', destination: '+91********10', expires_in: 300, retry_after: 30 };
const TOKEN = ['token_missing', 'token_invalid', 'token_expired', 'session_revoked', 'not_assigned'];
const proof = { schema: 'ProofRequest', examples: { password: { current_password: 'correct horse battery staple' }, code: { code: '492039' } } };

export const paths = {
	'/auth/otp/request': {
		post: {
			id: 'requestOtp', tag: 'Sign-in', summary: 'Send a one-time code',
			description: 'A new code replaces the earlier one. A person with a second factor begins with the password (`password_required`); the code that follows can be sent once more by `mfa_token`.',
			request: { schema: 'OtpRequest', examples: { mobile: { identifier: '+919876543210' }, email: { identifier: 'asha.rao@example.org', channel: 'email' }, again: { mfa_token: MFA_TOKEN } } },
			answers: { 200: { description: 'The code is on its way.', schema: 'OtpSent', examples: { sent } } },
			problems: ['user_not_found', 'not_assigned', 'user_disabled', 'password_required', 'otp_expired', 'otp_cooldown', 'otp_limit', 'delivery_unavailable'],
		},
	},
	'/auth/otp/verify': {
		post: {
			id: 'verifyOtp', tag: 'Sign-in', summary: 'Sign in with a code, or with the second factor',
			description: 'A code works once, for the application, person and purpose that it was made for. With `mfa_token` any of the methods that the sign-in named is taken.',
			request: {
				schema: 'OtpVerifyRequest',
				examples: { challenge: { challenge_id: UUID, code: '492039', device_id: 'browser-7f3a' }, person: { identifier: '+919876543210', code: '492039' }, second: { mfa_token: MFA_TOKEN, code: '492039' } },
			},
			answers: { 200: { description: 'The session is open.', schema: 'Tokens', examples: { tokens: example.tokens } } },
			problems: ['otp_invalid', 'otp_expired', 'not_assigned', 'user_disabled', 'password_required', 'otp_locked', 'too_many_attempts'],
		},
	},
	'/auth/mfa/totp': {
		post: {
			id: 'beginTotp', tag: 'Second factor', security: 'token', summary: 'Begin to enrol an authenticator app',
			description: 'Nothing changes until it is confirmed; beginning again makes another secret.',
			request: { schema: 'TotpBeginRequest', isOptional: true, examples: { client: { client_ip: '203.0.113.7' } } },
			answers: {
				200: {
					description: 'To be scanned.', schema: 'TotpBegun',
					examples: { begun: { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', otpauth_uri: 'otpauth://totp/Identity%20Services:asha.rao%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Identity%20Services', algorithm: 'SHA1', digits: 6, period: 30, qr_svg: '<svg xmlns="http://www.w3.org/2000/svg"/>' } },
				},
			},
			problems: [...TOKEN, 'totp_enrolled'],
		},
	},
	'/auth/mfa/totp/confirm': {
		post: {
			id: 'confirmTotp', tag: 'Second factor', security: 'token', summary: 'Finish enrolling: the app shows the right code',
			description: 'From now on signing in takes the second factor. The person is told.',
			request: { schema: 'TotpConfirmRequest', examples: { code: { code: '492039' } } },
			answers: { 200: { description: 'It is enrolled.', schema: 'TotpConfirmed', examples: { enabled: { enabled: true, recovery_codes_left: 0 } } } },
			problems: [...TOKEN, 'totp_enrolled', 'totp_not_enrolled'],
		},
	},
	'/auth/mfa/totp/remove': {
		post: {
			id: 'removeTotp', tag: 'Second factor', security: 'token', summary: 'Remove the authenticator app',
			description: 'Takes the password, or a code of the app, or a recovery code. Other sessions of the person end; the person is told.',
			request: proof,
			answers: { 200: { description: 'It is gone.', schema: 'TotpRemoved', examples: { removed: { enabled: false, revoked: 2 } } } },
			problems: [...TOKEN, 'invalid_credentials', 'otp_invalid', 'totp_not_enrolled', 'too_many_attempts'],
		},
	},
	'/auth/mfa/recovery-codes': {
		post: {
			id: 'makeRecoveryCodes', tag: 'Second factor', security: 'token', summary: 'Make ten recovery codes',
			description: 'Takes the same proof as removing the app. Earlier codes are void; the person is told.',
			request: proof,
			answers: { 200: { description: 'Shown once.', schema: 'RecoveryCodes', examples: { codes: { recovery_codes: Array.from({ length: 10 }, (_, i) => `7k2m-q9x4-h3t8-w5n${i}`) } } } },
			problems: [...TOKEN, 'invalid_credentials', 'otp_invalid', 'too_many_attempts'],
		},
	},
};
