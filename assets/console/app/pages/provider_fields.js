// provider_fields - what a provider document holds (api.md 6), as tables that
// the form is drawn from.  A field: path in the document, label, hint, kind
// and |when| it is asked for.

const is = (path, ...values) => (doc) => values.includes(at(doc, path));

export const TYPES = {
	generic: { name: 'Generic API', channel: 'SMS', text: 'Any SMS service that takes an HTTP request. You say what is sent and how success is recognised.' },
	fast2sms: { name: 'Fast2SMS', channel: 'SMS', text: 'India. DLT routes with approved templates, the OTP route, or Quick.' },
	carrier_email: { name: 'US carrier e-mail to SMS', channel: 'SMS', text: 'Mails to a gateway of the person’s carrier. Best effort: carriers are closing these, and nothing tells whether a message arrived.' },
	smtp: { name: 'SMTP', channel: 'E-mail', text: 'Your mail server. Also carries password recovery and security notices.' },
};

const PLACEHOLDERS = '{to} {to_e164} {to_national} {country_code} {code} {message} {template_id} {locale} {sender} {ttl_minutes} {app_name} {request_id}';
const uses = (name) => (d) => JSON.stringify([d.url, d.body, d.headers]).includes(`{${name}}`);
const signed = (d) => Boolean(at(d, 'signature.secret'));
const CLASSES = [['retry', 'Try again, then the next provider'], ['user', 'The person’s number is wrong'], ['config', 'Our configuration is wrong'], ['balance', 'No balance left'], ['throttled', 'Too many: given up']];
export const ERROR_CLASSES = CLASSES;

const GENERIC = [
	{ group: 'Request' },
	{ path: 'method', label: 'Method', kind: 'select', options: [['POST', 'POST'], ['GET', 'GET'], ['PUT', 'PUT']] },
	{ path: 'url', label: 'Address', kind: 'url', hint: 'https only. Private addresses are refused unless IDENTITY_EGRESS_ALLOW lists them.', isRequired: true },
	{ path: 'content_type', label: 'Body is', kind: 'select', when: (d) => d.method !== 'GET', options: [['application/json', 'JSON'], ['application/x-www-form-urlencoded', 'Form'], ['application/xml', 'XML'], ['text/plain', 'Text']] },
	{ path: 'body', label: 'Body', kind: 'code', when: (d) => d.method !== 'GET', hint: `Placeholders, escaped for where they stand: ${PLACEHOLDERS}` },
	{ path: 'sender', label: 'Sender', hint: 'What {sender} stands for.' },
	{ path: 'number_format', label: 'Number in {to}', kind: 'select', when: uses('to'), options: [['', '+919876543210'], ['digits', '919876543210'], ['00', '00919876543210'], ['national', '9876543210']] },
	{ path: 'template_id', label: 'Template id', when: uses('template_id'), hint: 'What {template_id} stands for where none of the following does.' },
	{ path: 'template_ids', label: 'Template ids by text', kind: 'ids', when: uses('template_id'), hint: 'First the id for a text in the language of the person is taken, then that for the text in any language.' },
	{ path: 'headers', label: 'Header fields', kind: 'headers' },
	{ path: 'secrets', label: 'Other secrets', kind: 'secrets', hint: 'Used in the address, header fields and body as {secret.NAME}.' },
	{ group: 'Proof of identity' },
	{ path: 'auth.kind', label: 'How the service proves who it is', kind: 'select', options: [['none', 'Not at all'], ['basic', 'User name and password'], ['bearer', 'Bearer token'], ['header', 'Key in a header field'], ['query', 'Key in the address (ends up in logs)']] },
	{ path: 'auth.username', label: 'User name', when: is('auth.kind', 'basic'), isRequired: true },
	{ path: 'auth.password', label: 'Password', kind: 'secret', when: is('auth.kind', 'basic') },
	{ path: 'auth.token', label: 'Token', kind: 'secret', when: is('auth.kind', 'bearer') },
	{ path: 'auth.name', label: 'Name of the field', when: is('auth.kind', 'header', 'query'), isRequired: true },
	{ path: 'auth.value', label: 'Key', kind: 'secret', when: is('auth.kind', 'header', 'query') },
	{ path: 'signature.secret', label: 'Signing secret', kind: 'secret', hint: 'For an HMAC-SHA-256 of the body. Empty: not signed.' },
	{ path: 'signature.header', label: 'Signature goes into', when: signed, hint: 'Empty: X-Signature.' },
	{ path: 'signature.timestamp_header', label: 'Time goes into', when: signed, hint: 'Then time, a dot and the body are signed. Empty: no time.' },
	{ path: 'signature.encoding', label: 'Written as', kind: 'select', when: signed, options: [['', 'Hex'], ['base64', 'Base64']] },
	{ path: 'signature.prefix', label: 'Prefix', when: signed, hint: 'Such as sha256=.', width: 'short' },
	{ group: 'How success is recognised' },
	{ path: 'success.status', label: 'Status', hint: '2xx, or one such as 201.', width: 'short' },
	{ path: 'success.pointer', label: 'JSON pointer', hint: 'Such as /ok. Empty: the status alone decides.' },
	{ path: 'success.equals', label: 'Equals', kind: 'json', when: (d) => Boolean(at(d, 'success.pointer')) && !at(d, 'success.matches'), hint: 'As JSON: true, "ok", 0.', width: 'short' },
	{ path: 'success.matches', label: 'Or matches', when: (d) => Boolean(at(d, 'success.pointer')) && at(d, 'success.equals') === undefined, hint: 'A regular expression.' },
	{ path: 'message_id_pointer', label: 'Pointer to the message id' },
	{ path: 'cost_pointer', label: 'Pointer to the cost' },
	{ path: 'cost_unit', label: 'Cost is in', kind: 'select', when: (d) => Boolean(d.cost_pointer), options: [['', 'Units of the price table'], ['hundredth', 'Hundredths'], ['thousandth', 'Thousandths'], ['millionth', 'Millionths']] },
	{ path: 'errors.pointer', label: 'Pointer to the error code', hint: 'What each code means decides whether another provider is tried.' },
	{ path: 'errors.map', label: 'Error codes', kind: 'map', options: CLASSES, when: (d) => Boolean(at(d, 'errors.pointer')) },
];

