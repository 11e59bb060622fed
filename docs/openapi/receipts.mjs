// receipts - what gateways report about messages: no key, but the secret of
// the provider's document.

import { OTHER_UUID, object } from './common.mjs';

const DESCRIPTION = 'For the gateway of a provider, whose document says in `receipt` where id, status and error stand: JSON pointers, or names of fields of a '
	+ 'form or of the query. The secret of the document comes as `X-Receipt-Secret`, or as `secret` in the query for gateways that can only call a URL. The answer '
	+ 'is the same whether the message is known or not. The first receipt counts, and one that says delivered after one that says failed. '
	+ 'An address with 30 wrong secrets in 5 minutes waits.';
const parameters = [
	{ name: 'id', in: 'path', required: true, description: 'The provider\'s id, as `provider list` and the console\'s interface show it.', schema: { type: 'string', format: 'uuid' }, example: OTHER_UUID },
	{ name: 'X-Receipt-Secret', in: 'header', description: 'The secret of the provider\'s receipts.', schema: { type: 'string' }, example: 'Zk3v-9xQm2_hT7bLw5Yc' },
	{ name: 'secret', in: 'query', description: 'The same, where no header can be set.', schema: { type: 'string' } },
];
const own = ['receipt_secret_invalid', 'invalid_parameter', 'rate_limited', 'internal', 'overloaded', 'database_unavailable'];
const answers = { 200: { description: 'It was read.', schema: 'ReceiptTaken', examples: { received: { status: 'received' } } } };

export const schemas = {
	ReceiptTaken: object({ status: { type: 'string', const: 'received' } }),
	Receipt: {
		type: ['object', 'array'], additionalProperties: true, items: { type: 'object', additionalProperties: true },
		description: 'Whatever the gateway sends: one receipt, or a list of at most 100, in the body or where `receipt.list` says. 32 KiB at most.',
	},
};

export const paths = {
	'/delivery/receipts/{id}': {
		get: {
			id: 'receiptByQuery', tag: 'Delivery', security: 'none', summary: 'A gateway reports about a message, in the query',
			description: DESCRIPTION, parameters, answers, problems: own,
		},
		post: {
			id: 'receiptByBody', tag: 'Delivery', security: 'none', summary: 'A gateway reports about messages',
			description: DESCRIPTION, parameters, answers, problems: own,
			request: { schema: 'Receipt', isOptional: true, isForeign: true, examples: { one: { message: { id: 'm-17', status: 'DELIVRD' } }, several: { results: [{ messageId: 'm-17', status: 'DELIVRD' }] } } },
		},
	},
};
