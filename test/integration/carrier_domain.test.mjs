// Carriers' gateways in the DNS: looked up when a document comes and once a
// day, by one node; told in the list, and never by a name server outside.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SLOW, auditRows, startService, waitUntil } from './harness.mjs';
import { consoleLogin } from './harness_console.mjs';
import { EGRESS, applyProvider, smtpDoc, startSmtp } from './delivery_kit.mjs';
import { startDns } from './delivery_dns.mjs';

const FINE = { MX: ['mx.example.org'] };
const zones = {
	'good.example': FINE, 'addr.example': { A: ['192.0.2.1'] }, 'six.example': { AAAA: ['::1'] }, 'null.example': { MX: [''], A: ['192.0.2.1'] },
	'empty.example': {}, 'moving.example': FINE,
};
const dns = await startDns({ ...zones });
const env = { ...EGRESS, IDENTITY_DNS_SERVER: dns.address };
const svc = await startService({ env });
const other = await startService({ db: svc.db, env: { ...env, IDENTITY_MASTER_KEY_FILE: `${svc.env.IDENTITY_DATA_DIR}/master.key` } });
const smtp = await startSmtp();
const admin = await consoleLogin(svc);
await applyProvider(svc, smtpDoc(smtp));
const names = (domains) => domains.map((d) => ({ id: d.split('.')[0], domain: d }));
// The shipped ones are looked up as well: here they are all switched off.
const shipped = (await admin.get('/carriers')).body.data;
const off = shipped.map((c) => ({ id: c.id, status: 'dead' }));
const save = (domains, o = {}) => applyProvider(svc, { name: 'carriers', type: 'carrier_email', smtp: 'mail', carriers: [...off, ...names(domains)] }, o);
const list = async () => Object.fromEntries((await admin.get('/carriers')).body.data.map((c) => [c.domain, c]));
const limit = { timeoutMs: 30_000 * SLOW };
const known = (domain, ok) => waitUntil(async () => {
	const c = (await list())[domain];
	return c?.mx_ok === ok && c;
}, { ...limit, what: `${domain} is ${ok}` });
// As if a day had gone by; a provider that changed has it looked at.
async function tomorrow() {
	await svc.db.query("update carrier_domain set due_at = now() - interval '1 second'");
	await svc.db.query("update provider set priority = priority + 1 where name = 'mail'");
}

test('nothing is asked while nobody sends to gateways', async () => {
	assert.equal(shipped.length > 10, true);
	assert.deepEqual([...new Set(shipped.map((c) => c.mx_ok))], [null]);
	assert.deepEqual(dns.asked, []);
});

test('MX, else an address; a null MX and a domain without either are told', async () => {
	await save(Object.keys(zones));
	for (const d of ['good.example', 'addr.example', 'six.example', 'moving.example']) {
		const c = await known(d, true);
		assert.match(c.warning, /nobody has said lately/);
		assert.ok(Math.abs(Date.now() - Date.parse(c.mx_checked_at)) < 60_000);
	}
	for (const d of ['null.example', 'empty.example']) assert.match((await known(d, false)).warning, /takes no mail/);
	const told = (await svc.cli(['provider', 'list'])).stderr.split('\n').filter((l) => l).map((l) => l.replace(/: the domain takes.*/, ''));
	assert.deepEqual(told, ['empty', 'null'].map((d) => `identityd provider list: carrier gateway ${d}.example`));
	const of = (d) => dns.asked.filter((a) => a.endsWith(` ${d}`));
	// Before it was saved, and by one node; the null MX ends it, the rest goes on to addresses.
	const twice = (...a) => [...a, ...a];
	assert.deepEqual([of('good.example'), of('null.example'), of('addr.example'), of('empty.example')],
		[twice('MX good.example'), twice('MX null.example'), twice('MX addr.example', 'A addr.example'), twice('MX empty.example', 'A empty.example', 'AAAA empty.example')]);
	assert.deepEqual(dns.asked.filter((a) => !Object.keys(zones).includes(a.split(' ')[1])), []);
	assert.deepEqual((await auditRows(svc.db, { event: 'carrier_domain_changed' })).map((a) => [a.outcome, a.detail.domain]).sort(),
		[['failed', 'empty.example'], ['failed', 'null.example']]);
	await svc.logContains(/carrier gateway (null|empty)\.example/).catch(() => other.logContains(/carrier gateway (null|empty)\.example/));
});