const FAST2SMS = [
	{ group: 'Fast2SMS' },
	{ path: 'api_key', label: 'API key', kind: 'secret', isRequired: true, hint: 'From Dev API on fast2sms.com.' },
	{ path: 'route', label: 'Route', kind: 'select', options: [['otp', 'OTP: fixed text, needs KYC'], ['dlt', 'DLT: template saved in DLT Manager'], ['dlt_manual', 'DLT manual: full approved text'], ['q', 'Quick: no DLT, dearer']] },
	{ path: 'sender_id', label: 'Sender id', when: is('route', 'dlt', 'dlt_manual'), hint: '3 to 6 letters, as registered at DLT.', width: 'short', isRequired: true },
	{ path: 'message_id', label: 'Message id', when: is('route', 'dlt'), hint: 'The number that DLT Manager shows beside the template.', isRequired: true, width: 'short' },
	{ path: 'variables', label: 'Variables', kind: 'list', when: is('route', 'dlt'), hint: 'In the order of the template, separated by commas: code, ttl_minutes, app_name.' },
	{ path: 'entity_id', label: 'Entity id', when: is('route', 'dlt_manual'), hint: '19 digits.' },
	{ path: 'template_id', label: 'Template id', when: is('route', 'dlt_manual'), hint: '19 digits.' },
	{ path: 'template_text', label: 'Approved text', kind: 'text', when: is('route', 'dlt_manual'), hint: 'Character for character as approved, with {code}, {ttl_minutes} and {app_name} in the places of the variables: operators drop what differs in one character.', isRequired: true },
	{ path: 'flash', label: 'Send as flash message', kind: 'check' },
	{ path: 'base_url', label: 'Address', kind: 'url', hint: 'Empty: Fast2SMS’s own.' },
];

const CARRIER = [
	{ group: 'Carrier gateways' },
	{ path: 'smtp', label: 'Sent through', kind: 'smtp', isRequired: true, hint: 'The SMTP provider that carries the mail.' },
	{ path: 'carriers', label: 'Changes to the shipped table', kind: 'carriers' },
];

