// contract_sync - rows of contract.test.mjs: /users/sync and its stream.

export const good = () => ({
	syncUsers: () => ({}),
	// It ends by itself.
	streamUsers: () => ({ query: '?seconds=1' }),
});

export function rows({ svc, contract, key }) {
	const cursor = async () => (await contract.expect(svc, 'syncUsers', 200, undefined, { key })).body.cursor;
	// A cursor of another life of the database, which then goes on.
	const stale = async () => {
		const old = await cursor();
		await svc.db.query('update sync_feed set epoch = gen_random_uuid()');
		return { query: `?cursor=${old}` };
	};
	return [
		['syncUsers', 200, undefined, async () => ({ query: `?cursor=${await cursor()}&limit=10000&set_hash=1&wait=0` })],
		['syncUsers', 200, undefined, async () => ({ query: '?set_hash=1', headers: { 'accept-encoding': 'identity;q=0' } })],
		['syncUsers', 304, undefined, async () => {
			const r = await contract.expect(svc, 'syncUsers', 200, undefined, { key });
			return { headers: { 'if-none-match': r.headers.etag } };
		}],
		['syncUsers', 410, 'resync_required', stale],
		['streamUsers', 410, 'resync_required', stale],
		['streamUsers', 200, undefined, async () => ({ query: '?seconds=1', headers: { 'last-event-id': await cursor() } })],
		...['cursor=x', 'limit=0', 'limit=10001', 'limit=-1', 'set_hash=2', `cursor=${'A'.repeat(87)}`].flatMap((q) => [
			['syncUsers', 422, 'invalid_parameter', () => ({ query: `?${q}` })],
			['streamUsers', 422, 'invalid_parameter', () => ({ query: `?${q}` })],
		]),
		['syncUsers', 422, 'invalid_parameter', () => ({ query: '?wait=31' })],
		['streamUsers', 422, 'invalid_parameter', () => ({ query: '?seconds=0' })],
	];
}
