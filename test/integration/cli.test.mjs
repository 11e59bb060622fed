// cli - the command line, as an operator and a script use it: real binary,
// real database, exit statuses, what goes to stdout and what to stderr.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { BIN, TOP, auditRows, freePort, newDatabase, onTeardown, run, setSetting, startService, tempDir } from './harness.mjs';

const db = await newDatabase();
const dataDir = path.join(tempDir('cli'), 'data');
const ENV = { IDENTITY_DATABASE_URL: db.url, IDENTITY_DATA_DIR: dataDir, IDENTITY_PUBLIC_URL: 'https://id.example.org' };
const cli = (args, stdin, env) => run(args, { stdin, env: { ...ENV, ...env } });
const PASSWORD = 'correct horse battery';

// Succeeds with nothing on stderr; gives the JSON of stdout, which is one line.
async function ok(args, stdin) {
	const r = await cli([...args, '--json'], stdin);
	assert.equal(r.code, 0, r.stderr);
	assert.equal(r.stderr, '');
	assert.match(r.stdout, /^[^\n]+\n$/);
	return r.json();
}

// Ends with |code| and a reason; nothing on stdout.
async function fails(code, re, args, stdin, env) {
	const r = await cli(args, stdin, env);
	assert.equal(r.code, code, `${args.join(' ')}: ${r.stdout}${r.stderr}`);
	assert.match(r.stderr, re);
	assert.match(r.stderr, /^identityd /);
	assert.equal(r.stdout, '');
}

const COMMANDS = [['migrate'], ['config'], ['admin'], ['admin', 'create'], ['app'], ['app', 'create'], ['app', 'list'],
	['key'], ['key', 'create'], ['user'], ['user', 'create'], ['setup-link'], ['healthcheck'], ['serve'], [],
	['user', 'import'], ['admin', 'recovery-link'], ['provider'], ['provider', 'list'], ['provider', 'apply'], ['provider', 'test'],
	['token-key'], ['token-key', 'list'], ['token-key', 'rotate'], ['audit'], ['audit', 'verify'], ['backup'], ['restore'], ['version'], ['reseal']];

test('every command has help, without a database', async () => {
	for (const c of COMMANDS) {
		const r = await run([...c, '--help']);
		assert.equal(r.code, 0, c.join(' '));
		assert.equal(r.stderr, '');
		assert.ok(r.stdout.startsWith(['usage: identityd', ...c].join(' ')), r.stdout);
		for (const line of r.stdout.split('\n')) assert.ok(line.length <= 80, line);
	}
	assert.match((await run(['user', 'create', '--name', 'X', '--help'])).stdout, /^usage/);
});

test('the version: of the binary and of its schema, without settings', async () => {
	const both = (await run(['version', '--json'], { env: { IDENTITY_NONSENSE: '1' } })).json();
	assert.match(both.version, /^\d+\.\d+\.\d+$/);
	const files = fs.readdirSync(path.join(TOP, 'sql/migrations')).filter((f) => f.endsWith('.sql'));
	assert.equal(both.schema_version, Number(files.sort().at(-1).slice(0, 4)));
	for (const args of [['version'], ['--version']])
		assert.equal((await run(args)).stdout, `identityd ${both.version}, schema ${both.schema_version}\n`);
});

