// sync - the application's copy of its part of the directory.

import { UUID, OTHER_UUID, example, object, ref } from './common.mjs';

const CURSOR = 'A06kRMAvMk_fh8DLMYzGGHwAAAAAAAAC6_____________________8AAAAAawnzXC0rhCZwGSL0AxHUWdcgNNc';
const cursor = { type: 'string', pattern: '^[A-Za-z0-9_-]{87}$' };
const REMOVED = { auth_user_id: OTHER_UUID, reason: 'unassigned', removed_at: '2026-11-23T09:15:00.000Z' };

export const schemas = {
	Removed: object({
		auth_user_id: { type: 'string', format: 'uuid' },
		reason: { type: 'string', enum: ['unassigned', 'deleted'] },
		removed_at: { type: 'string', format: 'date-time', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
	}, undefined, { description: 'A person who is to be removed from the copy.' }),
	SyncPage: object({
		users: { type: 'array', items: ref('User'), description: 'To be written over what the copy has of them.' },
		removed: { type: 'array', items: ref('Removed') },
		cursor: { ...cursor, description: 'Where the next call goes on. Keep it with the copy, in the same transaction.' },
		has_more: { type: 'boolean', description: 'Call again at once, with the cursor.' },
		full: { type: 'boolean', description: 'A page of a full snapshot: once `has_more` is false, whoever was in none of its pages is to be removed from the copy.' },
		set_hash: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'With `set_hash=1`, on the last page: XOR of SHA-256(`auth_user_id + ":" + sync_hash`) over all assigned people. Left out while a newer change is under way.' },
	}, ['users', 'removed', 'cursor', 'has_more', 'full']),
	SyncEvents: { type: 'string', description: 'Server-Sent Events. `page`: data is a SyncPage, id its cursor. `resync`: data is a problem (`resync_required`); begin again without a cursor. Lines that start with a colon keep the connection alive.' },
};

const limit = { name: 'limit', in: 'query', description: 'People and leavers of one page.', schema: { type: 'integer', minimum: 1, maximum: 10000, default: 1000 }, example: 1000 };
const setHash = { name: 'set_hash', in: 'query', description: '1: the last page proves the copy.', schema: { type: 'integer', minimum: 0, maximum: 1, default: 0 }, example: 1 };
const from = { name: 'cursor', in: 'query', description: 'As the last page gave it. None: a full snapshot begins.', schema: cursor, example: CURSOR };
const page = { users: [{ ...example.user, auth_user_id: UUID }], removed: [REMOVED], cursor: CURSOR, has_more: false, full: false };

export const paths = {
	'/users/sync': {
		get: {
			id: 'syncUsers', tag: 'Directory', summary: 'What has changed among the people of this application',
			description: 'Only people who are assigned to the calling application. Without a cursor a full snapshot, page by page; with one only what changed since, in the order of the commits: nothing committed is ever skipped, whatever commits at the same time. People may come twice; applying a page again changes nothing.',
			parameters: [
				from, limit, setHash,
				{ name: 'wait', in: 'query', description: 'Seconds to wait for a change when there is none.', schema: { type: 'integer', minimum: 0, maximum: 30, default: 0 }, example: 30 },
				{ name: 'If-None-Match', in: 'header', description: 'The ETag of the last page.', schema: { type: 'string' }, example: 'W/"yfqrlYIwzKZM1P79B7h5eg"' },
			],
			answers: {
				200: { description: 'A page.', schema: 'SyncPage', headers: ['NoStore', 'SyncTag', 'Vary'], examples: { page } },
				304: { description: 'Nothing new.', headers: ['NoStore', 'SyncTag', 'Vary'] },
			},
			problems: ['resync_required', 'invalid_parameter'],
		},
	},
	'/users/sync/stream': {
		get: {
			id: 'streamUsers', tag: 'Directory', summary: 'The same as Server-Sent Events',
			description: 'Each page is an event, its id the cursor. The service ends the stream after `seconds`, when the key or the application changes, and when it stops; a client comes again with `Last-Event-ID`, which is also how it says that it has the page.',
			parameters: [
				from, limit, setHash,
				{ name: 'seconds', in: 'query', description: 'How long the stream may last.', schema: { type: 'integer', minimum: 1, maximum: 3600, default: 300 }, example: 300 },
				{ name: 'Last-Event-ID', in: 'header', description: 'In the place of `cursor`: the id of the last event.', schema: { type: 'string' }, example: CURSOR },
			],
			answers: {
				200: { description: 'Pages, as they become known.', type: 'text/event-stream', schema: 'SyncEvents', examples: { page: `event: page\ndata: ${JSON.stringify(page)}\nid: ${CURSOR}\n\n` } },
			},
			problems: ['resync_required', 'invalid_parameter', 'draining'],
		},
	},
};
