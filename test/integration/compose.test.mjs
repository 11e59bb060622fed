// compose - compose.yaml and its overlays, in each mix that is documented:
// would an engine take it, does the program take its settings, and does what
// must hold hold?  No engine is needed; "make image-test" runs the image.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { compose, interpolate, problems } from './compose_kit.mjs';
import { TOP, run, tempDir } from './harness.mjs';

const read = (f) => fs.readFileSync(path.join(TOP, f), 'utf8');
const files = fs.readdirSync(TOP).filter((f) => /^compose.*\.yaml$/.test(f)).sort();
// What a person would put into .env for a mix that wants it.
const ENV = { AUTH_HOST: 'auth.example.org', ACME_EMAIL: 'ops@example.org', IDENTITY_PUBLIC_URL: 'https://auth.example.org', TLS_DIR: './tls' };
const project = (mix, env = {}) => compose(mix.map(read), env);

// "docker compose -f a -f b up" as it is written at the heads of the files and
// in the documents, continued lines joined.
function documentedMixes() {
	const mixes = new Map([['compose.yaml', ['compose.yaml']]]);
	for (const f of [...files, 'README.md', 'docs/guide.md']) {
		const text = read(f).replace(/\\\n[#\t ]*/g, ' ');
		for (const [, args] of text.matchAll(/docker compose((?: +-f +\S+)+)/g)) {
			const mix = args.trim().split(/ *-f +/).filter(Boolean);
			mixes.set(mix.join(' '), mix);
		}
	}
	return [...mixes.values()];
}
const mixes = documentedMixes();

test('every file is in a documented mix', () => {
	assert.deepEqual(files.filter((f) => !mixes.flat().includes(f)), []);
	assert.deepEqual(mixes.flat().filter((f) => !files.includes(f)), []);
	assert.ok(mixes.length >= 4, JSON.stringify(mixes));
});

for (const mix of mixes) {
	test(`${mix.join(' + ')} is a project`, () => {
		const p = project(mix, ENV);
		assert.deepEqual(problems(p), []);
		for (const [name, s] of Object.entries(p.services)) {
			assert.ok(s.security_opt.includes('no-new-privileges:true'), name);
			assert.doesNotMatch(s.image, /:latest$/, name);
			assert.ok(!s.privileged && !s.container_name, name);
			for (const [k, v] of Object.entries(s.environment ?? {}))
				assert.ok(!/PASSWORD|KEY|SECRET|DATABASE_URL/.test(k) || /_FILE$|^IDENTITY_TLS/.test(k), `${name}: ${k}=${v}`);
		}
		const a = p.services['auth-service'];
		assert.deepEqual([a.user, a.read_only, a.cap_drop], ['10001:10001', true, ['ALL']]);
		// It finishes what is under way within half a minute.
		assert.ok(parseInt(a.stop_grace_period, 10) >= 40);
		// Only the service reaches the database, and it is not published.
		assert.deepEqual([p.networks.database.internal, p.services.postgres.ports], [true, undefined]);
		assert.deepEqual(Object.keys(p.services).filter((n) => p.services[n].networks?.includes('database')).sort(), ['auth-service', 'postgres']);
	});

	test(`${mix.join(' + ')}: the program takes its settings`, async () => {
		const e = { ...project(mix, ENV).services['auth-service'].environment };
		const dir = tempDir('compose');
		const file = (name, value) => {
			const at = path.join(dir, name);
			fs.writeFileSync(at, value, { mode: 0o600 });
			return at;
		};
		e.IDENTITY_DATABASE_URL_FILE = file('url', 'postgresql://identity:x@postgres/identity');
		e.IDENTITY_MASTER_KEY_FILE = file('key', Buffer.alloc(32, 7).toString('base64'));
		if (e.IDENTITY_TLS_CERT) {
			assert.ok(project(mix, ENV).services['auth-service'].volumes.includes('./tls:/tls:ro'));
			execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
				'-keyout', file('tls.key', ''), '-out', file('tls.crt', ''), '-days', '2'], { stdio: 'ignore' });
			for (const k of ['IDENTITY_TLS_CERT', 'IDENTITY_TLS_KEY']) e[k] = e[k].replace(/^\/tls/, dir);
		}
		const r = await run(['config', '--json'], { env: Object.fromEntries(Object.entries(e).map(([k, v]) => [k, String(v)])) });
		assert.equal(r.code, 0, r.stderr);
		const s = r.json();
		assert.equal(s.IDENTITY_PUBLIC_URL.value, e.IDENTITY_PUBLIC_URL);
		assert.equal(s.IDENTITY_WORKERS.value, '2');
		assert.equal(s.IDENTITY_MASTER_KEY.source, 'file');
	});
}

test('what has no default says so', () => {
	assert.throws(() => project(['compose.yaml', 'compose.tls.yaml']), /IDENTITY_PUBLIC_URL: set IDENTITY_PUBLIC_URL in \.env/);
	assert.throws(() => project(['compose.yaml', 'compose.traefik.yaml', 'compose.traefik-tls.yaml'], { AUTH_HOST: 'a.example' }), /ACME_EMAIL/);
});

