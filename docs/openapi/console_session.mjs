// console_session - signing in to the console, and the administrator's own
// sessions.

import { UUID, OTHER_UUID } from './common.mjs';
import { TIME, area, bool, int, list, object, orNull, ref, schemas as shared, text, time, uuid } from './console_common.mjs';

const { paths, get, post, del } = area('Console');
export { paths };

const session = {
	person: { auth_user_id: UUID, name: 'Asha Rao', email: 'asha.rao@example.org', mobile_number: null, mfa_enabled: false, has_totp: false },
	csrf_token: 'v6pt504nY8ZbrYV88ESMGTa3VbEJMzienwouOq_l7wA', expires_at: TIME, idle_s: 1800, step_up_until: null,
	brand: { name: 'Identity Services', accent: '#1f5fbf', logo_url: null, support_url: null }, version: '1.0.0',
	environment: { dev_otp: false, public_url: 'https://auth.example.org' },
};
const mfa = { mfa_required: true, mfa_token: 'imt_Jq7mX0o3bq9sT1uVw2xYz4A5bC6dE7fG8hI9jK0lM1n', methods: ['totp'] };
const factors = { mfa_enabled: true, is_required: false, totp: { confirmed_at: TIME, last_used_at: TIME }, recovery_left: 10 };
const begun = { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', otpauth_uri: 'otpauth://totp/Identity%20Services:asha.rao%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Identity%20Services', algorithm: 'SHA1', digits: 6, period: 30, qr_svg: '<svg xmlns="http://www.w3.org/2000/svg"/>' };
const own = { id: OTHER_UUID, created_at: TIME, last_seen_at: TIME, expires_at: TIME, ip: '203.0.113.7', user_agent: 'Mozilla/5.0', is_current: true };

export const schemas = {
	...shared,
	ConsoleSession: object({
		person: object({ auth_user_id: uuid(), name: text(), email: orNull(text()), mobile_number: orNull(text()), mfa_enabled: bool(), has_totp: bool() }),
		csrf_token: text('For X-CSRF-Token.'), expires_at: time('Ends at the latest.'), idle_s: int('Ends when not used for so many seconds.'),
		step_up_until: orNull(time('Dangerous acts are taken until then.')),
		brand: object({ name: text(), accent: text(), logo_url: orNull(text()), support_url: orNull(text()) }), version: text(),
		environment: object({ dev_otp: bool('Codes are shown in answers.'), public_url: text() }),
	}),
	ConsoleMfa: object({
		mfa_required: bool(), mfa_token: text('For `/setup/api/session/verify`.'), methods: list(text(undefined, { enum: ['otp', 'totp'] })),
		challenge_id: uuid(), channel: text(), destination: text(), expires_in: int(), retry_after: int(), dev_code: text(),
	}, { optional: ['challenge_id', 'channel', 'destination', 'expires_in', 'retry_after', 'dev_code'] }),
	ConsoleSignIn: object({ identifier: text('E-mail address or mobile number.', { maxLength: 254 }), password: text(undefined, { maxLength: 1024, format: 'password' }) }, { additionalProperties: true }),
	ConsoleVerify: object({ mfa_token: text(), code: text('Of the app, a recovery code, or the one that was sent.', { maxLength: 32 }) }, { additionalProperties: true }),
	StepUp: { type: 'object', properties: { password: text(undefined, { format: 'password' }), code: text(), challenge_id: uuid() }, additionalProperties: true },
	StepUpDone: object({ step_up_until: time(), csrf_token: text('The token from now on, with a new cookie.') }),
	StepUpCode: object({ challenge_id: uuid(), channel: text(), destination: text(), expires_in: int(), retry_after: int(), dev_code: text() }, { optional: ['retry_after', 'dev_code'] }),
	OwnConsoleSession: object({ id: uuid(), created_at: time(), last_seen_at: time(), expires_at: time(), ip: orNull(text()), user_agent: orNull(text()), is_current: bool() }),
	OwnFactors: object({
		mfa_enabled: bool('Signing in takes a second factor.'), is_required: bool('It is required of every administrator.'),
		totp: orNull(object({ confirmed_at: time(), last_used_at: orNull(time()) })), recovery_left: int('Recovery codes that are not used.', { minimum: 0 }),
	}),
	OwnTotpConfirm: object({ code: text('The digits that the app shows now.', { maxLength: 32 }) }, { additionalProperties: true }),
	OwnConsoleSessions: object({ data: list(ref('OwnConsoleSession')) }),
};

get('/session', { id: 'getConsoleSession', summary: 'Who is signed in to the console', ok: [200, 'ConsoleSession', session] });
post('/session', {
	id: 'signInConsole', summary: 'Sign in to the console', security: 'none', description: 'For programs; people use `/setup/signin`. Sets the cookie, or asks for the second factor. Only administrators get in.',
	body: ['ConsoleSignIn', { identifier: 'asha.rao@example.org', password: 'correct horse battery staple' }],
	ok: [200, ['ConsoleSession', 'ConsoleMfa'], session, 'Signed in, or the second factor is wanted.'], okHeaders: ['SetCookie'],
	problems: ['https_required', 'invalid_credentials', 'too_many_attempts', 'delivery_unavailable', 'internal', 'overloaded', 'database_unavailable', 'body_too_large', 'unsupported_media_type', 'invalid_parameter'],
});
post('/session/verify', {
	id: 'verifyConsole', summary: 'Finish signing in with the second factor', security: 'none', body: ['ConsoleVerify', { mfa_token: mfa.mfa_token, code: '492039' }],
	ok: [200, 'ConsoleSession', session, 'Signed in.'], okHeaders: ['SetCookie'],
	problems: ['https_required', 'invalid_credentials', 'otp_invalid', 'otp_expired', 'otp_locked', 'too_many_attempts', 'internal', 'overloaded', 'database_unavailable', 'body_too_large', 'unsupported_media_type', 'invalid_parameter'],
});
del('/session', { id: 'signOutConsole', summary: 'Sign out of the console', okHeaders: ['SetCookie'] });
post('/session/step-up', {
	id: 'stepUp', summary: 'Prove once more to be there', description: 'Password, code of the app, recovery code, or a code that was sent. Holds for five minutes.',
	body: ['StepUp', { password: 'correct horse battery staple' }], ok: [200, 'StepUpDone', { step_up_until: TIME, csrf_token: session.csrf_token }, 'Confirmed.'], okHeaders: ['SetCookie'],
	problems: ['invalid_credentials', 'otp_invalid', 'otp_expired', 'otp_locked', 'too_many_attempts'],
});
post('/session/step-up/code', {
	id: 'sendStepUpCode', summary: 'Send a code for the step-up', ok: [200, 'StepUpCode', { challenge_id: OTHER_UUID, channel: 'email', destination: 'a***@example.org', expires_in: 300 }, 'It is on its way.'],
	problems: ['otp_cooldown', 'otp_limit', 'delivery_unavailable'],
});
get('/sessions', { id: 'listConsoleSessions', summary: 'The administrator’s own sessions', ok: [200, 'OwnConsoleSessions', { data: [own] }] });
del('/sessions/{id}', { id: 'endConsoleSession', summary: 'End one of them', notFound: 'session_not_found', okHeaders: ['SetCookie'] });

get('/account/mfa', { id: 'getOwnFactors', summary: 'The administrator’s own second factor', ok: [200, 'OwnFactors', factors] });
post('/account/mfa/totp', {
	id: 'beginOwnTotp', summary: 'Begin enrolling an authenticator app', stepUp: true, description: 'The secret holds for 15 minutes; an earlier one that was not confirmed is void.',
	ok: [200, 'TotpBegun', begun, 'To be scanned.'], problems: ['totp_enrolled'],
});
post('/account/mfa/totp/confirm', {
	id: 'confirmOwnTotp', summary: 'Finish enrolling: the app shows the right code', description: 'Switches the second factor on. The administrator is told.',
	body: ['OwnTotpConfirm', { code: '492039' }], ok: [200, 'OwnFactors', factors, 'In force.'], problems: ['totp_enrolled', 'totp_not_enrolled', 'invalid_parameter'],
});
del('/account/mfa/totp', {
	id: 'removeOwnTotp', summary: 'Remove the authenticator app', stepUp: true, description: 'Ends all other sessions. Refused where no second factor would be left to an account that needs one. The administrator is told.',
	ok: [200, 'OwnFactors', { ...factors, totp: null }, 'Removed.'], problems: ['totp_not_enrolled', 'last_factor'],
});
post('/account/mfa/recovery-codes', {
	id: 'makeOwnRecoveryCodes', summary: 'Make ten recovery codes', stepUp: true, description: 'Earlier codes are void. The administrator is told.',
	ok: [200, 'RecoveryCodes', { recovery_codes: Array.from({ length: 10 }, (_, i) => `7k2m-q9x4-h3t8-w5n${i}`) }, 'Shown once.'],
});
