// queries_delivery - the statements of the outbox, its providers, texts and
// prices, and the ceiling of text messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORIGIN, audits, db, hash, makeApp, makeUser, newId, run, run1, succeed, vocabularyHolds } from './queries_kit.mjs';

const actor = await makeUser({ isAdmin: true });
const WHO = [actor.user_id, ...ORIGIN];
const body = (r) => JSON.parse(r.body);
let counter = 0;
const number = (cc = '91') => `+${cc}98${String(10_000_000 + (++counter) * 10_007)}`;
const save = (o = {}) => run1('provider_save', [o.id ?? newId(), o.version ?? null, o.name ?? `p${++counter}`, o.type ?? 'generic', o.enabled ?? true, 10, 5,
	o.countries ?? '', '{}', null, ...WHO]);
const set = (name, value) => db.query('update setting set value = $2 where name = $1', [name, value === null ? null : JSON.stringify(value)]);
// One message as the statements of codes queue it.
async function put(o = {}) {
	const id = newId();
	await db.query(`insert into outbox (id, kind, channel, person_id, application_id, destination, payload, expires_at, client_ip)
		values ($1, $2, $3, $4, $5, $6, '\\x01', now() + $7::interval, $8)`,
	[id, o.kind ?? 'notice', o.channel ?? 'sms', o.person ?? null, o.app ?? null, o.to ?? number(), o.life ?? '5 minutes', o.ip ?? null]);
	return (await db.rows('select * from outbox where id = $1', [id]))[0];
}
const clear = () => db.query('truncate outbox, spend_hour, sms_price');
const done = (o, step, p = {}) => run1('outbox_done', [o.id, o.attempts, step, p.at ?? null, p.tried ?? '{}', p.tries ?? 0, p.provider ?? null,
	p.verdict ?? 'ok', p.reason ?? null, p.ref ?? null, p.pause ?? 0, p.billed ?? false, p.cost ?? null]);
const at = (s) => new Date(Date.now() + 1000 * s);

test('provider_save, provider_all, provider_delete', async () => {
	const id = newId();
	const made = await save({ id, name: 'First' });
	assert.deepEqual([made.outcome, made.version, body(made).state], ['created', '1', 'ready']);
	assert.equal((await save({ id, name: 'First', version: 7 })).outcome, 'precondition_failed');
	assert.deepEqual([(await save({ id, name: 'First', version: 1, countries: '91,1' })).outcome], ['ok']);
	const [row] = await run('provider_all', ['fIRST']);
	assert.deepEqual([row.id, row.countries, row.version, row.state], [id, '91,1', '2', 'ready']);
	assert.ok((await run('provider_all', [null])).length >= 1);
	assert.equal((await run1('provider_delete', ['first', 1, ...WHO])).outcome, 'precondition_failed');
	assert.equal((await run1('provider_delete', ['first', 2, ...WHO])).outcome, 'done');
	assert.equal((await run1('provider_delete', ['first', 2, ...WHO])).outcome, 'not_found');
	assert.equal((await audits("event = 'provider_saved'")).length, 2);
	assert.equal((await audits("event = 'provider_deleted'")).length, 1);
});

test('outbox_claim: codes first, each message once, and what died is taken again', async () => {
	await clear();
	await db.query('delete from provider');
	const notice = await put({ channel: 'email', to: 'a@example.org' });
	const code = await put({ kind: 'code', channel: 'email', to: 'a@example.org' });
	const over = await put({ channel: 'email', to: 'a@example.org', life: '-1 second' });
	const [a] = await run('outbox_claim', [1, 60]);
	assert.deepEqual([a.id, a.attempts, a.payload.length], [code.id, 1, 1]);
	const rest = await run('outbox_claim', [10, 60]);
	assert.deepEqual(rest.map((r) => r.id), [notice.id]);
	const [gone] = await db.rows('select state, payload, last_error from outbox where id = $1', [over.id]);
	assert.deepEqual(gone, { state: 'expired', payload: null, last_error: 'there was no time to send it' });
	assert.deepEqual(await run('outbox_claim', [10, 60]), []);
	await db.query('update outbox set next_attempt_at = now() where id = $1', [code.id]);	// the lease ran out
	const [again] = await run('outbox_claim', [10, 60]);
	assert.deepEqual([again.id, again.attempts], [code.id, 2]);
	// Whoever had it before cannot end it any more.
	assert.equal((await done(a, 'sent')).n, '0');
	assert.equal((await done(again, 'sent', { ref: 'x1' })).n, '1');
	const [sent] = await db.rows('select state, payload, provider_ref, ended_at is not null as is_ended from outbox where id = $1', [code.id]);
	assert.deepEqual(sent, { state: 'sent', payload: null, provider_ref: 'x1', is_ended: true });
});

