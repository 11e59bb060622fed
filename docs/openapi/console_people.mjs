// console_people - the directory, as administrators work with it.

import { APP_UUID, OTHER_UUID, UUID, example } from './common.mjs';
import { PAGE, PAGING, TIME, area, bool, int, list, listOf, object, open, orNull, q, ref, text, time, uuid } from './console_common.mjs';

const { paths, get, post, put, patch, del } = area('Console: directory');
export { paths };

const person = {
	...example.user, is_admin: false, language: null, carrier: null, created_at: TIME, last_login_at: TIME, has_password: true, has_totp: false,
	applications: [{ id: APP_UUID, name: 'Payroll' }], devices: 1, sessions: 1, source: 'console', import_id: null, version: 3,
};
const FIELDS = {
	name: text(undefined, { maxLength: 200 }), email: orNull(text(undefined, { maxLength: 254 })), mobile_number: orNull(text('E.164, or national.')), emp_id: orNull(text()),
	is_admin: bool('Setting or taking it needs a step-up.'), mfa_enabled: bool(), language: orNull(text('Of messages, such as `en`.')), carrier: orNull(text('Id of a mobile carrier.')),
	applications: list(uuid(), { description: 'All that are assigned.' }),
};
const FILTERS = [
	q('q', 'Part of a name, e-mail address, employee id or number; two characters at least.'), q('status', 'Only these.', { type: 'string', enum: ['active', 'disabled'] }),
	q('admin', '`1`: administrators.'), q('app', 'Those assigned to this application.', { type: 'string', format: 'uuid' }), q('mfa', 'By second factor.', { type: 'string', enum: ['none', 'on', 'totp'] }),
	q('never', '`1`: who never signed in.'), q('inactive_days', 'Who did not sign in for so many days.', { type: 'integer' }), q('import', 'Whom this import created.', { type: 'string', format: 'uuid' }),
	q('source', 'By where they came from.', { type: 'string', enum: ['console', 'cli', 'import', 'setup'] }),
];
const bulkFilter = open({ q: text(), status: text(), app: text() }, { description: 'The filters of the list.' });