const SMTP = [
	{ group: 'Mail server' },
	{ path: 'host', label: 'Host', isRequired: true },
	{ path: 'port', label: 'Port', kind: 'number', width: 'short', hint: '465 with TLS, 587 with STARTTLS.' },
	{ path: 'security', label: 'Connection', kind: 'select', options: [['tls', 'TLS from the start'], ['starttls', 'STARTTLS, required'], ['none', 'Not encrypted']] },
	{ note: 'Codes and passwords travel in the clear. Only for a mail server on the same machine.', when: is('security', 'none') },
	{ path: 'username', label: 'User name', autocomplete: 'off' },
	{ path: 'password', label: 'Password', kind: 'secret', when: (d) => Boolean(d.username) },
	{ path: 'from', label: 'From', isRequired: true, hint: 'An address, or Name <address>.' },
	{ path: 'reply_to', label: 'Reply to' },
];

const COMMON = [
	{ group: 'When it is used' },
	{ path: 'countries', label: 'Dialling codes', kind: 'list', when: (d) => d.type !== 'smtp', hint: 'Such as 91, 1. Empty: all countries.' },
	{ path: 'timeout_s', label: 'Give up after', kind: 'number', width: 'short', hint: 'Seconds, 1 to 60.' },
	{ path: 'retries', label: 'Retries', kind: 'number', width: 'short', hint: 'Before the next provider, 0 to 5. Empty: 1.' },
	{ path: 'backoff_ms', label: 'First wait at most', kind: 'number', width: 'short', hint: 'Milliseconds, 200 to 30000; then twice as long each time. Empty: 1000.' },
];

export const FIELDS = {
	generic: [...GENERIC, ...COMMON], fast2sms: [...FAST2SMS, ...COMMON],
	carrier_email: [...CARRIER, ...COMMON], smtp: [...SMTP, ...COMMON],
};

export const BLANK = {
	generic: { method: 'POST', url: '', content_type: 'application/json', body: '{"to":"{to_e164}","text":"{message}"}', headers: {}, auth: { kind: 'none' }, success: { status: '2xx' } },
	fast2sms: { route: 'otp' },
	carrier_email: {},
	smtp: { port: 465, security: 'tls' },
};

// ---- documents

export function at(doc, path) {
	return path.split('.').reduce((o, k) => o?.[k], doc);
}

// A copy of |doc| with |value| at |path|; undefined or '' takes it out.
export function put(doc, path, value) {
	const [key, ...rest] = path.split('.');
	const out = { ...doc };
	const v = rest.length > 0 ? put(out[key] ?? {}, rest.join('.'), value) : value;
	if (v === undefined || v === '') delete out[key];
	else out[key] = v;
	return out;
}

const ANSWERED = ['state', 'balance', 'balance_at', 'paused_until', 'last_ok_at', 'last_error_at', 'last_error', 'tested_at', 'version', 'created_at', 'updated_at', 'updated_by'];

// What GET answered, as PUT takes it: without what the service adds, and
// without what the form does not ask for any more.
export function documentOf(provider, drafts = provider) {
	let doc = Object.fromEntries(Object.entries(drafts).filter(([k]) => !ANSWERED.includes(k)));
	for (const f of FIELDS[doc.type]) {
		if (f.path && f.when && !f.when(doc)) doc = put(doc, f.path, undefined);
	}
	for (const group of ['auth', 'signature', 'success', 'errors', 'secrets', 'headers', 'template_ids']) {
		if (doc[group] && Object.keys(doc[group]).length === 0) doc = put(doc, group, undefined);
	}
	return doc;
}

// Who would be asked for each dialling code: { code, names }, the rest last.
export function routing(providers) {
	const sms = providers.filter((p) => p.type !== 'smtp' && p.enabled).sort((a, b) => a.priority - b.priority);
	const codes = [...new Set(sms.flatMap((p) => p.countries ?? []))].sort((a, b) => Number(a) - Number(b));
	const to = (code) => sms.filter((p) => !p.countries?.length || p.countries.includes(code)).map((p) => p.name);
	return [...codes.map((code) => ({ code, names: to(code) })), { code: null, names: sms.filter((p) => !p.countries?.length).map((p) => p.name) }];
}