test('outbox_done: waits, retries, fails; and what a provider shows', async () => {
	await clear();
	const id = newId();
	await save({ id, name: 'worn' });
	await db.query(`insert into sms_price (prefix, price) values ('91', 250000)`);
	const o = await put({ kind: 'code' });
	assert.equal(o.cost, '250000');
	let [c] = await run('outbox_claim', [1, 60]);
	await done(c, 'wait', { at: at(-1), verdict: 'config', reason: 'no way' });
	[c] = await run('outbox_claim', [1, 60]);
	assert.equal(c.attempts, 1, 'waiting is no attempt');
	await done(c, 'retry', { at: at(-1), provider: id, verdict: 'config', reason: 'status 401', pause: 300, tried: `{${id}}`, tries: 1, billed: true });
	let [p] = await run('provider_all', ['worn']);
	assert.equal(p.state, 'paused');
	assert.equal(JSON.parse(p.about).last_error, 'status 401');
	assert.equal((await audits("event = 'provider_paused'")).length, 1);
	const [h] = await db.rows("select sum(cost) as cost from spend_hour where key = 'all'");
	assert.equal(h.cost, '500000', 'a try that may have been taken costs once more');
	[c] = await run('outbox_claim', [1, 60]);
	assert.deepEqual([c.attempts, c.tried, c.tries, c.provider_id], [2, id, 1, id]);
	await done(c, 'failed', { provider: id, verdict: 'retry', reason: 'dead' });
	const [row] = await db.rows('select state, last_error, payload from outbox where id = $1', [o.id]);
	assert.deepEqual(row, { state: 'failed', last_error: 'dead', payload: null });
	assert.equal((await audits("event = 'message_failed'")).length, 1);
	assert.equal((await run1('provider_balance', [id, 12345])).n, '1');
	await save({ id, name: 'worn' });	// mended
	[p] = await run('provider_all', ['worn']);
	assert.equal(p.state, 'ready');
	assert.equal(JSON.parse(p.about).balance, 12345);
});