export const schemas = {
	Person: object({
		auth_user_id: uuid(), name: text(), mobile_number: orNull(text()), email: orNull(text()), emp_id: orNull(text()), status: text(undefined, { enum: ['active', 'disabled'] }),
		mfa_enabled: bool(), updated_at: time(), sync_hash: text(), is_admin: bool(), language: orNull(text()), carrier: orNull(text()), created_at: time(),
		last_login_at: orNull(time()), has_password: bool(), has_totp: bool(), applications: list(ref('IdName')), devices: int('Known devices.'), sessions: int('Open sessions.'),
		source: orNull(text('Where this person came from; null: not known.', { enum: ['console', 'cli', 'import', 'setup', null] })), import_id: orNull(uuid('The import that created this person.')), version: int('For If-Match.'),
	}, { description: 'A person, as an administrator sees it.' }),
	People: listOf('Person'),
	PersonCreate: open({ ...FIELDS, password: text('A first password; left out: none.', { format: 'password' }) }, { required: ['name'] }),
	PersonChange: open(FIELDS, { description: 'What is left out stays; null takes it away.' }),
	PersonSecurity: object({
		password_set_at: orNull(time()), failures: int('Wrong passwords in a row.'), wait_until: orNull(text('Until when no password is taken; `infinity`: until it is reset or unlocked.')),
		has_totp: bool(), totp_confirmed_at: orNull(time()), totp_last_used_at: orNull(time()), recovery_left: int(), last_login_at: orNull(time()),
	}),
	PersonSession: object({
		id: uuid(), application: ref('IdName'), method: text(), device: object({ id: orNull(text()), name: orNull(text()), user_agent: orNull(text()) }),
		ip: orNull(text()), created_at: time(), last_seen_at: time(), expires_at: time(),
	}),
	PersonSessions: listOf('PersonSession'),
	PersonDevice: object({
		application: ref('IdName'), device_id: text(), name: orNull(text()), user_agent: orNull(text()), first_seen_at: time(), last_seen_at: time(),
		last_ip: orNull(text()), trusted_until: orNull(time()), sessions: int(),
	}),
	PersonDevices: listOf('PersonDevice'),
	DeviceForget: open({ application_id: uuid(), device_id: text() }, { required: ['application_id', 'device_id'] }),
	RecoveryStarted: open({ channel: text(), destination: text('Masked.'), expires_in: int() }),
	PeopleBulk: open({
		action: text(undefined, { enum: ['disable', 'enable', 'sign_out', 'assign', 'unassign', 'require_mfa', 'delete'] }), application_id: uuid('With assign and unassign.'),
		ids: list(uuid()), filter: bulkFilter,
	}, { required: ['action'], description: '`ids` or `filter`. Deleting needs a step-up.' }),
	PeopleChanged: object({ changed: int(), skipped: list(object({ auth_user_id: uuid(), reason: text() })), skipped_count: int('How many, should the list be cut.') }, { optional: ['skipped_count'] }),
	Csv: text('Comma-separated, with a line of names.'),
	Import: open({
		id: uuid(), state: text(undefined, { enum: ['staging', 'checking', 'checked', 'importing', 'done', 'disabling', 'enabling', 'undoing', 'undone', 'cancelled', 'failed'] }), file_name: text(),
		mode: text(undefined, { enum: ['create', 'update', 'both'] }), progress: object({ done: int(), total: int() }), columns: list(text()),
		mapping: { type: 'object', additionalProperties: { type: ['string', 'null'] }, description: 'Column to field.' }, preview: list(list({ type: ['string', 'null'] })),
		totals: { type: ['object', 'null'], additionalProperties: { type: 'integer' }, description: 'create, update, same, error, warning; disabled: people missing from the file; after an undo deleted, restored, enabled, left_alone.' }, created_at: time(), undo_until: orNull(time()),
	}, { required: ['id', 'state', 'file_name', 'mode', 'progress'] }),
	Imports: listOf('Import'),
	ImportCreate: open({
		file_name: text(), mode: text(undefined, { enum: ['create', 'update', 'both'] }), match: list(text(undefined, { enum: ['emp_id', 'email', 'mobile_number'] })),
		delimiter: text(undefined, { enum: [',', ';', '\t'] }), encoding: text(undefined, { enum: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] }), applications: list(uuid()),
	}, { required: ['file_name', 'mode'] }),
	ImportCheck: open({ mapping: { type: 'object', additionalProperties: { type: ['string', 'null'] }, description: 'Column to field, or null for none.' } }),
	ImportCommit: open({ only_if_clean: bool('Not when any row has an error.') }),
	ImportReceived: open({ received_bytes: int(), next_chunk: int() }),
	ImportRow: open({ row: int(), action: text(), auth_user_id: orNull(uuid()), problems: list(open({ column: orNull(text()), value: orNull(text()), problem: text(), fix: text(), severity: text() })) }),
	ImportRows: listOf('ImportRow'),
	ImportMissing: object({
		count: orNull(int('How many are missing; null when not every row of the file is known.')), active: int('How many people are active.'), most: int('How many may be disabled: a tenth of these.'),
		refused: orNull(text('The code that disabling would be refused with.')), data: list(ref('Person')), page: ref('Page'),
	}),
	ImportMissingDisable: open({ confirm_count: int('`count` of the list, as it was confirmed.') }, { required: ['confirm_count'] }),
};

const job = {
	id: OTHER_UUID, state: 'checked', file_name: 'people.csv', mode: 'both', progress: { done: 812, total: 812 }, columns: ['Name', 'E-mail'], mapping: { Name: 'name', 'E-mail': 'email' },
	preview: [['Asha Rao', 'asha.rao@example.org']], totals: { create: 1, update: 0, same: 0, error: 0, warning: 0 }, created_at: TIME, undo_until: null,
};
const USER = '/users/{id}';
const one = [200, 'Person', person];

