// Fast2SMS as its documents describe it, each code and each route, through the
// service: what is asked of it, what its answers lead to, and what is never
// asked at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, makeCast, makeUser, startService } from './harness.mjs';
import { EGRESS, applyProvider, fast2sms, genericDoc, outboxEnds, startHttp } from './delivery_kit.mjs';

const svc = await startService({
	env: { ...EGRESS, IDENTITY_PUBLIC_URL: 'https://id.example.org' },
	settings: { otp_address_max: 1000, sms_app_hour_max: 100000, sms_breaker: false, sms_countries: ['91', '44'] },
});
const { app, key } = await makeCast(svc);
const india = await startHttp();
const other = await startHttp();
let counter = 0;
const person = (o = {}) => makeUser(svc, { apps: [app], mobile: `+9198${30_000_000 + (++counter)}`, email: null, password: null, ...o });
const doc = (o) => ({ name: 'india', type: 'fast2sms', priority: 1, timeout_s: 5, api_key: 'f2s-key-1', route: 'otp', base_url: india.url, ...o });

// A code for somebody new: the row it ends in, and what both servers were asked.
async function sent(u) {
	india.requests.length = other.requests.length = 0;
	await svc.db.query('update provider set paused_until = null, last_error = null where paused_until is not null or last_error is not null');
	const who = u ?? await person();
	const r = await svc.post('/auth/otp/request', { identifier: who.mobile_number }, { key });
	assert.equal(r.status, 200, r.text);
	const row = await outboxEnds(svc.db, 'challenge_id', r.body.challenge_id, ['sent', 'failed', 'expired'], 30_000 * SLOW);
	// The service also asks for the balance, when it likes.
	const asked = india.requests.filter((r) => r.url !== '/dev/wallet');
	return { row, asked, fallback: [...other.requests], challenge: r.body.challenge_id };
}
const about = async () => (await svc.db.rows(`select * from provider where name = 'india'`))[0];

await applyProvider(svc, doc());
await applyProvider(svc, genericDoc(other, { name: 'other', priority: 2 }));

const routes = {
	otp: [{ route: 'otp' }, (f) => {
		assert.deepEqual(Object.keys(f).sort(), ['numbers', 'route', 'variables_values']);
		return f.variables_values;
	}],
	dlt: [{ route: 'dlt', sender_id: 'ACMEIN', message_id: '111', variables: ['code', 'ttl_minutes'], flash: true }, (f) => {
		assert.equal(f.sender_id, 'ACMEIN');
		assert.equal(f.message, '111');
		assert.equal(f.flash, '1');
		const [code, minutes] = f.variables_values.split('|');
		assert.equal(minutes, '5');
		return code;
	}],
	dlt_manual: [{
		route: 'dlt_manual', sender_id: 'ACMEIN', template_id: '1107160000000000001', entity_id: '1101100000000000002',
		template_text: '{#numeric#} is your OTP, valid {#var#} minutes & no more. -ACME', variables: ['code', 'ttl_minutes'],
	}, (f) => {
		assert.equal(f.template_id, '1107160000000000001');
		assert.equal(f.entity_id, '1101100000000000002');
		const [, code] = f.message.match(/^(\d{6}) is your OTP, valid 5 minutes & no more\. -ACME$/) ?? assert.fail(f.message);
		return code;
	}],
	q: [{ route: 'q' }, (f) => {
		assert.equal(f.language, 'english');
		return f.message.match(/^\d{6}/)[0];
	}],
};
for (const [route, [fields, read]] of Object.entries(routes)) {
	test(`route ${route}: the request, and the code in it signs in`, async () => {
		india.answer = () => fast2sms();
		await applyProvider(svc, doc(fields));
		const u = await person();
		const { row, asked, fallback, challenge } = await sent(u);
		assert.equal(row.state, 'sent', row.last_error);
		assert.equal(row.provider_ref, 'lwdtp7cjyqxvfe9');
		assert.equal(asked.length, 1);
		assert.equal(fallback.length, 0);
		const [r] = asked;
		assert.deepEqual([r.method, r.url], ['POST', '/dev/bulkV2']);
		assert.equal(r.headers.authorization, 'f2s-key-1');
		assert.equal(r.headers['content-type'], 'application/x-www-form-urlencoded');
		assert.equal(r.form.route, route);
		assert.equal(r.form.numbers, u.mobile_number.slice(3));
		const code = read(r.form);
		const v = await svc.post('/auth/otp/verify', { challenge_id: challenge, code }, { key });
		assert.equal(v.status, 200, v.text);
		assert.ok(!svc.log.includes('f2s-key-1') && !svc.log.includes(code));
	});
}