test('outbox_done: what a provider says that it cost is kept, and only ever tightens the ceiling', async () => {
	await clear();
	const id = newId();
	await save({ id, name: 'costly' });
	await db.query(`insert into sms_price (prefix, price) values ('91', 250000)`);
	const sums = async () => (await db.rows("select sum(cost)::int as cost, sum(reported)::int8::text as reported from spend_hour where key = 'all'"))[0];
	const send = async (cost, step = 'sent') => {
		await db.query('truncate outbox, spend_hour');
		const { id: row } = await put({ kind: 'code' });
		const [c] = await run('outbox_claim', [1, 60]);
		assert.equal((await done(c, step, { provider: id, verdict: step === 'sent' ? 'ok' : 'retry', cost })).n, '1');
		const [{ cost: estimate, cost_reported: reported }] = await db.rows('select cost, cost_reported from outbox where id = $1', [row]);
		assert.equal(estimate, '250000');
		return [reported, ...Object.values(await sums())];
	};
	assert.deepEqual(await send(null), [null, 250_000, '0']);
	assert.deepEqual(await send(0), ['0', 250_000, '0']);
	assert.deepEqual(await send(100_000), ['100000', 250_000, '100000'], 'cheaper: no room is made');
	assert.deepEqual(await send(400_000), ['400000', 400_000, '400000'], 'dearer counts');
	assert.deepEqual(await send(999_999_999_999_999), ['999999999999999', 2_500_000, '999999999999999'], 'ten times at most');
	assert.deepEqual(await send(400_000, 'failed'), [null, 250_000, '0'], 'of what was sent alone');
	await assert.rejects(send(-1), /outbox_cost_reported_domain/);
	// Without a price there is nothing to compare with.
	await db.query('truncate outbox, spend_hour, sms_price');
	await put({ kind: 'code' });
	const [c] = await run('outbox_claim', [1, 60]);
	await done(c, 'sent', { provider: id, verdict: 'ok', cost: 400_000 });
	assert.deepEqual(await sums(), { cost: 0, reported: '400000' });
	const { body } = await run1('spend_view', []);
	const v = JSON.parse(body);
	assert.deepEqual([v.hour.reported, v.day.reported, v.recent[0].cost, v.recent[0].cost_reported], [400_000, 400_000, 0, 400_000]);
	const list = JSON.parse((await run1('outbox_list', [null, null, 10])).body);
	assert.deepEqual([list.data[0].cost, list.data[0].cost_reported], [0, 400_000]);
});

test('provider_test_begin, provider_test_end', async () => {
	await clear();
	await db.query("delete from throttle where bucket = 'provider_test'");
	const id = newId();
	await save({ id, name: 'tried' });
	const begin = (to, o = newId()) => run1('provider_test_begin', [id, o, 'sms', to, 'masked', ...WHO]);
	const o = newId();
	assert.equal((await begin(number(), o)).outcome, 'ok');
	assert.equal((await run1('provider_test_end', [o, id, false, 'status 500', null, null])).n, '1');
	const [row] = await db.rows('select state, kind, last_error from outbox where id = $1', [o]);
	assert.deepEqual(row, { state: 'failed', kind: 'test', last_error: 'status 500' });
	await db.query(`insert into sms_price (prefix, price) values ('91', 250000)`);
	const paid = newId();
	await begin(number(), paid);
	await run1('provider_test_end', [paid, id, true, null, 'x1', 300000]);
	assert.deepEqual(await db.rows('select state, cost, cost_reported from outbox where id = $1', [paid]), [{ state: 'sent', cost: '250000', cost_reported: '300000' }]);
	assert.deepEqual(await db.rows("select sum(cost)::int as cost, sum(reported)::int as reported from spend_hour where key = 'all'"), [{ cost: 300000, reported: 300000 }]);
	const refused = await begin('+15551234567');
	assert.deepEqual([refused.outcome, refused.reason], ['refused', 'country_denied']);
	for (let i = 0; i < 7; i++) await begin(number());
	const r = await begin(number());
	assert.equal(r.outcome, 'rate_limited');
	assert.ok(r.retry_after_s > 0 && r.retry_after_s <= 600);
	assert.equal((await audits("event = 'provider_tested'")).length, 10);
});

test('message_text_save, message_text_all, message_text_delete', async () => {
	const key = ['sign_in_code', 'sms', 'hi'];
	const r = await run1('message_text_save', [...key, null, '{{code}} hai', null, ...WHO]);
	assert.equal(body(r).text, '{{code}} hai');
	await run1('message_text_save', [...key, null, '{{code}} hai!', null, ...WHO]);
	const [t] = await run('message_text_all', []);
	assert.equal(t.text, '{{code}} hai!');
	assert.equal((await run1('message_text_delete', [...key, ...WHO])).outcome, 'done');
	assert.equal((await run1('message_text_delete', [...key, ...WHO])).outcome, 'not_found');
});