test('a wrong command line is 2, with a pointer to help', async () => {
	for (const [args, re] of [
		[['nonsense'], /nonsense/], [['app', 'nonsense'], /app nonsense/], [['app', 'create'], /--name is missing/],
		[['app', 'create', '--nmae', 'x'], /unknown option --nmae/], [['app', 'create', '-x'], /unknown option -x/],
		[['app', 'create', '--name'], /--name needs a value/], [['app', 'create', '--name', ''], /--name needs a value/],
		[['app', 'create', '--name', 'a', '--name', 'b'], /given twice/], [['app', 'create', '--name', 'a', 'b'], /unexpected "b"/],
		[['app', 'list', 'x'], /unexpected "x"/], [['app', 'list', '--', 'x'], /unexpected "x"/],
		[['app', 'create', '--name', 'a', '--allow-ip', '10.0.0.1/8'], /"10\.0\.0\.1\/8"/],
		[['app', 'create', '--name', 'a', '--allow-ip', '10.0.0.0/8,bad'], /"bad"/],
		[['key', 'create'], /--app is missing/], [['key', 'create', '--app', 'a', '--expires', '0'], /--expires/],
		[['key', 'create', '--app', 'a', '--expires', 'soon'], /--expires/], [['key', 'create', '--app', 'a', '--expires', '3651'], /--expires/],
		[['user', 'create', '--email', 'a@x.org'], /--name is missing/], [['user', 'create', '--name', 'X', '--email', 'no'], /"no" is not an e-mail/],
		[['user', 'create', '--name', 'X', '--mobile', '12'], /"12" is not a mobile/], [['user', 'create', '--name', 'X', '--password', 'x'], /unknown option|unexpected/],
		[['admin', 'create', '--name', 'X'], /--email or --mobile/], [['migrate', '--json=1'], /--json/], [['setup-link', 'x'], /unexpected/],
	]) {
		const r = await cli(args);
		assert.equal(r.code, 2, `${args.join(' ')}: ${r.stderr}`);
		assert.match(r.stderr, re);
		assert.match(r.stderr, /--help/);
		assert.equal(r.stdout, '');
	}
	for (const c of ['admin', 'app', 'key', 'user']) {
		const r = await run([c]);
		assert.equal(r.code, 2);
		assert.match(r.stderr, /^usage/);
	}
	assert.equal((await db.rows('select from application union all select from person')).length, 0);
});

test('no database, none there, no schema: one line that says it', async () => {
	await fails(2, /IDENTITY_DATABASE_URL is not set/, ['app', 'list'], '', { IDENTITY_DATABASE_URL: '' });
	const gone = new URL(db.url);
	gone.port = String(await freePort());
	for (const c of [['app', 'list'], ['migrate'], ['setup-link']])
		await fails(1, /refused|connect/i, c, '', { IDENTITY_DATABASE_URL: gone.href });
	const empty = await newDatabase({ migrated: false });
	await fails(1, /identityd migrate/, ['app', 'list'], '', { IDENTITY_DATABASE_URL: empty.url });
	await fails(2, /IDENTITY_WORKERS/, ['app', 'list'], '', { IDENTITY_WORKERS: 'many' });
});

test('migrate: check, apply once whatever runs concurrently, nothing the second time', async () => {
	const own = await newDatabase({ migrated: false });
	const env = { IDENTITY_DATABASE_URL: own.url };
	await fails(1, /version 0/, ['migrate', '--check'], '', env);
	assert.equal((await own.rows('select from pg_tables where schemaname = \'public\'')).length, 0, '--check changes nothing');
	const all = await Promise.all([1, 2, 3].map(() => cli(['migrate', '--json'], '', env)));
	for (const r of all) assert.equal(r.code, 0, r.stderr);
	const to = all[0].json().to;
	assert.equal(all.reduce((n, r) => n + r.json().applied, 0), to, 'each migration once');
	assert.equal((await own.rows('select from schema_migration')).length, to);
	const again = await cli(['migrate'], '', env);
	assert.equal(again.code, 0);
	assert.equal(again.stdout, `schema is at version ${to}\n`);
	assert.equal((await cli(['migrate', '--check'], '', env)).code, 0);
	await own.query('insert into schema_migration (num, name, sha256) values ($1, \'future\', repeat(\'0\', 64))', [to + 1]);
	await fails(1, /newer|version/, ['migrate'], '', env);
	await fails(1, /newer|version/, ['app', 'list'], '', env);
	await own.query('delete from schema_migration where num > $1', [to]);
	await own.query('update schema_migration set sha256 = repeat(\'0\', 64) where num = 1');
	await fails(1, /.+/, ['migrate'], '', env);
});

test('app create and list', async () => {
	const a = await ok(['app', 'create', '--name', 'Café "1"', '--allow-ip', '10.0.0.0/8,::1', '--allow-ip', '192.0.2.7', '198.51.100.0/24']);
	assert.match(a.id, /^[0-9a-f-]{36}$/);
	assert.equal(a.name, 'Café "1"');
	assert.deepEqual(a.allowed_ips, ['10.0.0.0/8', '192.0.2.7/32', '198.51.100.0/24', '::1/128']);
	assert.match(a.created_at, /^\d{4}-.*\.\d{3}Z$/);
	await fails(1, /already/, ['app', 'create', '--name', 'CAFÉ "1"', '--allow-ip', '::1']);
	await fails(1, /--name/, ['app', 'create', '--name', 'x'.repeat(101), '--allow-ip', '::1']);
	const text = await cli(['app', 'create', '--name', 'plain']);
	assert.equal(text.code, 0);
	assert.match(text.stdout, /^[0-9a-f-]{36}\n$/);
	assert.match(text.stderr, /every call will be refused/);
	const list = await ok(['app', 'list']);
	assert.deepEqual(list.map((x) => [x.name, x.status, x.users, x.keys, x.allowed_ips.length]), [['Café "1"', 'enabled', 0, 0, 4], ['plain', 'enabled', 0, 0, 0]]);
	assert.equal(list[0].id, a.id);
	assert.equal((await cli(['app', 'list'])).stdout.split('\n').length, 3);
	const [row] = await auditRows(db, { event: 'application_created', application_id: a.id });
	assert.deepEqual([row.request_id, row.remote, row.ip, row.category], ['cli', null, null, 'admin']);
});

