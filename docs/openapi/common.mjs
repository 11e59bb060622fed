// common - what several groups of operations share: objects, fields, headers,
// security.  docs/openapi/README.md is the manual.

export const UUID = '0198c2a1-7d3e-7b5a-9c41-5f2e8d90a6b7';
export const OTHER_UUID = '0198c2a1-8f00-7c12-a3d4-1b2c3d4e5f60';
export const APP_UUID = '0198c2a0-1111-7222-8333-444455556666';

export const ref = (name) => ({ $ref: `#/components/schemas/${name}` });
export const object = (properties, required = Object.keys(properties), rest = {}) =>
	({ type: 'object', required, properties, ...rest });
// A body: unknown fields are ignored, which is said out loud.
export const body = (properties, required = [], rest = {}) => ({
	type: 'object', ...(required.length > 0 ? { required } : {}), properties, additionalProperties: true, ...rest,
});

const text = (description, maxLength, rest = {}) => ({ type: 'string', minLength: 1, maxLength, description, ...rest });

// Fields of bodies; every /auth/* body may carry the last two.
export const field = {
	identifier: text('E-mail address or mobile number of the person. `email` or `mobile_number` may be sent in its place; exactly one of the three.', 254),
	email: text('In the place of `identifier`: an e-mail address.', 254),
	mobile_number: text('In the place of `identifier`: a mobile number, E.164 or national.', 254),
	password: text('The password, exactly as typed; 1024 bytes of UTF-8 at most.', 1024, { format: 'password' }),
	new_password: text('The new password; 1024 bytes of UTF-8 at most. The length rule counts characters.', 1024, { format: 'password' }),
	device_id: text('The application\'s own, stable name of the person\'s device; sessions of the same device share it.', 128, { pattern: '^[A-Za-z0-9_.:-]+$' }),
	device_name: text('What the person calls the device; 200 bytes at most, no control characters.', 200),
	code: text('The code as the person typed it.', 32),
	refresh_token: text('The refresh token as it was given out.', 128, { pattern: '^[A-Za-z0-9_.-]+$' }),
};
export const who = { identifier: field.identifier, email: field.email, mobile_number: field.mobile_number };
export const oneOfWho = { oneOf: [{ required: ['identifier'] }, { required: ['email'] }, { required: ['mobile_number'] }] };
export const device = { device_id: field.device_id, device_name: field.device_name };
export const client = {
	client_ip: { type: 'string', description: 'The person\'s own IPv4 or IPv6 address, if the application knows it: for the session\'s device, the audit row and the limits per address.', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
	client_user_agent: text('The person\'s own User-Agent, if the application knows it.', 255),
};

const uuid = (description) => ({ type: 'string', format: 'uuid', description });
const time = (description) => ({
	type: 'string', format: 'date-time', description,
	pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
});
const orNull = (schema) => ({ ...schema, type: [schema.type, 'null'] });

export const example = {};
example.user = {
	auth_user_id: UUID, name: 'Asha Rao', mobile_number: '+919876543210', email: 'asha.rao@example.org', emp_id: 'E-1042',
	status: 'active', mfa_enabled: false, updated_at: '2026-11-23T09:15:00.000Z',
	sync_hash: '5f0d0c1e0f2d0b6b8a7f3f0c3d9e4b21c0a9f8e7d6c5b4a39281706f5e4d3c2b',
};
example.session = {
	id: OTHER_UUID, created_at: '2026-11-23T09:20:00.000Z', expires_at: '2026-11-30T09:20:00.000Z', last_seen_at: '2026-11-23T09:20:00.000Z',
	device: { id: 'browser-7f3a', name: 'Asha\'s laptop', user_agent: 'Mozilla/5.0', ip: '203.0.113.7' },
};
example.application = { id: APP_UUID, name: 'Payroll' };
example.tokens = {
	token_type: 'Bearer',
	access_token: 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiIwMTk4YzJhMSJ9.c2lnbmF0dXJl',
	expires_in: 900,
	refresh_token: 'isr_Jq7mX0o3bq9sT1uVw2xYz4A5bC6dE7fG8hI9jK0lM1n',
	refresh_expires_in: 604800,
	session: example.session, user: example.user, application: example.application,
};

export const schemas = {
	User: object({
		auth_user_id: uuid('The person\'s id, for ever.'),
		name: { type: 'string' },
		mobile_number: orNull({ type: 'string', pattern: '^\\+[1-9][0-9]{6,14}$', description: 'E.164.' }),
		email: orNull({ type: 'string', format: 'email' }),
		emp_id: orNull({ type: 'string', description: 'The organisation\'s own number of the person.' }),
		status: { type: 'string', enum: ['active', 'disabled'] },
		mfa_enabled: { type: 'boolean', description: 'Signing in takes a second factor.' },
		updated_at: time('Last change.'),
		sync_hash: {
			type: 'string', pattern: '^[0-9a-f]{64}$',
			description: 'SHA-256 of the RFC 8785 canonical JSON of {"email","emp_id","mobile_number","name","status"}; absent is null.',
		},
	}, undefined, { description: 'A person of the directory.' }),
	Device: object({
		id: orNull({ type: 'string', description: '`device_id` as the application sent it.' }),
		name: orNull({ type: 'string' }),
		user_agent: orNull({ type: 'string' }),
		ip: orNull({ type: 'string', description: 'The person\'s own address if the application told it, else the application\'s.' }),
	}),
	Session: object({
		id: uuid('The session; `sid` of its access tokens.'),
		created_at: time('When it was opened.'),
		expires_at: time('When it ends unless it is refreshed.'),
		last_seen_at: time('Last use, exact to a minute.'),
		device: ref('Device'),
	}),
	Application: object({ id: uuid('`aud` of its access tokens.'), name: { type: 'string' } }),
	Tokens: object({
		token_type: { type: 'string', const: 'Bearer' },
		access_token: { type: 'string', description: 'JWT of RFC 9068; 15 minutes unless the platform says otherwise.' },
		expires_in: { type: 'integer', minimum: 0, description: 'Seconds that the access token lives.' },
		refresh_token: { type: 'string', pattern: '^isr_[A-Za-z0-9_-]{43}$', description: 'For `/auth/token/refresh`, once.' },
		refresh_expires_in: { type: 'integer', minimum: 0, description: 'Seconds that the refresh token lives.' },
		session: ref('Session'), user: ref('User'), application: ref('Application'),
	}, undefined, { description: 'An open session.' }),
	Problem: object({
		type: { type: 'string', format: 'uri', pattern: '^urn:identity:problem:[a-z_]+$' },
		title: { type: 'string', description: 'Of the code; always the same.' },
		status: { type: 'integer', description: 'The HTTP status once more.' },
		code: { type: 'string', description: 'What a program decides by.' },
		detail: { type: 'string', description: 'A sentence for a person.' },
		request_id: { type: 'string', description: 'X-Request-Id; the log and the audit row carry it too.' },
	}, undefined, { description: 'RFC 9457.' }),
	FieldError: object({
		field: { type: 'string' },
		message: { type: 'string', description: 'What the field must be.' },
	}),
};

export const headers = {
	RequestId: { description: 'The request\'s own X-Request-Id if it is 8 to 64 characters of A-Z a-z 0-9 - _ . and else one made here.', required: true, schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]{8,64}$' }, example: UUID },
	NoStore: { description: 'Nothing about people or tokens is to be kept.', required: true, schema: { type: 'string', const: 'no-store' }, example: 'no-store' },
	RetryAfter: { description: 'Seconds to wait before trying again.', required: true, schema: { type: 'integer', minimum: 1 }, example: 30 },
	WwwAuthenticate: { description: 'With the codes about the access token (RFC 6750): `Bearer error="invalid_token"`; with `token_missing`: `Bearer`.', schema: { type: 'string' }, example: 'Bearer error="invalid_token"' },
	RateLimit: { description: 'What is left (r) and for how long (t, seconds): of the application\'s budget of requests, where it has one, and of the limit that a 429, a sent code or a wrong code is about (draft-ietf-httpapi-ratelimit-headers). Several are a list.', schema: { type: 'string' }, example: '"application";r=99;t=60' },
	RateLimitPolicy: { description: 'What limits this call: the application\'s budget, where it has one, and the limits of codes, passwords and resets: how many (q) in how many seconds (w; without it waits grow instead).', schema: { type: 'string' }, example: '"application";q=100;w=60' },
	Allow: { description: 'With 405: the methods that the path takes.', schema: { type: 'string' }, example: 'POST' },
	ETag: { description: 'Changes with the document.', required: true, schema: { type: 'string' }, example: '"0f1e2d3c"' },
	SyncTag: { description: 'Weak tag of where the page leads; a page that is made in parts has none.', schema: { type: 'string', pattern: '^W/"[A-Za-z0-9_-]{22}"$' }, example: 'W/"yfqrlYIwzKZM1P79B7h5eg"' },
	Vary: { description: 'Packed when asked (gzip; the document by brotli too).', required: true, schema: { type: 'string' }, example: 'accept-encoding' },
	VersionTag: { description: 'The version, for If-Match.', required: true, schema: { type: 'string', pattern: '^"[0-9]+"$' }, example: '"3"' },
	SetCookie: { description: 'The console\'s session.', schema: { type: 'string' }, example: '__Host-identity_console=…; Path=/; Secure; HttpOnly; SameSite=Lax' },
	Attachment: { description: 'A name to save it by.', schema: { type: 'string' }, example: 'attachment; filename="people.csv"' },
	CacheControl: { description: 'May be kept, by anybody.', required: true, schema: { type: 'string' }, example: 'public, max-age=300' },
};

export const securitySchemes = {
	applicationKey: { type: 'apiKey', in: 'header', name: 'X-Auth-Service-Key', description: 'The application\'s key, `isk_…`. It works only from the addresses on the application\'s list.' },
	consoleSession: { type: 'apiKey', in: 'cookie', name: '__Host-identity_console', description: 'The cookie of a console session (`identity_console` over plain HTTP at localhost). Every call but GET needs `Sec-Fetch-Site: same-origin` besides, as browsers send it, or the session\'s `csrf_token` in `X-CSRF-Token`. Bodies are JSON.' },
	accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The person\'s access token.' },
};

