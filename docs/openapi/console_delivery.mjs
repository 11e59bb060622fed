// console_delivery - how messages get to people.

import { APP_UUID, OTHER_UUID } from './common.mjs';
import { PAGE, PAGING, TIME, area, bool, int, list, listOf, object, open, orNull, q, ref, text, time } from './console_common.mjs';

const { paths, get, post, put, del } = area('Console: authentication');
export { paths };

const number = (description) => ({ type: 'number', ...(description ? { description } : {}) });
const provider = {
	name: 'gateway', type: 'generic', enabled: true, priority: 10, countries: [], timeout_s: 10, method: 'POST', url: 'https://sms.example.org/send',
	auth: { kind: 'bearer', token: { set: true } }, body: '{"to":"{to_e164}","text":"{message}"}', success: { status: '2xx' },
	id: OTHER_UUID, state: 'ready', last_ok_at: TIME, last_error_at: null, last_error: null, tested_at: TIME, version: 2,
};
const { id, state, last_ok_at: ok, last_error_at: bad, last_error: why, tested_at: tested, version, ...document } = provider;
const template = { name: 'sign_in_code', channel: 'sms', language: 'en', subject: null, text: '{{code}} is your code.', html: null, is_default: false };
const span = object({ sent: int(), refused: int(), cost: int('Millionths of the unit of the price table: by the prices, or what a provider said where that is more.'), reported: int('What providers said, in millionths.'), max: int(), budget: int() }, { additionalProperties: true });

export const schemas = {
	ProviderDocument: open({
		name: text(), type: text(undefined, { enum: ['generic', 'fast2sms', 'carrier_email', 'smtp'] }), enabled: bool(), priority: int('Lower first.'),
		countries: list(text(), { description: 'Dialling codes; empty: all.' }), timeout_s: int(),
		retries: int('Before the next provider, 0 to 5; 1 when left out.'), backoff_ms: int('The longest first wait, 200 to 30000; 1000 when left out.'),
	}, { required: ['name', 'type'], description: 'With the fields of its type. A secret that is left out, or sent as `{"set":true}`, stays.' }),
	Provider: open({
		name: text(), type: text(), enabled: bool(), priority: int(), id: text('The address for receipts ends with it.'), state: text(undefined, { enum: ['ready', 'not_configured', 'failing', 'retiring', 'paused'] }),
		last_ok_at: orNull(time()), last_error_at: orNull(time()), last_error: orNull(text()), tested_at: orNull(time()), version: int('For If-Match.'),
	}, { required: ['name', 'type', 'state', 'version'], description: 'The document with what became of it; secrets are `{"set":true}`.' }),
	Providers: open({ data: list(ref('Provider')) }, { required: ['data'] }),
	ProviderTest: open({ to: text('A mobile number or an e-mail address.'), text: text() }, { required: ['to'] }),
	ProviderTested: open({ ok: bool(), ms: int(), transcript: { type: ['object', 'null'], additionalProperties: true, description: 'request, status, body; without secrets.' }, error: orNull(text()), message_id: orNull(text()), cost: orNull(int('That the answer tells, in millionths.')), note: orNull(text('What is odd in the answer.')), hint: orNull(text()) }, { required: ['ok'] }),
	Carriers: open({ data: list(open({ id: text(), name: text(), domain: text(), status: text(undefined, { enum: ['active', 'unverified', 'sunset', 'dead'] }), warning: orNull(text()), mx_ok: { type: ['boolean', 'null'], description: 'Whether its domain takes mail; null: not known.' }, mx_checked_at: orNull(time()) })) }, { required: ['data'] }),
	Template: open({ name: text(), channel: text(), language: text(), subject: orNull(text()), text: orNull(text()), html: orNull(text()), is_default: bool() }),
	Templates: open({ data: list(ref('Template')) }, { required: ['data'] }),
	TemplateChange: open({ subject: orNull(text()), text: text(), html: orNull(text()) }, { required: ['text'] }),
	TemplateDraft: open({ name: text(), channel: text(), language: text(), subject: orNull(text()), text: text(), html: orNull(text()) }, { required: ['name', 'channel'] }),
	TemplatePreview: open({ subject: orNull(text()), text: text(), html: orNull(text()), segments: orNull(int()), encoding: orNull(text()), characters: orNull(int()), warnings: list(text()) }, { required: ['text'] }),
	Spend: open({
		hour: span, day: span, countries: list(open({ code: text(), sent: int(), verified: int(), ratio: { type: ['number', 'null'] } })), breaker: open({ open: bool(), until: orNull(time()) }),
		recent: list(open({ at: time(), destination: orNull(text('Masked.')), country: orNull(text()), decision: text(), reason: orNull(text()), cost: orNull(int('By the prices, in millionths.')), cost_reported: orNull(int()) })),
	}, { required: ['hour', 'day', 'countries', 'breaker', 'recent'] }),
	Prices: open({ data: list(open({ prefix: text(), provider: orNull(text()), price: number('Millionths of the unit.') })) }, { required: ['data'] }),
	OutboxMessage: open({ id: text(), kind: text(), channel: text(), destination: orNull(text('Masked.')), state: text(), attempts: int(), provider: orNull(text()), cost: orNull(int('By the prices, in millionths.')), cost_reported: orNull(int('What the provider said.')), last_error: orNull(text()), created_at: time(), ended_at: orNull(time()), expires_at: orNull(time()),
		receipt: orNull(text('`delivered` or `failed`, as the provider reported later.')), receipt_at: orNull(time()), receipt_error: orNull(text()) }),
	Outbox: listOf('OutboxMessage'),
};