test('key create: the key once, its hash in the database', async () => {
	const app = await ok(['app', 'create', '--name', 'keys', '--allow-ip', '::1']);
	const k = await ok(['key', 'create', '--app', 'KEYS', '--expires', '30', '--label', 'blue']);
	const m = /^isk_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(k.key);
	assert.equal(k.id, m[1]);
	assert.ok(Math.abs(new Date(k.expires_at) - Date.now() - 30 * 86_400_000) < 120_000);
	const [row] = await db.rows('select * from application_key where key_id = $1', [k.id]);
	assert.equal(row.application_id, app.id);
	assert.deepEqual(row.hash, createHash('sha256').update(m[2]).digest());
	assert.equal(row.last4, m[2].slice(-4));
	assert.equal(row.label, 'blue');
	const plain = await cli(['key', 'create', '--app', app.id]);
	assert.match(plain.stdout, /^isk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\n$/);
	assert.equal((await ok(['key', 'create', '--app', app.id])).expires_at, null);
	await fails(1, /no application "nowhere"/, ['key', 'create', '--app', 'nowhere']);
	const all = JSON.stringify([await db.rows('select * from application_key'), await auditRows(db)]);
	for (const key of [k.key, plain.stdout.trim()]) assert.ok(!all.includes(key.slice(17, 60)), 'no secret is kept');
});

