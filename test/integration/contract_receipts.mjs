// contract_receipts - rows of contract.test.mjs: what gateways report.

import { applyProvider } from './delivery_kit.mjs';
import { waitUntil } from './harness.mjs';

const SECRET = 'contract-receipt-secret';

// A provider that sends nothing takes receipts of what it did send.
export async function good({ svc }) {
	const { id } = await applyProvider(svc, {
		name: 'receipts', type: 'generic', enabled: false, url: 'https://sms.example.org/send', body: '{"to":"{to_e164}","text":"{message}"}', message_id_pointer: '/id',
		receipt: { secret: SECRET, id: 'id', status: 'status', map: { ok: 'delivered' } },
	});
	// Every worker has it within 100 ms.
	let n = 0;
	await waitUntil(async () => {
		n = (await svc.get(`/delivery/receipts/${id}?secret=${SECRET}`)).status === 401 ? 0 : n + 1;
		return n >= 8;
	}, { what: 'the provider is known' });
	return {
		receiptByQuery: () => ({ params: { id }, query: `?secret=${SECRET}&id=m-1&status=ok` }),
		receiptByBody: () => ({ params: { id }, headers: { 'x-receipt-secret': SECRET }, body: { id: 'm-1', status: 'ok' } }),
	};
}

// The other service, since whoever guesses is kept waiting.
export function rows({ plain, contract }) {
	const wrong = (id) => [id, 401, 'receipt_secret_invalid', () => ({ headers: { 'x-receipt-secret': 'guessed' } }), { on: plain }];
	const often = (id) => [id, 429, 'rate_limited', async () => {
		for (let i = 0; i < 30; i++) await contract.call(plain, id);
		return {};
	}, { on: plain }];
	const ids = ['receiptByQuery', 'receiptByBody'];
	return [...ids.map(wrong), ...ids.map(often)];
}

// What is right but for the secret, on the service where it is known.
export function bad(sound) {
	return [
		['receiptByQuery', 422, 'invalid_parameter', async () => ({ ...await sound.receiptByQuery(), query: `?secret=${SECRET}` })],
		['receiptByBody', 422, 'invalid_parameter', async () => ({ ...await sound.receiptByBody(), body: { id: 'm-1' } })],
		['receiptByBody', 400, 'malformed_request', async () => ({ ...await sound.receiptByBody(), body: '{', headers: { 'x-receipt-secret': SECRET, 'content-type': 'application/json' } })],
		['receiptByBody', 413, 'body_too_large', async () => ({ ...await sound.receiptByBody(), body: { id: 'm'.repeat(40_000) } })],
		['receiptByBody', 415, 'unsupported_media_type', async () => ({ ...await sound.receiptByBody(), body: '<x/>', headers: { 'x-receipt-secret': SECRET, 'content-type': 'application/xml' } })],
	];
}
