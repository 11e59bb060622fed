// console_audit - the audit log and the overview.

import { APP_UUID, OTHER_UUID, UUID } from './common.mjs';
import { PAGE, PAGING, TIME, area, bool, int, list, object, open, orNull, q, ref, text, time } from './console_common.mjs';

const { paths, get, post } = area('Console: audit');
export { paths };

// Who was deleted has no name any more.
const who = { oneOf: [object({ id: text(), name: orNull(text()) }), { type: 'null' }] };
const row = {
	id: 4711, at: TIME, event: 'user_updated', category: 'directory', outcome: 'ok', actor: { id: UUID, name: 'Asha Rao' }, subject: { id: OTHER_UUID, name: 'Ravi Nair' },
	application: { id: APP_UUID, name: 'Payroll' }, session_id: null, key_id: null, ip: '203.0.113.9', remote: '172.18.0.2', forwarded: '203.0.113.9', client_ip: null,
	user_agent: 'Mozilla/5.0', request_id: UUID, detail: { changes: { emp_id: [null, 'E-77'] } }, count: 1, first_at: null,
};
const FILTERS = [
	q('event', 'Events, separated by commas.'), q('category', 'Of events.'), q('user', 'As actor or subject.'), q('application', 'Its id.'), q('ip', 'An address or a CIDR block.'),
	q('outcome', '`ok`, `refused`, or a code.'), q('from', 'Not before.', { type: 'string', format: 'date-time' }), q('to', 'Before.', { type: 'string', format: 'date-time' }), q('request_id', 'Of one request.'), q('q', 'Text in it.'),
];

export const schemas = {
	AuditRow: open({
		id: int(), at: time(), event: text(), category: text(), outcome: text(), actor: who, subject: who, application: who, ip: orNull(text('The effective address.')), remote: orNull(text()),
		forwarded: orNull(text()), client_ip: orNull(text()), user_agent: orNull(text()), request_id: orNull(text()), detail: { type: ['object', 'null'], additionalProperties: true }, count: int('Rows that are alike are one, with how many they were.'),
	}),
	AuditRows: open({ data: list(ref('AuditRow')), page: open({ next_cursor: orNull(text()), has_more: bool() }) }, { required: ['data', 'page'] }),
	AuditDetail: open({ event: text(), related: list(ref('AuditRow')) }, { required: ['event', 'related'] }),
	AuditEvents: open({ data: list({}) }),
	AuditPurge: open({ older_than_days: int(undefined, { minimum: 30 }), everything: bool() }),
	AuditPurgePreview: open({ rows: int(), before: orNull(time()) }, { required: ['rows'] }),
	AuditPurgeConfirmed: open({ older_than_days: int(undefined, { minimum: 30 }), everything: bool(), confirm_rows: int('As the preview said.') }, { required: ['confirm_rows'] }),
	AuditPurged: open({ rows: int() }),
	AuditChain: open({ sealed_rows: int(), last_seal: { type: ['object', 'null'], additionalProperties: true }, unsealed: int(), ok: bool() }),
	Overview: open({
		checklist: list(open({ id: text(), done: bool(), title: text() })), health: list(open({ id: text(), state: text(), text: text() })), kpis: { type: 'object', additionalProperties: true },
		charts: { type: 'object', additionalProperties: true }, recent: list(ref('AuditRow')), version: text(),
	}, { required: ['checklist', 'health', 'kpis', 'charts', 'recent'] }),
	AuditExport: text('CSV, or one JSON object a line.'),
};

get('/audit', { id: 'listAudit', summary: 'The log, newest first', ok: [200, 'AuditRows', { data: [row], page: PAGE }], okHeaders: ['ETag'], query: [...FILTERS, ...PAGING] });
get('/audit/events', { id: 'listAuditEvents', summary: 'The events there are', ok: [200, 'AuditEvents', { data: [{ event: 'user_updated', category: 'directory' }] }] });
get('/audit/export', { id: 'exportAudit', summary: 'The log as a file', ok: [200, 'AuditExport', 'id,at,event\r\n'], okType: 'text/csv; charset=utf-8', okHeaders: ['Attachment'], query: [{ ...q('format', 'Which.', { type: 'string', enum: ['csv', 'ndjson'] }, 'csv'), required: true }, ...FILTERS] });
get('/audit/chain', { id: 'getAuditChain', summary: 'How far the log is sealed', ok: [200, 'AuditChain', { sealed_rows: 120000, last_seal: { no: 12, at: TIME, chain: '5f0d0c1e' }, unsealed: 211, ok: true }] });
post('/audit/purge/preview', { id: 'previewPurge', summary: 'What a purge would remove', body: ['AuditPurge', { older_than_days: 365 }], ok: [200, 'AuditPurgePreview', { rows: 182331, before: TIME }] });
post('/audit/purge', { id: 'purgeAudit', summary: 'Remove old rows of the log', body: ['AuditPurgeConfirmed', { older_than_days: 365, confirm_rows: 182331 }], ok: [200, 'AuditPurged', { rows: 182331 }], stepUp: true, problems: ['rows_changed', 'purge_running'] });
get('/audit/{id}', { id: 'getAuditRow', summary: 'One row, and what happened around it', params: { id: '4711' }, ok: [200, 'AuditDetail', { ...row, related: [] }], tagged: true });
get('/overview', { id: 'getOverview', summary: 'What the overview shows', query: [q('range', 'How far back.', { type: 'string', enum: ['24h', '7d', '30d', '90d'], default: '24h' })], ok: [200, 'Overview', { checklist: [{ id: 'second_admin', done: true, title: 'Have a second administrator', link: '/setup/users' }], health: [{ id: 'database', state: 'ok', text: '1 ms' }], kpis: { people: 812 }, charts: {}, recent: [row], version: '1.0.0' }] });