test('user create: the User, assignments, and what is refused', async () => {
	const [a, b] = [await ok(['app', 'create', '--name', 'u1', '--allow-ip', '::1']), await ok(['app', 'create', '--name', 'u2', '--allow-ip', '::1'])];
	const u = await ok(['user', 'create', '--name', 'Zoë "Z" O\'Neil', '--email', ' Zoe@Example.ORG ', '--mobile', '98765 43210', '--emp-id', 'E-1',
		'--app', 'u1', '--app', b.id, '--mfa', '--password-stdin'], 'kX9#mQ2p\n');
	assert.deepEqual(Object.keys(u).sort(), ['auth_user_id', 'email', 'emp_id', 'mfa_enabled', 'mobile_number', 'name', 'status', 'sync_hash', 'updated_at']);
	assert.deepEqual([u.name, u.email, u.mobile_number, u.emp_id, u.status, u.mfa_enabled],
		['Zoë "Z" O\'Neil', 'zoe@example.org', '+919876543210', 'E-1', 'active', true]);
	assert.equal(u.sync_hash, createHash('sha256').update(JSON.stringify({ email: u.email, emp_id: u.emp_id, mobile_number: u.mobile_number, name: u.name, status: u.status })).digest('hex'));
	const assigned = await db.rows('select application_id from assignment where person_id = $1', [u.auth_user_id]);
	assert.deepEqual(assigned.map((r) => r.application_id).sort(), [a.id, b.id].sort());
	const [row] = await db.rows('select password_hash from person where auth_user_id = $1', [u.auth_user_id]);
	assert.match(row.password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
	await fails(1, /e-mail address is in the directory/, ['user', 'create', '--name', 'X', '--email', 'ZOE@example.org']);
	await fails(1, /mobile number is in the directory/, ['user', 'create', '--name', 'X', '--mobile', '+91-98765-43210']);
	await fails(1, /employee id is in the directory/, ['user', 'create', '--name', 'X', '--emp-id', 'E-1']);
	await fails(1, /no application "gone"/, ['user', 'create', '--name', 'Nobody', '--app', 'u1', '--app', 'gone']);
	assert.equal((await db.rows('select from person where name = \'Nobody\'')).length, 0);
	const bare = await ok(['user', 'create', '--name', 'Bare']);
	assert.deepEqual([bare.email, bare.mobile_number, bare.emp_id], [null, null, null]);
	await setSetting(db, 'default_country_code', '49');
	assert.equal((await ok(['user', 'create', '--name', 'De', '--mobile', '0151 2345678'])).mobile_number, '+491512345678');
	await db.query('update setting set value = null');
});

test('passwords: length in code points, one line, never an argument', async () => {
	const create = (name, ...more) => ['user', 'create', '--name', name, '--password-stdin', ...more];
	await fails(1, /too short: use at least 15/, create('P'), `${'x'.repeat(14)}\n`);
	await fails(1, /too short: use at least 15/, create('P'), 'é'.repeat(14));
	await fails(1, /too short: use at least 8/, create('P', '--mfa'), '1234567\n');
	await fails(1, /longer than 1024/, create('P'), `${'x'.repeat(1025)}\n`);
	await fails(1, /longer than 1024/, create('P'), 'x'.repeat(100_000));
	await fails(1, /no password/, create('P'), '');
	await fails(1, /no password/, create('P'), '\n');
	await fails(1, /one line/, create('P'), 'first line is long enough\nsecond\n');
	await fails(1, /one line/, create('P'), `zero\0byte in the middle\n`);
	await fails(1, /UTF-8/, create('P'), Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('long enough, but not text')]));
	for (const pw of ['kX9#mQ2pTz!4wB7', '👩🌵🚲🎈🍕🧊🎧🧵🐙🪁🎲🧭🌋🛶🥁', `${randomBytes(512).toString('hex')}\n`, `with a return 12345\r\n`])
		await ok(create(`P ${pw.length}`), pw);
	await ok(create('P 8', '--mfa'), 'kX9#mQ2p\n');
	await fails(1, /attackers try first/, create('P', '--mfa'), 'p4ssw0rd\n');
	await fails(1, /easy to guess/, create('P'), 'x'.repeat(15));
	await fails(1, /knows your name/, create('Asha Rao', '--email', 'asha.rao@example.org'), 'asha.rao@example.org\n');
	await fails(1, /knows your name/, ['admin', 'create', '--name', 'Asha Rao', '--email', 'a.r@example.org', '--password-stdin'], 'AshaRaoAshaRao!\n');
	await setSetting(db, 'password_min_len', 20);
	await fails(1, /too short: use at least 20/, create('P'), 'x'.repeat(19));
	await db.query('update setting set value = null');
	assert.equal(JSON.stringify(await auditRows(db)).includes('argon2'), false);
});

test('setup-link until there is an administrator; admin create makes or promotes one', async () => {
	const link = await ok(['setup-link']);
	const m = /^https:\/\/id\.example\.org\/setup\?token=([A-Za-z0-9_-]{43})$/.exec(link.url);
	assert.ok(Math.abs(new Date(link.expires_at) - Date.now() - 900_000) < 60_000);
	const [t] = await db.rows('select token_hash from setup_token');
	assert.deepEqual(t.token_hash, createHash('sha256').update(m[1]).digest());
	assert.match((await cli(['setup-link'])).stdout, /^https:\/\/id\.example\.org\/setup\?token=[A-Za-z0-9_-]{43}\n$/);
	await fails(1, /too short/, ['admin', 'create', '--name', 'Root', '--email', 'root@example.org', '--password-stdin'], 'short\n');
	const root = await ok(['admin', 'create', '--name', 'Root', '--email', 'root@example.org', '--mobile', '+12025550123']);
	await fails(1, /administrator already/, ['setup-link']);
	const plain = await ok(['user', 'create', '--name', 'Plain', '--email', 'plain@example.org', '--mobile', '+12025550124']);
	for (const by of [['--email', 'PLAIN@example.org'], ['--mobile', '+1 202 555 0124'], ['--email', 'new@example.org', '--mobile', '+12025550124']]) {
		await db.query('update person set is_admin = false, status = \'disabled\' where auth_user_id = $1', [plain.auth_user_id]);
		const r = await cli(['admin', 'create', '--name', 'Whatever', ...by, '--password-stdin', '--json'], `${PASSWORD}\n`);
		assert.equal(r.code, 0, r.stderr);
		assert.match(r.stderr, /promoted/);
		assert.deepEqual([r.json().auth_user_id, r.json().name, r.json().status], [plain.auth_user_id, 'Plain', 'active']);
	}
	const admins = await db.rows('select auth_user_id, password_hash is not null as has from person where is_admin order by name');
	assert.deepEqual(admins, [{ auth_user_id: plain.auth_user_id, has: true }, { auth_user_id: root.auth_user_id, has: false }]);
	assert.equal((await auditRows(db, { event: 'admin_created' })).length, 1);
	assert.equal((await auditRows(db, { event: 'admin_promoted' })).length, 3);
});