test('a domain that goes is told, and when it comes back; a name server that fails changes nothing', async () => {
	dns.zones['moving.example'] = 'NXDOMAIN';
	await tomorrow();
	assert.equal((await known('moving.example', false)).warning, 'there is no such domain');
	for (const how of ['SERVFAIL', 'garbage']) {
		dns.zones['moving.example'] = dns.zones['good.example'] = how;
		const asked = dns.asked.length;
		await tomorrow();
		await waitUntil(async () => dns.asked.length > asked && (await svc.db.rows("select from carrier_domain where domain in ('good.example', 'moving.example') and due_at between now() + interval '50 minutes' and now() + interval '61 minutes'")).length === 2, limit);
		const l = await list();
		assert.deepEqual([l['good.example'].mx_ok, l['moving.example'].mx_ok], [true, false], how);
	}
	Object.assign(dns.zones, zones);
	await tomorrow();
	assert.match((await known('moving.example', true)).warning, /nobody has said lately/);
	assert.deepEqual((await auditRows(svc.db, { event: 'carrier_domain_changed' })).filter((a) => a.detail.domain === 'moving.example').map((a) => [a.outcome, a.detail.reason ?? null]),
		[['failed', 'there is no such domain'], ['ok', null]]);
	const [{ min, max }] = await svc.db.rows('select min(due_at - mx_checked_at)::text, max(due_at - mx_checked_at)::text from carrier_domain where mx_ok');
	assert.match(min, /^23:/);
	assert.match(max, /^23:|^1 day$|^24:00:00$/);
});

test('a document whose domain is none is refused, in the console and on the command line', async () => {
	const before = (await svc.db.rows("select version from provider where name = 'carriers'"))[0].version;
	const doc = (domains) => ({ name: 'carriers', type: 'carrier_email', smtp: 'mail', carriers: [...off, ...names(domains)] });
	const put = async (domains) => admin.put('/providers/carriers', doc(domains), { version: (await svc.db.rows("select version from provider where name = 'carriers'"))[0].version });
	const bad = await save(['good.example', 'nowhere.example'], { mayFail: true });
	assert.equal(bad.code, 1);
	assert.match(bad.stderr, /carriers: there is no domain nowhere\.example/);
	// A daily run of the same worker would only put it off.
	const r = await waitUntil(async () => {
		const x = await put(['good.example', 'nowhere.example']);
		return x.status === 422 && x;
	}, limit);
	assert.deepEqual(r.body.errors, [{ field: 'carriers', message: 'There is no domain nowhere.example.' }]);
	// One that is switched off may be gone, and nobody's fault refuses nothing.
	assert.equal((await save([], { mayFail: true })).code, 0);
	dns.zones['unsure.example'] = 'SERVFAIL';
	assert.equal((await save(['unsure.example', 'null.example'], { mayFail: true })).code, 0);
	const good = await put(['unsure.example']);
	assert.equal(good.status, 200, good.text);
	const dead = { ...doc([]), carriers: [...off, { id: 'late', domain: 'late.example', status: 'dead' }] };
	assert.equal((await admin.put('/providers/carriers', dead, { version: good.body.version })).status, 200);
	assert.ok(!dns.asked.some((a) => a.endsWith('late.example')));
	assert.ok((await svc.db.rows("select version from provider where name = 'carriers'"))[0].version > before);
});