test('price_save, price_list', async () => {
	await save({ name: 'dear' });
	const put2 = (rows) => run1('price_save', [JSON.stringify(rows), ...WHO]);
	assert.equal((await put2([{ prefix: '91', price: 250000 }, { prefix: '91', provider: 'Dear', price: 300000 }])).outcome, 'ok');
	assert.deepEqual(body(await run1('price_list', [])).data.map((p) => [p.prefix, p.provider, p.price]), [['91', null, 250000], ['91', 'dear', 300000]]);
	for (const bad of [{ prefix: '+91', price: 1 }, { prefix: '91', price: -1 }, { prefix: '91', price: 1, provider: 'nobody' }]) {
		const r = await put2([bad]);
		assert.equal(r.outcome, 'invalid');
		assert.equal(body(r)[0].field, 'data[0]');
	}
	assert.equal(body(await run1('price_list', [])).data.length, 2, 'all or nothing');
	assert.equal((await put2([])).outcome, 'ok');
});

// ---- the ceiling

const why = async (o) => (await put({ kind: 'code', ...o })).last_error;

test('the ceiling: countries, counts and money', async () => {
	await clear();
	await db.query('delete from provider');
	assert.equal((await put({ to: '+15551234567' })).state, 'queued', 'with no provider nothing can be spent');
	await save({ name: 'any' });
	assert.equal(await why({ to: '+15551234567' }), 'country_denied');
	await set('sms_countries', ['91', '1']);
	assert.equal(await why({ to: '+15551234567' }), null);
	assert.equal(await why({ to: '+18765551234' }), 'prefix_blocked', 'Jamaica is not what +1 was allowed for');
	const to = number();
	await set('sms_destination_day_max', 2);
	assert.deepEqual([await why({ to }), await why({ to }), await why({ to })], [null, null, 'destination_day']);
	await set('sms_destination_day_max', null);
	const app = await makeApp();
	await set('sms_app_hour_max', 1);
	assert.deepEqual([await why({ app: app.app_id }), await why({ app: app.app_id }), await why({})], [null, 'app_hour', null]);
	await set('sms_app_hour_max', null);
	await clear();
	await set('sms_hour_max', 3);
	await set('sms_breaker', false);
	assert.deepEqual([await why(), await why(), await why(), await why()], [null, null, null, 'hour_max']);
	await set('sms_hour_max', null);
	await clear();
	await db.query(`insert into sms_price (prefix, price) values ('91', 400000), ('9198', 500000)`);
	await set('sms_hour_budget', 1_000_000);
	assert.deepEqual([await why(), await why(), await why()], [null, null, 'hour_budget']);
	await set('sms_hour_budget', null);
	const v = body(await run1('spend_view', []));
	assert.deepEqual([v.hour.sent, v.hour.refused, v.hour.cost], [2, 1, 1_000_000]);
	assert.deepEqual(v.recent.map((r) => r.decision), ['refused', 'allowed', 'allowed']);
	assert.match(v.recent[0].destination, /^\+91\*+\d\d$/);
	await set('sms_breaker', null);
	const ip = '203.0.113.77';
	await set('sms_countries', ['91', '1', '44', '49', '33']);
	const from = [];
	for (const cc of ['91', '1', '44', '49', '33']) from.push(await why({ ip, to: number(cc) }));
	assert.deepEqual(from, [null, null, null, null, 'address_countries']);
	await set('sms_countries', null);
});

test('codes of an application have a ceiling over either channel', async () => {
	await clear();
	const app = await makeApp();
	await set('otp_app_hour_max', 2);
	const mail = () => put({ kind: 'code', channel: 'email', to: 'x@example.org', app: app.app_id });
	assert.deepEqual([(await mail()).state, (await mail()).state, (await mail()).last_error], ['queued', 'queued', 'app_codes']);
	await set('otp_app_hour_max', null);
});