export const info = {
	title: 'Identity Services',
	version: '1.0.0',
	license: { name: 'Proprietary', url: 'https://example.org/licence' },
	summary: 'One directory and one sign-in for all applications of an organisation.',
	description: `The contract of the service with the applications that call it.

**Bodies** are JSON objects (\`application/json\`, UTF-8) or forms (\`application/x-www-form-urlencoded\`) with the same
fields, 64 KiB at most. Unknown fields are ignored, and a field that is \`null\` (or empty in a form) is one that is not
there. Everything wrong with the fields is told at once (422, \`errors\`).

**Answers** are JSON. They may gain fields: ignore what you do not know. Times are RFC 3339 in UTC with milliseconds,
ids are UUIDv7.

**Errors** are RFC 9457 \`application/problem+json\` with a fixed \`code\`. Each operation lists the codes that it can
answer. \`default\` stands for what is refused before the operation is reached: what HTTP's own rules or limits forbid,
and a method that the path does not take.

**Order**: key, application, address, budget, and only then the body is read.`,
};

export const tags = [
	{ name: 'Directory', description: 'Who is known.' },
	{ name: 'Sign-in', description: 'Password, one-time code, second factor.' },
	{ name: 'Sessions', description: 'What is open, and its end.' },
	{ name: 'Tokens', description: 'New tokens, keys to check them with, introspection and revocation.' },
	{ name: 'Second factor', description: 'What a person adds to the password.' },
	{ name: 'Password', description: 'Reset and change.' },
	{ name: 'Delivery', description: 'For gateways: what became of a message.' },
	{ name: 'Service', description: 'No key needed.' },
	{ name: 'Console', description: 'What the console calls, for automation: its session. No key, but an administrator.' },
	{ name: 'Console: directory', description: 'People, and imports of them.' },
	{ name: 'Console: applications', description: 'The registry, allowed addresses, keys.' },
	{ name: 'Console: authentication', description: 'Providers, texts, the ceiling, the outbox.' },
	{ name: 'Console: platform', description: 'Settings, token keys, branding, what is in force.' },
	{ name: 'Console: audit', description: 'The log, its purge and its chain; the overview.' },
];

// Members that a problem has beside those of Problem.
export const extras = {
	contact_taken: {
		properties: { field: { type: 'string', description: 'Which of the fields.' }, auth_user_id: { type: ['string', 'null'], description: 'Who has it.' } },
		example: { field: 'email', auth_user_id: UUID },
	},
	// Where a field is what does not fit.
	conflict: { isOptional: true, properties: { errors: { type: 'array', items: ref('FieldError') } } },
	invalid_parameter: {
		properties: { errors: { type: 'array', minItems: 1, items: ref('FieldError'), description: 'One entry for each bad field.' } },
		example: { errors: [{ field: 'identifier', message: 'This field is required.' }] },
	},
	otp_invalid: {
		properties: { attempts_left: { type: 'integer', minimum: 0, description: 'Tries that the code has left.' } },
		example: { attempts_left: 4 },
	},
};