// Every code of the documents, and what has to follow.
const config = [401, 402, 403, 404, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 424, 425, 426, 500, 990, 996, 997, 998, 999];
for (const [kind, codes] of Object.entries({ config, balance: [416], user: [405, 411], throttled: [995], retry: [777] })) {
	test(`codes that mean ${kind}`, async () => {
		await applyProvider(svc, doc());
		for (const code of codes) {
			india.answer = () => fast2sms(code, `Words of ${code}`);
			const { row, asked, fallback } = await sent();
			assert.equal(asked.length, kind === 'retry' ? 2 : 1, `${code}: asked once, but for what may heal`);
			if (kind === 'throttled') {
				assert.equal(row.state, 'failed');
				assert.match(row.last_error, /995.*spam/);
				assert.equal(fallback.length, 0, 'not repeated elsewhere either');
			} else {
				assert.equal(row.state, 'sent', `${code}: ${row.last_error}`);
				assert.equal(fallback.length, 1, 'the next provider sends it');
			}
			const p = await about();
			const pauses = kind === 'config' || kind === 'balance';
			assert.equal(p.paused_until !== null, pauses, `${code}`);
			if (pauses) assert.ok(p.last_error.includes(`${code}`) && p.last_error.includes(`Words of ${code}`), p.last_error);
		}
	});
}

const odd = {
	'200 and "return":false': [200, { return: false, status_code: 411, message: 'Invalid Numbers' }],
	'200 and "return":"true"': [200, { return: 'true', request_id: 'x', message: ['ok'] }],
	'400 and "return":true': [400, { return: true, request_id: 'x', message: ['ok'] }],
	'a page': [200, '<html>maintenance</html>'],
	'an array': [200, '[true]'],
};
test('nothing but 200 with "return":true is taken for sent', async () => {
	await applyProvider(svc, doc());
	for (const [name, answer] of Object.entries(odd)) {
		india.answer = () => answer;
		const { row, fallback } = await sent();
		assert.equal(row.state, 'sent', `${name}: ${row.last_error}`);
		assert.equal(fallback.length, 1, name);
		assert.notEqual(row.provider_ref, 'x', name);
	}
});

test('what an operator would drop, and numbers abroad, are not sent to it', async () => {
	india.answer = () => fast2sms();
	const manual = { route: 'dlt_manual', sender_id: 'ACMEIN', template_id: '11', entity_id: '22' };
	// The tag takes letters and digits, the application's name has more.
	await svc.db.query(`update application set name = 'A-B_C & Co' where id = $1`, [app.id]);
	await applyProvider(svc, doc({ ...manual, template_text: '{#numeric#} for {#alphanumeric#}. -ACME', variables: ['code', 'app_name'] }));
	let s = await sent();
	assert.equal(s.asked.length, 0);
	assert.equal(s.fallback.length, 1);
	assert.match((await about()).last_error, /tag/);
	// No variables named: the text has to be the template filled, and is not.
	await applyProvider(svc, doc({ ...manual, template_text: '{#numeric#} is your OTP for {#var#}. -ACME' }));
	s = await sent();
	assert.equal(s.asked.length, 0);
	assert.match((await about()).last_error, /approved template/);
	await applyProvider(svc, doc());
	s = await sent(await person({ mobile: '+447700900123' }));
	assert.equal(s.asked.length, 0);
	assert.equal(s.row.state, 'sent');
	assert.equal((await about()).paused_until, null, 'a number abroad is no fault of the provider');
});

test('a document that would fail at the first code is refused, field by field', async () => {
	const bad = await applyProvider(svc, doc({ route: 'dlt_manual', sender_id: 'A', template_text: 'no variable', flash: 'x' }), { mayFail: true });
	assert.notEqual(bad.code, 0);
	for (const field of ['sender_id', 'template_id', 'entity_id', 'template_text', 'flash'])
		assert.ok(bad.stderr.includes(field), `${field}: ${bad.stderr}`);
	assert.ok(!bad.stderr.includes('f2s-key-1') && !bad.stdout.includes('f2s-key-1'));
});