test('spend_settle and the breaker: unused codes stop strangers, not those who sign in', async () => {
	await clear();
	const trusted = await makeUser();
	const stranger = await makeUser();
	await db.query('insert into person_login (person_id, last_login_at) values ($1, now())', [trusted.user_id]);
	for (let i = 0; i < 21; i++) {
		const o = await put({ kind: 'code' });
		assert.equal(o.state, 'queued', o.last_error);
		await db.query(`update outbox set state = 'sent', payload = null, ended_at = now(), expires_at = now() where id = $1`, [o.id]);
	}
	assert.equal(await why({ person: stranger.user_id }), null, 'not counted yet');
	assert.equal((await run1('spend_settle', [100])).n, '21');
	assert.equal((await run1('spend_settle', [100])).n, '0');
	const [c] = await db.rows("select sum(sent)::int as sent, sum(verified)::int as verified, sum(unverified)::int as unverified from spend_hour where key = 'country:91'");
	assert.deepEqual(c, { sent: 22, verified: 0, unverified: 21 });
	assert.equal(await why({ person: stranger.user_id }), 'breaker');
	assert.equal(await why({ person: trusted.user_id }), null);
	assert.equal(await why(), 'breaker');
	const v = body(await run1('spend_view', []));
	assert.equal(v.breaker.open, true);
	assert.deepEqual([v.countries[0].code, v.countries[0].is_open], ['91', true]);
	await set('sms_breaker', false);
	assert.equal(await why({ person: stranger.user_id }), null);
	await set('sms_breaker', null);
});

test('receipts_take: by provider and id, once, never back; early ones wait for their message', async () => {
	await clear();
	const mine = newId();
	await save({ id: mine, name: 'Receipts' });
	const other = newId();
	await save({ id: other, name: 'Others' });
	const take = async (rows, provider = mine) => Object.values(await run1('receipts_take', [provider, JSON.stringify(rows), ...ORIGIN])).map(Number);
	await put();
	const [m] = await run('outbox_claim', [1, 60]);
	// Something is being sent: what is not known yet is kept, delivered before failed.
	assert.deepEqual(await take([{ ref: 'a', state: 'delivered' }, { ref: 'a', state: 'failed', error: 'x' }, { ref: 'b', state: 'failed' }]), [0, 0, 0, 3]);
	assert.deepEqual(await take([{ ref: 'a', state: 'failed' }], other), [0, 0, 0, 1]);
	await done(m, 'sent', { provider: mine, ref: 'a' });
	const shown = async () => body(await run1('outbox_list', [null, null, 9])).data.map((o) => [o.state, o.receipt, o.receipt_error, o.receipt_at !== null]);
	assert.deepEqual(await shown(), [['sent', 'delivered', null, true]]);
	assert.deepEqual(await take([{ ref: 'a', state: 'failed' }, { ref: 'a', state: 'delivered' }]), [0, 0, 2, 0]);
	assert.equal((await audits("event = 'message_delivered'")).length, 1);
	assert.deepEqual((await db.rows('select ref from receipt_early order by ref, provider_id')).map((r) => r.ref), ['a', 'b']);
	await clear();
	// The newest of two with one id; nothing is kept while nothing is sent.
	await db.query('truncate receipt_early');
	const two = [];
	for (let i = 0; i < 2; i++) {
		await put();
		const [c] = await run('outbox_claim', [1, 60]);
		await done(c, 'sent', { provider: mine, ref: 'same' });
		two.push(c.id);
	}
	assert.deepEqual(await take([{ ref: 'same', state: 'failed', error: 'absent' }, { ref: 'none', state: 'failed' }]), [0, 1, 0, 1]);
	assert.deepEqual(await take([{ ref: 'same', state: 'delivered' }], other), [0, 0, 0, 1]);
	assert.deepEqual((await db.rows('select id from outbox where receipt is not null')).map((r) => r.id), [two[1]]);
	assert.deepEqual(await db.rows('select from receipt_early'), []);
	const [a] = await audits("event = 'message_undelivered'");
	assert.deepEqual([a.outcome, a.detail.reason, a.request_id, a.ip], ['failed', 'absent', ORIGIN[0], ORIGIN[1]]);
	assert.deepEqual(await take([{ ref: 'same', state: 'delivered' }]), [1, 0, 0, 0]);
	await db.query("insert into receipt_early (provider_id, ref, receipt, at) values ($1, 'old', 'failed', now() - interval '11 minutes'), ($1, 'new', 'failed', now())", [mine]);
	await run1('sign_in_purge', [100]);
	assert.deepEqual((await db.rows('select ref from receipt_early')).map((r) => r.ref), ['new']);
});

