// console_apps - the registry of applications, who may call, keys.

import { APP_UUID, UUID } from './common.mjs';
import { PAGE, PAGING, TIME, area, bool, int, list, listOf, object, open, orNull, q, ref, text, time } from './console_common.mjs';

const { paths, get, post, put, patch, del } = area('Console: applications');
export { paths };

const app = {
	id: APP_UUID, name: 'Payroll', is_enabled: true, rate_per_minute: null, created_at: TIME, updated_at: TIME, version: 1, users: 120, keys: 1,
	allowed_ips: [{ block: '10.1.2.0/24', label: 'servers' }], last_used_at: TIME, denied_24h: 0,
};
const key = {
	id: '7Fq2mXo3bq9s', label: 'production', prefix: 'isk_7Fq2…', last4: 'x9Kd', is_enabled: true, created_at: TIME, created_by: { id: UUID, name: 'Asha Rao' },
	expires_at: null, last_used_at: TIME, last_used_ip: '10.1.2.7', requests_24h: 1400,
};
const keyOnce = { ...key, key: 'isk_7Fq2mXo3bq9s_…' };
const entry = object({ block: text('An address or a CIDR block.'), label: orNull(text()) });
const keyFields = {
	id: text(), label: orNull(text()), prefix: text(), last4: text(), is_enabled: bool(), created_at: time(), created_by: { oneOf: [ref('IdName'), { type: 'null' }] },
	expires_at: orNull(time()), last_used_at: orNull(time()), last_used_ip: orNull(text()),
	requests_24h: int('Requests let through in 24 hours; refused ones are not counted. Up to a minute late.'),
};

export const schemas = {
	RegisteredApp: object({
		id: text(undefined, { format: 'uuid' }), name: text(), is_enabled: bool(), rate_per_minute: orNull(int('Requests a minute; null: no limit.')), created_at: time(), updated_at: time(),
		version: int('For If-Match.'), users: int('Assigned people.'), keys: int(), allowed_ips: list(entry), last_used_at: orNull(time()), denied_24h: int('Refused calls in 24 hours.'),
	}),
	RegisteredApps: listOf('RegisteredApp'),
	AppCreate: open({ name: text(undefined, { maxLength: 100 }), allowed_ips: list(open({ block: text(), label: orNull(text()) })), rate_per_minute: orNull(int()) }, { required: ['name'] }),
	AppChange: open({ name: text(), is_enabled: bool(), rate_per_minute: orNull(int()) }),
	AllowedIps: open({ entries: list(open({ block: text(), label: orNull(text()) })) }, { required: ['entries'] }),
	AddressTest: open({ address: text() }, { required: ['address'] }),
	AddressTested: object({ allowed: bool(), block: orNull(text('The block that lets it in.')) }),
	AllowedSuggestions: object({
		your_address: orNull(text()), denied: list(object({ address: text(), count: int(), last_at: time() })), seen: list(object({ address: text(), last_at: time() })),
	}),
	AppKey: object(keyFields),
	AppKeys: object({ data: list(ref('AppKey')) }),
	AppKeyOnce: object({ ...keyFields, key: text('Shown this once.') }),
	KeyCreate: open({ label: orNull(text()), expires_in_days: orNull(int()) }),
	KeyChange: open({ label: orNull(text()), is_enabled: bool(), expires_at: orNull(time()) }),
	AppSync: open({ last_sync_at: orNull(time()), acked_at: orNull(time()), behind: orNull(int('Changes that were not fetched.')), full_at: orNull(time()) }),
	Webhook: open({ url: orNull(text()), is_enabled: bool(), last_ok_at: orNull(time()), last_error: orNull(text()), next_attempt_at: orNull(time()), secret: text('Shown this once.') }),
	WebhookChange: open({ url: text(), is_enabled: bool() }, { required: ['url'] }),
	WebhookTested: open({ ok: bool() }),
	KeyRotate: open({ old_expires_in_s: int('How long the old key still works.', { minimum: 0, maximum: 2592000 }), label: orNull(text()), expires_in_days: orNull(int()) }),
};

