// harness_cluster - PostgreSQL for the integration tests.
// Owns: starting and stopping test clusters, one database per test file made
// from a migrated template.  Must not: know HTTP or the service's endpoints.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { BIN, TOP, onExit, onTeardown, serviceEnv, tempDir } from './harness_env.mjs';

const CLUSTER_SH = path.join(TOP, 'tools/cluster.sh');
const TEMPLATE_LOCK = 7_201_042;	// any number; one lock for the cluster

let shared = null;	// the cluster of this process, made on first use
let counter = 0;	// for database names

function clusterSh(dir, ...args) {
	const r = spawnSync('bash', [CLUSTER_SH, ...args], {
		env: { ...process.env, CLUSTER_DIR: dir }, encoding: 'utf8',
		// "start" leaves a server behind: it must not hold our pipes.
		stdio: ['ignore', args[0] === 'url' ? 'pipe' : 'ignore', 'inherit'],
	});
	if (r.status !== 0) throw new Error(`cluster.sh ${args.join(' ')}: exit ${r.status}`);
	return (r.stdout ?? '').trim();
}

// A PostgreSQL cluster of one's own, for tests that stop or restart it.
// |fast| false keeps fsync on, for the benchmark.
export function startCluster({ fast = true } = {}) {
	const dir = path.join(tempDir('pg'), 'pg');
	const start = fast ? ['start', '--fast'] : ['start'];
	clusterSh(dir, ...start);
	const cluster = {
		dir,
		url: clusterSh(dir, 'url'),
		superUrl: clusterSh(dir, 'url', '--super'),
		start: () => clusterSh(dir, ...start),
		stop: () => clusterSh(dir, 'stop'),
		restart() { this.stop(); this.start(); },
	};
	onExit(() => cluster.stop());
	return cluster;
}

// The cluster that tools/test.sh started for the whole run (TEST_CLUSTER_DIR),
// else one for this process.
export function sharedCluster() {
	if (shared === null) {
		const dir = process.env.TEST_CLUSTER_DIR;
		shared = dir ? {
			dir, url: clusterSh(dir, 'url'), superUrl: clusterSh(dir, 'url', '--super'),
		} : startCluster();
	}
	return shared;
}

function withDatabase(url, name) {
	const u = new URL(url);
	u.pathname = `/${name}`;
	return u.href;
}

async function inMaintenance(cluster, fn, url = cluster.url) {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return await fn(client);
	} finally {
		await client.end();
	}
}

function migrate(url) {
	const r = spawnSync(BIN, ['migrate'], {
		env: serviceEnv({ IDENTITY_DATABASE_URL: url, IDENTITY_DATA_DIR: path.join(tempDir('migrate'), 'data') }),
		encoding: 'utf8', timeout: 120_000,
	});
	if (r.status !== 0) throw new Error(`identityd migrate: exit ${r.status}\n${r.stdout}${r.stderr}`);
}

// One template for each build of the binary, since the schema is inside it.
async function template(cluster, client) {
	const st = fs.statSync(BIN);
	const tag = createHash('sha256').update(`${BIN} ${st.mtimeMs} ${st.size}`).digest('hex').slice(0, 12);
	const name = `template_${tag}`;
	const has = await client.query('select from pg_database where datname = $1', [name]);
	if (has.rowCount === 0) {
		const half = `half_${tag}`;
		await client.query(`drop database if exists ${half}`);
		await client.query(`create database ${half}`);
		migrate(withDatabase(cluster.url, half));
		await client.query(`alter database ${half} rename to ${name}`);
	}
	return name;
}

// A database of one's own: { name, url, query(sql, params), end(), drop() }.
// |migrated| false gives an empty one.
export async function newDatabase({ cluster = sharedCluster(), migrated = true } = {}) {
	const name = `t_${process.pid}_${++counter}`;
	await inMaintenance(cluster, async (client) => {
		await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
		const from = migrated ? ` template ${await template(cluster, client)}` : '';
		await client.query(`drop database if exists ${name} with (force)`);
		await client.query(`create database ${name}${from}`);
	});
	const url = withDatabase(cluster.url, name);
	let pool = null;
	const db = {
		name, url, cluster,
		query(sql, params) {
			if (pool === null) {
				pool = new pg.Pool({ connectionString: url, max: 4, allowExitOnIdle: true });
				pool.on('error', () => {});	// the server was stopped by a test
			}
			return pool.query(sql, params);
		},
		async rows(sql, params) { return (await this.query(sql, params)).rows; },
		async end() {
			const p = pool;
			pool = null;
			await p?.end();
		},
		async drop() {
			await this.end();
			// As superuser, since autovacuum may be at work in it; and not under
			// those who are just leaving, whom that would be an error.
			await inMaintenance(cluster, async (c) => {
				for (let i = 0; i < 200; i++) {
					const r = await c.query(`select from pg_stat_activity where datname = $1 and backend_type = 'client backend'`, [name]);
					if (r.rowCount === 0) break;
					await new Promise((go) => { setTimeout(go, 10); });
				}
				await c.query(`drop database if exists ${name} with (force)`);
			}, cluster.superUrl);
		},
	};
	onTeardown(() => (cluster === shared && process.env.TEST_CLUSTER_DIR ? db.drop() : db.end()));
	return db;
}