test('config prints what is in force without a database and hides secrets', async () => {
	const env = { IDENTITY_DATABASE_URL: 'postgresql://u:s3cr3tpw@127.0.0.1:1/x', IDENTITY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
	const text = await cli(['config'], '', env);
	assert.equal(text.code, 0, text.stderr);
	assert.match(text.stdout, /^IDENTITY_PUBLIC_URL=https:\/\/id\.example\.org # env$/m);
	const json = (await cli(['config', '--json'], '', env)).json();
	assert.equal(json.IDENTITY_PUBLIC_URL.value, 'https://id.example.org');
	for (const secret of ['s3cr3tpw', env.IDENTITY_MASTER_KEY, Buffer.alloc(32, 7).toString('hex')])
		assert.ok(!text.stdout.includes(secret) && !JSON.stringify(json).includes(secret));
	await fails(2, /IDENTITY_WORKERS/, ['config'], '', { IDENTITY_WORKERS: '-1' });
	await fails(2, /IDENTITY_WROKERS/, ['config'], '', { IDENTITY_WROKERS: '1' });
	assert.ok(!fs.existsSync(dataDir), 'commands make no data directory');
});

test('healthcheck: ready, not there, not ready, silent', async () => {
	const svc = await startService();
	assert.equal((await svc.cli(['healthcheck'])).code, 0);
	assert.deepEqual((await svc.cli(['healthcheck', '--json'])).json(), { ready: true, status: 200 });
	assert.equal((await svc.cli(['healthcheck'], { env: { IDENTITY_HTTP_LISTEN: 'off' } })).code, 0, 'over TLS');
	assert.equal((await svc.cli(['healthcheck'], { env: { IDENTITY_HTTP_LISTEN: `0.0.0.0:${svc.port}` } })).code, 0);
	const closed = `127.0.0.1:${await freePort()}`;
	await fails(1, /cannot connect/, ['healthcheck'], '', { IDENTITY_HTTP_LISTEN: closed });
	const fake = async (answer) => {
		const server = net.createServer((s) => { s.on('error', () => {}).resume(); if (answer) s.end(answer); });
		await new Promise((go) => { server.listen(0, '127.0.0.1', go); });
		onTeardown(() => new Promise((go) => { server.close(go); }));
		return { IDENTITY_HTTP_LISTEN: `127.0.0.1:${server.address().port}` };
	};
	const down = await cli(['healthcheck', '--json'], '', await fake('HTTP/1.1 503 Service Unavailable\r\n\r\n'));
	assert.equal(down.code, 1);
	assert.deepEqual(down.json(), { ready: false, status: 503 });
	await fails(1, /no answer/, ['healthcheck'], '', await fake('SSH-2.0-OpenSSH_9.2p1\r\n'));
	const begun = performance.now();
	await fails(1, /no answer/, ['healthcheck'], '', await fake(null));
	assert.ok(performance.now() - begun < 6_000);
});

test('what was made on the command line signs in', async () => {
	const svc = await startService({ db });
	const app = await ok(['app', 'create', '--name', 'end to end', '--allow-ip', '127.0.0.1']);
	const { key } = await ok(['key', 'create', '--app', app.id]);
	const u = await ok(['user', 'create', '--name', 'E2E', '--email', 'e2e@example.org', '--app', app.id, '--password-stdin'], `${PASSWORD}\n`);
	const r = await svc.post('/auth/login', { identifier: 'E2E@example.org', password: PASSWORD }, { key });
	assert.equal(r.status, 200, r.text);
	assert.deepEqual(r.body.user, u);
});

test('an answer that cannot be written is a failure', () => {
	const out = fs.openSync('/dev/full', 'w');
	for (const args of [['config'], ['app', 'list', '--json']]) {
		const r = spawnSync(BIN, args, { env: { PATH: process.env.PATH, ...ENV }, stdio: ['ignore', out, 'pipe'], encoding: 'utf8' });
		assert.equal(r.status, 1, args.join(' '));
		assert.match(r.stderr, /^identityd /);
	}
	fs.closeSync(out);
});