test('.env.example has each variable, with its default', () => {
	const documented = Object.fromEntries([...read('.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, k, v]) => [k, v]));
	const used = new Set(files.flatMap((f) => [...read(f).matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map((m) => m[1])));
	assert.deepEqual([...used].sort(), Object.keys(documented).sort());
	assert.doesNotMatch(read('.env.example').replace(/^#.*$/gm, ''), /\S/, 'nothing is set in it');
	for (const [name, value] of Object.entries(documented)) {
		const defaults = files.flatMap((f) => [...read(f).matchAll(new RegExp(`\\$\\{${name}:-([^$}]+)\\}`, 'g'))].map((m) => m[1]));
		if (value !== '' && defaults.length > 0) assert.ok(defaults.includes(value) || name === 'IDENTITY_PUBLIC_URL', `${name}: ${defaults} and ${value}`);
	}
});

test('behind Traefik the service has no port, and Traefik finds it', () => {
	for (const mix of mixes.filter((m) => m.includes('compose.traefik.yaml'))) {
		const p = project(mix, ENV);
		const a = p.services['auth-service'];
		assert.deepEqual(a.ports ?? [], []);
		const flags = p.services.traefik.command;
		assert.ok(flags.includes(`--providers.docker.network=${p.networks.front.name}`));
		assert.equal(a.environment.IDENTITY_TRUSTED_PROXIES, p.networks.front.ipam.config[0].subnet);
		const labels = Object.fromEntries(a.labels.map((l) => [l.slice(0, l.indexOf('=')), l]));
		// As the later of two labels of one name counts.
		const entry = labels['traefik.http.routers.identity.entrypoints'].split('=')[1];
		assert.ok(flags.some((f) => f.startsWith(`--entrypoints.${entry}.address=`)), entry);
		assert.match(labels['traefik.http.routers.identity.rule'], /Host\(`auth\.example\.org`\)/);
		assert.match(labels['traefik.http.services.identity.loadbalancer.server.port'], /=8080$/);
		assert.match(labels['traefik.http.services.identity.loadbalancer.healthcheck.path'], /=\/readyz$/);
		const resolver = labels['traefik.http.routers.identity.tls.certresolver']?.split('=')[1];
		if (resolver) assert.ok(flags.some((f) => f.startsWith(`--certificatesresolvers.${resolver}.acme.`)));
	}
});

// The script of the first service, for real, in a directory of its own.
test('the secrets are made once, each for whom it is', () => {
	if (process.getuid() !== 0) assert.fail('needs root, as the container has it');
	const dir = tempDir('secrets');
	const s = project(['compose.yaml']).services.secrets;
	const make = () => {
		const r = spawnSync(s.entrypoint[0], [...s.entrypoint.slice(1), s.command[0].replace('cd /secrets', `cd '${dir}'`)], { encoding: 'utf8' });
		assert.equal(r.status, 0, r.stderr);
		assert.equal(r.stdout + r.stderr, '');
		return Object.fromEntries(fs.readdirSync(dir).map((f) => [f, fs.readFileSync(path.join(dir, f), 'utf8')]));
	};
	const first = make();
	assert.deepEqual(Object.keys(first).sort(), ['database-password', 'database-url', 'master-key']);
	assert.match(first['database-password'], /^[0-9a-f]{48}$/);
	assert.equal(Buffer.from(first['master-key'], 'base64').length, 32);
	assert.equal(first['database-url'], `postgresql://identity:${first['database-password']}@postgres/identity`);
	for (const f of ['master-key', 'database-url']) {
		const st = fs.statSync(path.join(dir, f));
		assert.deepEqual([st.uid, st.gid, st.mode & 0o777], [10001, 10001, 0o400], f);
	}
	assert.deepEqual(make(), first);
});

test('the kit: variables, merging, and what it refuses', () => {
	assert.equal(interpolate('$$A $B ${C:-x${D:-y}} ${E}', { B: 'b', E: 'e' }), '$A b xy e');
	assert.throws(() => interpolate('${A:?none}', { A: '' }), /A: none/);
	assert.throws(() => interpolate('${A', {}), /not closed/);
	const base = 'services: {a: {image: "x:1", ports: ["1:1"], command: [x], environment: {A: "1"}, labels: [a=1]}}';
	const over = (o) => compose([base, `services: {a: ${o}}`]).services.a;
	assert.deepEqual(over('{ports: ["2:2"], command: [y], environment: {B: "2"}}'),
		{ image: 'x:1', ports: ['1:1', '2:2'], command: ['y'], environment: { A: '1', B: '2' }, labels: ['a=1'] });
	assert.deepEqual(over('{ports: !override ["2:2"]}').ports, ['2:2']);
	assert.equal('ports' in over('{ports: !reset []}'), false);
	assert.throws(() => over('{labels: {a: b}}'), /a list and a mapping/);
	const bad = (o, re) => assert.match(problems(compose([base, `services: {a: ${o}}`])).join('\n'), re);
	bad('{prots: ["1:1"]}', /additional properties.*prots/);
	bad('{restart: "never"}', /allowed values/);
	bad('{networks: [n]}', /no network n/);
	bad('{volumes: ["v:/x"]}', /no volume v/);
	bad('{volumes: ["./v:/x", "./w:/x"]}', /two volumes in one place/);
	bad('{depends_on: {b: {condition: service_healthy}}}', /no service b/);
	bad('{ports: ["1:70000"]}', /port 1:70000/);
	bad('{ports: ["1:2"]}', /twice/);
});