get('/providers', { id: 'listProviders', summary: 'Providers, in the order they are asked', ok: [200, 'Providers', { data: [provider] }] });
get('/providers/{name}', { id: 'getProvider', summary: 'One provider', ok: [200, 'Provider', provider], tagged: true });
put('/providers/{name}', { id: 'saveProvider', summary: 'Make or replace a provider', description: 'If-Match is needed when it is there already.', isAnyName: true, body: ['ProviderDocument', document], ok: [200, 'Provider', provider], orCreated: true, tagged: true, problems: ['if_match_required', 'precondition_failed'] });
del('/providers/{name}', { id: 'deleteProvider', summary: 'Take a provider away', versioned: true });
post('/providers/{name}/test', { id: 'testProvider', summary: 'Send one message by it', body: ['ProviderTest', { to: '+919876543210' }], ok: [200, 'ProviderTested', { ok: true, ms: 212, transcript: { request: 'POST https://sms.example.org/send', status: 200, body: '{"ok":true}' }, error: null, message_id: 'm-17', cost: 7500, note: null, hint: null }], problems: ['rate_limited'] });
get('/carriers', { id: 'listCarriers', summary: 'Carriers that take e-mail for text messages', ok: [200, 'Carriers', { data: [{ id: 'google_fi', name: 'Google Fi', domain: 'msg.fi.google.com', status: 'active', warning: null, mx_ok: true, mx_checked_at: TIME }] }] });
get('/templates', { id: 'listTemplates', summary: 'Texts of messages', ok: [200, 'Templates', { data: [template] }] });
const TEMPLATE = '/templates/{name}/{channel}/{language}';
const params = { name: 'sign_in_code' };
put(TEMPLATE, { id: 'setTemplate', summary: 'A text of your own', params, body: ['TemplateChange', { text: 'Your code: {{code}}' }], ok: [200, 'Template', template] });
del(TEMPLATE, { id: 'resetTemplate', summary: 'Back to the shipped text', params });
post('/templates/preview', { id: 'previewTemplate', summary: 'What a text would look like', body: ['TemplateDraft', { name: 'sign_in_code', channel: 'sms', language: 'en', text: 'Your code: {{code}}' }], ok: [200, 'TemplatePreview', { subject: null, text: 'Your code: 492039', html: null, segments: 1, encoding: 'GSM-7', characters: 17, warnings: [] }] });
get('/spend', { id: 'getSpend', summary: 'The ceiling over text messages', ok: [200, 'Spend', { hour: { sent: 42, refused: 0, cost: 8400000, reported: 7980000, max: 500, budget: 0 }, day: { sent: 412, refused: 3, cost: 82400000, reported: 78280000, max: 3000, budget: 0 }, countries: [{ code: '91', sent: 380, verified: 352, ratio: 0.92 }], breaker: { open: false, until: null }, recent: [{ at: TIME, destination: '+91********10', country: '91', decision: 'sent', reason: null, cost: 200000, cost_reported: 190000, application_id: APP_UUID }] }] });
get('/prices', { id: 'getPrices', summary: 'Prices of text messages', ok: [200, 'Prices', { data: [{ prefix: '91', provider: null, price: 200000 }] }] });
put('/prices', { id: 'setPrices', summary: 'The whole table of prices', body: ['Prices', { data: [{ prefix: '91', provider: null, price: 200000 }] }], ok: [200, 'Prices', { data: [{ prefix: '91', provider: null, price: 200000 }] }] });
get('/outbox', { id: 'listOutbox', summary: 'What was to be sent', ok: [200, 'Outbox', { data: [{ id: OTHER_UUID, kind: 'sign_in_code', channel: 'sms', destination: '+91********10', state: 'sent', attempts: 1, provider: 'gateway', cost: 200000, cost_reported: 190000, last_error: null, created_at: TIME, ended_at: TIME, expires_at: TIME, receipt: 'delivered', receipt_at: TIME, receipt_error: null }], page: PAGE }], query: [q('state', 'Only these.'), ...PAGING] });