const APP = '/applications/{id}';
const params = { id: APP_UUID };
const one = [200, 'RegisteredApp', app];

get('/applications', { id: 'listApps', summary: 'Applications', ok: [200, 'RegisteredApps', { data: [app], page: PAGE }], query: [q('q', 'Part of a name.'), ...PAGING, q('count', '`1`: count them too.')] });
post('/applications', { id: 'createApp', summary: 'Register an application', body: ['AppCreate', { name: 'Payroll', allowed_ips: [{ block: '10.1.2.0/24' }] }], ok: [201, 'RegisteredApp', app], tagged: true, problems: ['conflict'] });
get(APP, { id: 'getApp', summary: 'One application', params, ok: one, tagged: true });
patch(APP, { id: 'changeApp', summary: 'Change an application', params, body: ['AppChange', { is_enabled: false }], ok: one, versioned: true, problems: ['conflict'] });
del(APP, { id: 'deleteApp', summary: 'Delete an application with its keys and sessions', params, versioned: true, stepUp: true });
put(`${APP}/allowed-ips`, { id: 'setAllowedIps', summary: 'Who may call', params, description: 'The whole list; an empty one refuses everybody.', body: ['AllowedIps', { entries: [{ block: '10.1.2.0/24', label: 'servers' }] }], ok: one, versioned: true });
post(`${APP}/allowed-ips/test`, { id: 'testAddress', summary: 'Would this address be let in?', params, body: ['AddressTest', { address: '10.1.2.7' }], ok: [200, 'AddressTested', { allowed: true, block: '10.1.2.0/24' }] });
get(`${APP}/allowed-ips/suggest`, { id: 'suggestAddresses', summary: 'Addresses that called lately', params, ok: [200, 'AllowedSuggestions', { your_address: '203.0.113.9', denied: [], seen: [] }] });
get(`${APP}/keys`, { id: 'listKeys', summary: 'Keys', params, ok: [200, 'AppKeys', { data: [key] }] });
post(`${APP}/keys`, { id: 'createKey', summary: 'A new key', params, description: 'The key itself is in this answer and never again.', body: ['KeyCreate', { label: 'production', expires_in_days: 365 }], ok: [201, 'AppKeyOnce', keyOnce], problems: ['conflict'] });
patch(`${APP}/keys/{key_id}`, { id: 'changeKey', summary: 'Change a key', params, body: ['KeyChange', { is_enabled: false }], ok: [200, 'AppKey', key] });
del(`${APP}/keys/{key_id}`, { id: 'deleteKey', summary: 'Delete a key', params });
post(`${APP}/keys/{key_id}/rotate`, { id: 'rotateKey', summary: 'A new key, while the old one runs out', params, body: ['KeyRotate', { old_expires_in_s: 86400 }], ok: [201, 'AppKeyOnce', keyOnce], problems: ['conflict'] });
get(`${APP}/sync`, { id: 'getAppSync', summary: 'How far the application has followed', params, ok: [200, 'AppSync', { last_sync_at: TIME, acked_at: TIME, behind: 0, full_at: TIME, last_leaver: null }] });
get(`${APP}/webhook`, { id: 'getWebhook', summary: 'Who is told of changes', params, ok: [200, 'Webhook', { url: 'https://payroll.example.org/hook', is_enabled: true, last_ok_at: TIME, last_error: null, next_attempt_at: null }] });
put(`${APP}/webhook`, { id: 'setWebhook', summary: 'Tell this address of changes', params, body: ['WebhookChange', { url: 'https://payroll.example.org/hook', is_enabled: true }], ok: [200, 'Webhook', { url: 'https://payroll.example.org/hook', is_enabled: true }] });
del(`${APP}/webhook`, { id: 'removeWebhook', summary: 'Tell nobody', params });
post(`${APP}/webhook/test`, { id: 'testWebhook', summary: 'Send a test to it', params, ok: [200, 'WebhookTested', { ok: true }] });