get('/users', {
	id: 'listPeople', summary: 'People, by search and filters', ok: [200, 'People', { data: [person], page: PAGE }], problems: ['search_too_slow'],
	query: [...FILTERS, q('sort', 'Order.', { type: 'string', enum: ['created', 'name', 'last_login'], default: 'created' }), q('dir', 'Which way.', { type: 'string', enum: ['asc', 'desc'] }), ...PAGING, q('count', '`1`: count them too.')],
});
post('/users', { id: 'createPerson', summary: 'Add a person', body: ['PersonCreate', { name: 'Asha Rao', email: 'asha.rao@example.org', applications: [APP_UUID] }], ok: [201, 'Person', person], tagged: true, problems: ['contact_taken', 'step_up_required'] });
get(USER, { id: 'getPerson', summary: 'One person', ok: one, tagged: true });
patch(USER, { id: 'changePerson', summary: 'Change a person', body: ['PersonChange', { emp_id: 'E-1042' }], ok: one, versioned: true, problems: ['contact_taken', 'last_administrator', 'not_yourself', 'step_up_required'] });
del(USER, { id: 'deletePerson', summary: 'Delete a person', description: 'Sessions end, applications are told, and nothing that proves an identity is kept.', versioned: true, stepUp: true, problems: ['last_administrator', 'not_yourself'] });
for (const [act, id, summary, problems] of [
	['disable', 'disablePerson', 'Disable a person; their sessions end', ['last_administrator', 'not_yourself']], ['enable', 'enablePerson', 'Enable a person again', []],
	['sign-out', 'signOutPerson', 'End all sessions of a person', []], ['unlock', 'unlockPerson', 'Forget a person’s wrong tries', []],
]) post(`${USER}/${act}`, { id, summary, ok: one, tagged: true, problems });
post(`${USER}/recovery`, {
	id: 'recoverPerson', summary: 'Send a person what a new password is chosen with', description: 'Never sets a password by itself.',
	ok: [200, 'RecoveryStarted', { channel: 'email', destination: 'a***@example.org', expires_in: 1800 }, 'It is on its way.'], problems: ['delivery_unavailable', 'conflict', 'otp_limit'],
});
del(`${USER}/totp`, { id: 'removePersonTotp', summary: 'Take a person’s authenticator app away', ok: one, tagged: true, stepUp: true, problems: ['totp_not_enrolled'] });
put(`${USER}/applications/{app_id}`, { id: 'assignPerson', summary: 'Assign an application', ok: one, tagged: true, params: { app_id: APP_UUID } });
del(`${USER}/applications/{app_id}`, { id: 'unassignPerson', summary: 'Take an application away', ok: one, tagged: true, params: { app_id: APP_UUID } });
get(`${USER}/sessions`, { id: 'listPersonSessions', summary: 'A person’s open sessions', ok: [200, 'PersonSessions', { data: [{ id: OTHER_UUID, application: { id: APP_UUID, name: 'Payroll' }, method: 'password', device: { id: 'phone-1', name: 'Phone', user_agent: null }, ip: '203.0.113.7', created_at: TIME, last_seen_at: TIME, expires_at: TIME }], page: PAGE }] });
del(`${USER}/sessions/{sid}`, { id: 'endPersonSession', summary: 'End one of them', params: { sid: OTHER_UUID } });
get(`${USER}/devices`, { id: 'listPersonDevices', summary: 'A person’s devices', ok: [200, 'PersonDevices', { data: [{ application: { id: APP_UUID, name: 'Payroll' }, device_id: 'phone-1', name: 'Phone', user_agent: null, first_seen_at: TIME, last_seen_at: TIME, last_ip: '203.0.113.7', trusted_until: null, sessions: 1 }], page: PAGE }] });
post(`${USER}/devices/forget`, { id: 'forgetPersonDevice', summary: 'Forget a device, and sign it out', body: ['DeviceForget', { application_id: APP_UUID, device_id: 'phone-1' }] });
get(`${USER}/security`, { id: 'getPersonSecurity', summary: 'What a person signs in with, and what stands in the way', ok: [200, 'PersonSecurity', { password_set_at: TIME, failures: 0, wait_until: null, has_totp: false, totp_confirmed_at: null, totp_last_used_at: null, recovery_left: 0, last_login_at: TIME }] });
post('/users/bulk', { id: 'changePeople', summary: 'Change many people at once', body: ['PeopleBulk', { action: 'disable', ids: [UUID] }], ok: [200, 'PeopleChanged', { changed: 1, skipped: [], skipped_count: 0 }], problems: ['step_up_required', 'conflict'] });
get('/users/export', { id: 'exportPeople', summary: 'The list as CSV', description: 'Cells that a spreadsheet would take for a formula are made harmless.', ok: [200, 'Csv', 'name,email\r\n'], okType: 'text/csv; charset=utf-8', okHeaders: ['Attachment'], query: FILTERS });