test('carrier_domain_*: taken once, told when it changes, a failure keeps what was known', async () => {
	const claim = async (list) => (await run('carrier_domain_claim', [JSON.stringify(list), 9])).map((r) => r.domain).sort();
	const told = async (rows) => Number((await run1('carrier_domain_done', [JSON.stringify(rows)])).n);
	const known = async () => Object.fromEntries((await run('carrier_domain_list', [])).map((r) => [r.domain, [r.mx_ok, r.mx_reason]]));
	const events = async () => (await audits("event = 'carrier_domain_changed'")).map((a) => `${a.detail.domain} ${a.outcome}`);
	assert.deepEqual(await claim(['b.example', 'A.example', 'a.example', 'no domain']), ['a.example', 'b.example']);
	assert.deepEqual(await claim(['a.example', 'b.example']), []);
	assert.equal(await told([{ domain: 'a.example', ok: true }, { domain: 'b.example', ok: false, reason: 'gone' }, { domain: 'c.example', ok: true }]), 2);
	assert.deepEqual(await known(), { 'a.example': [true, null], 'b.example': [false, 'gone'] });
	assert.deepEqual(await events(), ['b.example failed']);
	assert.equal(await told([{ domain: 'b.example', reason: 'no answer' }]), 1);
	assert.deepEqual((await known())['b.example'], [false, 'gone']);
	assert.equal(await told([{ domain: 'b.example', ok: true }]), 1);
	assert.deepEqual(await events(), ['b.example failed', 'b.example ok']);
	await db.query("update carrier_domain set due_at = now() - case domain when 'a.example' then interval '31 days' else interval '1 second' end");
	assert.deepEqual(await claim(['b.example']), ['b.example']);
	assert.deepEqual(Object.keys(await known()), ['b.example']);
});

test('outbox_list: newest first, page by page, nothing of a destination but its ends', async () => {
	await clear();
	for (let i = 0; i < 3; i++) await put({ channel: 'email', to: `person${i}@example.org` });
	const one = body(await run1('outbox_list', [null, null, 2]));
	assert.deepEqual([one.data.length, one.page.has_more, one.data[0].destination], [2, true, 'p***@example.org']);
	const two = body(await run1('outbox_list', ['queued', one.page.next_cursor, 2]));
	assert.deepEqual([two.data.length, two.page.has_more, two.page.next_cursor], [1, false, null]);
	assert.deepEqual(body(await run1('outbox_list', ['sent', null, 2])).data, []);
});

test("a carrier's gateway alone is no way to reach a person", async () => {
	await clear();
	await db.query('delete from provider');
	const app = await makeApp();
	const u = await makeUser({ email: null, mobile: number('1'), apps: [app] });
	await db.query(`update person set carrier = 'verizon' where auth_user_id = $1`, [u.user_id]);
	const recover = () => run1('person_recover', [newId(), u.user_id, hash(), hash(), 1800, 600, newId(), Buffer.from('a'), Buffer.from('b'), false, ...WHO]);
	let device = 0;
	const notices = async () => {
		await clear();
		await succeed(u, app, { device: `device-${++device}`, notice: newId() });
		return db.rows(`select kind, channel, destination from outbox`);
	};
	await notices();		// the first device is no news
	await save({ name: 'gateways', type: 'carrier_email' });
	assert.equal((await recover()).outcome, 'delivery_unavailable');
	assert.deepEqual(await notices(), []);
	await save({ name: 'real' });
	await set('sms_countries', ['1']);
	assert.deepEqual(await notices(), [{ kind: 'notice', channel: 'sms', destination: u.mobile_number }]);
	assert.equal((await recover()).outcome, 'ok');
	await set('sms_countries', null);
});

test('every event is in the vocabulary', vocabularyHolds);
