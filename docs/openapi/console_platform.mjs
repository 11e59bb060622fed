// console_platform - settings, token keys, branding, and what is in force.

import { TIME, area, bool, int, list, open, orNull, ref, text, time } from './console_common.mjs';

const { paths, get, post, put, patch, del } = area('Console: platform');
export { paths };

const any = { description: 'Of the kind that the setting has.' };
const setting = { name: 'otp_length', kind: 'int', value: 6, default: 6, min: 6, max: 8, pattern: null, description: 'Digits of a code', is_default: true, updated_at: null, updated_by: null };
const key = { kid: 'k1', alg: 'HS256', state: 'active', fingerprint: '5f0d0c1e', created_at: TIME, retired_at: null, expires_at: null };
const branding = { name: 'Identity Services', accent: '#1f5fbf', support_url: null, logo_url: null };

export const schemas = {
	Setting: open({ name: text(), kind: text(undefined, { enum: ['text', 'int', 'bool', 'list'] }), value: any, default: any, min: orNull(int()), max: orNull(int()), pattern: orNull(text()), description: text(), is_default: bool() }),
	Settings: open({ data: list(ref('Setting')) }, { required: ['data'] }),
	SettingsChange: { type: 'object', additionalProperties: true, description: 'Name to value; null goes back to the default. All or none.' },
	TokenKey: open({ kid: text(), alg: text(), state: text(), fingerprint: text(), created_at: time(), retired_at: orNull(time()), expires_at: orNull(time()) }),
	TokenKeys: open({ data: list(ref('TokenKey')) }, { required: ['data'] }),
	TokenKeyRotate: open({ drop: bool('The old keys verify nothing from now on: everybody signs in again.') }),
	Runtime: open({
		settings: list(open({ name: text(), value: {}, source: text() })), request: { type: 'object', additionalProperties: true, description: 'What this very request looked like.' },
		service: { type: 'object', additionalProperties: true },
	}, { required: ['settings', 'request', 'service'] }),
	Branding: open({ name: text(), accent: text(), support_url: orNull(text()), logo_url: orNull(text()) }),
};

get('/settings', { id: 'listSettings', summary: 'Settings, with what they may be', ok: [200, 'Settings', { data: [setting] }] });
patch('/settings', { id: 'changeSettings', summary: 'Change settings', description: 'Those that matter for security need a step-up.', body: ['SettingsChange', { otp_length: 8 }], ok: [200, 'Settings', { data: [setting] }], problems: ['step_up_required'] });
get('/token-keys', { id: 'listTokenKeys', summary: 'Keys that sign access tokens', ok: [200, 'TokenKeys', { data: [key] }] });
post('/token-keys/rotate', { id: 'rotateTokenKey', summary: 'A new key for access tokens', body: ['TokenKeyRotate', { drop: false }], ok: [200, 'TokenKeys', { data: [key] }], stepUp: true });
get('/runtime', { id: 'getRuntime', summary: 'The values in force, and what this request looked like', ok: [200, 'Runtime', { settings: [{ name: 'IDENTITY_WORKERS', value: '2', source: 'default' }], request: { effective_ip: '203.0.113.9' }, service: { version: '1.0.0' } }] });
get('/branding', { id: 'getBranding', summary: 'Name, colour and logo', ok: [200, 'Branding', branding] });
patch('/branding', { id: 'changeBranding', summary: 'Change them', body: ['Branding', branding], ok: [200, 'Branding', branding] });
put('/branding/logo', { id: 'setLogo', summary: 'A logo: PNG, JPEG or WebP', bodyType: 'image/png', ok: [200, 'Branding', branding] });
del('/branding/logo', { id: 'removeLogo', summary: 'No logo' });