get('/imports', { id: 'listImports', summary: 'Imports', ok: [200, 'Imports', { data: [job], page: PAGE }] });
post('/imports', { id: 'createImport', summary: 'Begin an import', body: ['ImportCreate', { file_name: 'people.csv', mode: 'both', match: ['emp_id', 'email', 'mobile_number'] }], ok: [201, 'Import', job] });
get('/imports/template.csv', { id: 'getImportTemplate', summary: 'A file to fill in', ok: [200, 'Csv', 'name,email\r\n'], okType: 'text/csv; charset=utf-8', okHeaders: ['Attachment'] });
get('/imports/{id}', { id: 'getImport', summary: 'One import', ok: [200, 'Import', job] });
del('/imports/{id}', { id: 'cancelImport', summary: 'Cancel an import that was not committed', problems: ['conflict'] });
put('/imports/{id}/chunks/{n}', { id: 'uploadChunk', summary: 'A part of the file, 1 MiB at most', description: 'Sending the same number again is harmless.', bodyType: 'application/octet-stream', ok: [200, 'ImportReceived', { received_bytes: 812, next_chunk: 1 }], problems: ['conflict'] });
post('/imports/{id}/check', { id: 'checkImport', summary: 'Check the file: nothing is changed', body: ['ImportCheck', { mapping: { Name: 'name' } }], isBodyOptional: true, ok: [200, 'Import', job], problems: ['conflict'] });
get('/imports/{id}/rows', { id: 'listImportRows', summary: 'Rows, by what would happen', ok: [200, 'ImportRows', { data: [{ row: 2, action: 'create', auth_user_id: null, problems: [] }], page: PAGE }], query: [q('action', 'Which rows.', { type: 'string', enum: ['create', 'update', 'same', 'error', 'warning'] }), ...PAGING] });
get('/imports/{id}/errors.csv', { id: 'getImportErrors', summary: 'The refused rows with the reasons', ok: [200, 'Csv', 'name,email,_row,_errors\r\n'], okType: 'text/csv; charset=utf-8', okHeaders: ['Attachment'] });
post('/imports/{id}/commit', { id: 'commitImport', summary: 'Import the checked rows', body: ['ImportCommit', { only_if_clean: true }], isBodyOptional: true, ok: [200, 'Import', job], problems: ['conflict', 'import_has_errors'] });
post('/imports/{id}/undo', { id: 'undoImport', summary: 'Undo an import, for 24 hours', ok: [200, 'Import', job], problems: ['conflict'] });
get('/imports/{id}/missing', {
	id: 'listMissing', summary: 'Who is active and missing from the file', description: 'Not who asks, and not who was added since the file came.',
	ok: [200, 'ImportMissing', { count: 1, active: 400, most: 40, refused: null, data: [person], page: PAGE }], query: PAGING, problems: ['conflict'],
});
post('/imports/{id}/missing/disable', {
	id: 'disableMissing', summary: 'Disable who is missing from the file', description: 'After the import, once. Goes on after the answer, as a commit does; `POST …/missing/enable` takes it back while the import can be undone, and so does undoing that.',
	body: ['ImportMissingDisable', { confirm_count: 1 }], ok: [200, 'Import', { ...job, state: 'disabling' }], stepUp: true, problems: ['conflict', 'import_incomplete', 'rows_changed', 'too_many_missing'],
});
post('/imports/{id}/missing/enable', { id: 'enableMissing', summary: 'Enable them again', ok: [200, 'Import', { ...job, state: 'enabling' }], problems: ['conflict'] });
