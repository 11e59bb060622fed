// tools/cluster.sh where it is hard: closed parent directories, stale pid files,
// a port that somebody else took.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { TOP, onTeardown, tempDir } from './harness.mjs';

const parent = path.join(tempDir('cluster'), 'closed');
fs.mkdirSync(parent, { mode: 0o700 });
const dir = path.join(parent, 'pg');

function cluster(...args) {
	const stdio = ['ignore', args[0] === 'start' ? 'ignore' : 'pipe', 'inherit'];
	const r = spawnSync('bash', [path.join(TOP, 'tools/cluster.sh'), ...args], {
		env: { ...process.env, CLUSTER_DIR: dir }, encoding: 'utf8', stdio,
	});
	return { code: r.status, out: (r.stdout ?? '').trim() };
}

async function ask(sql, superuser = false) {
	const url = cluster('url', ...(superuser ? ['--super'] : [])).out;
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

const pidFile = path.join(dir, 'data/postmaster.pid');
const serverPid = () => Number(fs.readFileSync(pidFile, 'latin1').split('\n')[0]);

onTeardown(() => { cluster('stop'); });

test('starts below a directory that its account cannot walk through', async () => {
	assert.equal(cluster('status').code, 1);
	assert.equal(cluster('start', '--fast').code, 0);
	assert.equal(cluster('status').code, 0);
	const [row] = await ask(`select current_setting('server_version_num')::int / 10000 as major,
		current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets,
		current_setting('password_encryption') as enc`, true);
	assert.deepEqual(row, { major: 15, listen: '127.0.0.1', sockets: '', enc: 'scram-sha-256' });
});

test('the service\'s role is no superuser and may make databases', async () => {
	const [row] = await ask('select rolname, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user');
	assert.deepEqual(row, { rolname: 'identity', rolsuper: false, rolcreatedb: true, rolcreaterole: false });
});

test('the server has no capability and is not root', () => {
	const status = fs.readFileSync(`/proc/${serverPid()}/status`, 'latin1');
	assert.doesNotMatch(status, /^Uid:\s+0/m);
	assert.match(status, /^CapEff:\s+0+$/m);
});

test('configuration is read again although the path is closed', async () => {
	fs.appendFileSync(path.join(dir, 'data/postgresql.conf'), 'application_name = \'reloaded\'\n');
	await ask('select pg_reload_conf()', true);
	const [row] = await ask('select pg_sleep(0.3), current_setting(\'application_name\') as name');
	assert.equal(row.name, 'reloaded');
});

test('start twice changes nothing', () => {
	const before = serverPid();
	assert.equal(cluster('start').code, 0);
	assert.equal(serverPid(), before);
});

test('a pid file of somebody else\'s process is stale', async () => {
	await ask('create table kept as select 7 as n');
	const text = fs.readFileSync(pidFile, 'latin1').replace(/^\d+/, String(process.pid));
	assert.equal(cluster('stop').code, 0);
	fs.writeFileSync(pidFile, text);
	assert.equal(cluster('status').code, 1);
	assert.equal(cluster('start', '--fast').code, 0);
	assert.deepEqual(await ask('select n from kept'), [{ n: 7 }]);
});

test('survives a server that was killed', async () => {
	process.kill(serverPid(), 'SIGKILL');
	assert.equal(cluster('start', '--fast').code, 0);
	assert.deepEqual(await ask('select n from kept'), [{ n: 7 }]);
});

test('takes another port when its own is gone', async () => {
	const port = Number(fs.readFileSync(`${dir}.port`, 'latin1'));
	assert.equal(cluster('stop').code, 0);
	const squatter = net.createServer();
	await new Promise((done) => { squatter.listen(port, '127.0.0.1', done); });
	// cluster.sh is asked in the background, since this process holds the port
	const p = spawn('bash', [path.join(TOP, 'tools/cluster.sh'), 'start', '--fast'], {
		env: { ...process.env, CLUSTER_DIR: dir }, stdio: 'ignore',
	});
	const code = await new Promise((done) => { p.on('exit', done); });
	squatter.close();
	assert.equal(code, 0);
	assert.notEqual(Number(fs.readFileSync(`${dir}.port`, 'latin1')), port);
	assert.deepEqual(await ask('select n from kept'), [{ n: 7 }]);
});
