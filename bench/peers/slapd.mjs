// slapd - OpenLDAP's server from Debian: its own LMDB store, the schema, index
// and access rules of Debian's package.  The load is ldap_load.c.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { tempDir } from '../../test/integration/harness_env.mjs';
import { freePort } from '../../test/integration/harness_service.mjs';
import { OUT } from '../kit.mjs';
import { CONNECTIONS, HERE, LOGIN_CONNECTIONS, debian, expect, once, start } from './shared.mjs';

export const name = 'slapd';
const SUFFIX = 'dc=example,dc=org';

// ---- as much LDAP as the requests need (RFC 4511)

const der = (tag, ...parts) => {
	const body = Buffer.concat(parts.map((p) => (typeof p === 'string' ? Buffer.from(p) : p)));
	const n = body.length;
	return Buffer.concat([Buffer.from(n < 128 ? [tag, n] : [tag, 0x82, n >> 8, n & 255]), body]);
};
const int = (n, tag = 2) => Buffer.from([tag, 1, n]);
const bind = (dn, password) => der(0x30, int(1), der(0x60, int(3), der(0x04, dn), der(0x80, password)));
const byUid = (uid) => der(0x30, int(2), der(0x63, der(0x04, `ou=people,${SUFFIX}`), int(2, 10), int(0, 10), int(1), int(0), Buffer.from([1, 1, 0]),
	der(0xa3, der(0x04, 'uid'), der(0x04, uid)), der(0x30)));

function requests(list) {
	const file = path.join(tempDir('ldap'), 'requests');
	fs.writeFileSync(file, Buffer.concat(list.flatMap((r) => { const n = Buffer.alloc(4); n.writeUInt32BE(r.length); return [n, r]; })));
	return file;
}

function run(port, file, connections, entries, seconds) {
	return new Promise((resolve, reject) => {
		const p = spawn(path.join(OUT, 'ldap_load'), [port, connections, seconds, file, entries].map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
		let text = '';
		for (const s of [p.stdout, p.stderr]) s.on('data', (d) => { text += d; });
		p.on('error', reject);
		p.on('exit', (code) => {
			if (code !== 0) reject(new Error(`ldap_load: ${text}`));
			const v = JSON.parse(/^@(.*)$/m.exec(text)[1]);
			resolve({ rate: v.requests / (v.us / 1e6), p99_us: v.p99_us, errors: v.errors + (v.requests === 0 ? 1 : 0) });
		});
	});
}

// ---- the server

function config(root, dir) {
	const schema = ['core', 'cosine', 'nis', 'inetorgperson'].map((s) => `include ${root}/etc/ldap/schema/${s}.schema`).join('\n');
	return `${schema}
modulepath ${root}/usr/lib/ldap
moduleload back_mdb
moduleload argon2
pidfile ${dir}/pid
loglevel none
sizelimit 500
tool-threads 1
database mdb
maxsize 1073741824
suffix "${SUFFIX}"
rootdn "cn=admin,${SUFFIX}"
directory ${dir}/db
index objectClass eq
index cn,uid eq
index uidNumber,gidNumber eq
index member,memberUid eq
lastmod on
access to attrs=userPassword by self write by anonymous auth by * none
access to attrs=shadowLastChange by self write by * read
access to * by * read
`;
}

const person = (uid, hash) => `dn: uid=${uid},ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: ${uid}
cn: Person ${uid}
sn: ${uid}
mail: ${uid}@example.org
${hash ? `userPassword: {ARGON2}${hash}\n` : ''}
`;

const isListening = (port) => new Promise((go) => {
	const s = net.connect({ host: '127.0.0.1', port });
	s.on('connect', () => { s.destroy(); go(true); });
	s.on('error', () => go(false));
});

export async function setUp({ size, ours }) {
	const deb = debian('slapd');
	once('gcc', ['-O2', '-D_DEFAULT_SOURCE', '-o', path.join(OUT, 'ldap_load'), path.join(HERE, 'ldap_load.c')]);
	const dir = tempDir('slapd');
	fs.mkdirSync(`${dir}/db`);
	const conf = `${dir}/slapd.conf`;
	fs.writeFileSync(conf, config(deb.root, dir));
	let ldif = `dn: ${SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: bench\ndc: example\n\ndn: ou=people,${SUFFIX}\nobjectClass: organizationalUnit\nou: people\n\n`;
	for (let i = 0; i < size.people; i++) ldif += person(`person${i}`, ours.argon2);
	for (let i = 0; i < size.rows; i++) ldif += person(`seed${i}`);
	const slapd = `${deb.root}/usr/sbin/slapd`;
	once(slapd, ['-T', 'add', '-q', '-f', conf], deb.env, ldif);
	const port = await freePort();
	const proc = await start(slapd, ['-h', `ldap://127.0.0.1:${port}`, '-f', conf, '-d', '0'], { env: deb.env, isReady: () => isListening(port) });

	const hello = bind(`uid=person0,ou=people,${SUFFIX}`, ours.password);
	const uids = Array.from({ length: size.people }, (_, i) => `person${i}`);
	const look = requests([hello, ...uids.map(byUid), ...Array.from({ length: size.tokens }, (_, i) => byUid(`seed${i * 7 % size.rows}`))]);
	const binds = requests([hello, ...uids.map((u) => bind(`uid=${u},ou=people,${SUFFIX}`, ours.password))]);
	const noOne = requests([hello, byUid('nobody')]);
	const wrong = requests([hello, bind(`uid=person1,ou=people,${SUFFIX}`, 'wrong')]);
	const verify = async () => {
		expect((await run(port, look, 1, 1, 1)).errors === 0, 'each look-up finds one person');
		const none = await run(port, noOne, 1, 0, 1);
		expect(none.errors === 0 && none.rate > 0, 'nobody is not found');
		const refused = await run(port, wrong, 1, 0, 1);
		expect(refused.errors > 0 && refused.errors >= refused.rate * 0.9, 'a wrong password is refused');
	};
	await verify();
	return {
		...proc, version: deb.version, bytes: deb.bytes, verify,
		check: { what: 'search by `uid`, indexed, bound once a connection; LMDB', run: (s) => run(port, look, CONNECTIONS, 1, s) },
		refresh: 'it has no tokens',
		login: { what: 'bind', hash: ours.argon2.split('$').slice(1, 4).join(' '), run: (s) => run(port, binds, LOGIN_CONNECTIONS, 0, s) },
	};
}
