// delivery_dns - a name server of ours on 127.0.0.1, so that no test asks one
// outside.  Must not: know what a test expects of it.

import dgram from 'node:dgram';
import { onTeardown } from './harness_env.mjs';

const TYPES = { 1: 'A', 15: 'MX', 28: 'AAAA' };
const NAMES = (labels) => Buffer.concat([...labels.map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0])]);
const u16 = (n) => Buffer.from([n >> 8, n & 255]);
const u32 = (n) => Buffer.from([0, 0, n >> 8, n & 255]);

// |zones|: { domain: { MX: [names, '' is the null MX], A: [addresses], AAAA: [] }
// or 'NXDOMAIN', 'SERVFAIL', 'silent', 'garbage' }; a domain that is not there is
// NXDOMAIN.  Gives { address, asked: ['MX example.org'..], zones, close() }.
export async function startDns(zones) {
	const socket = dgram.createSocket('udp4');
	const dns = { asked: [], zones };
	socket.on('message', (q, from) => {
		const labels = [];
		let at = 12;
		while (q[at] !== 0) {
			labels.push(q.subarray(at + 1, at + 1 + q[at]).toString());
			at += 1 + q[at];
		}
		const type = TYPES[q.readUInt16BE(at + 1)];
		const question = q.subarray(12, at + 5);
		const domain = labels.join('.').toLowerCase();
		dns.asked.push(`${type} ${domain}`);
		const zone = dns.zones[domain] ?? 'NXDOMAIN';
		if (zone === 'silent') return;
		const rcode = { NXDOMAIN: 3, SERVFAIL: 2 }[zone] ?? 0;
		const data = { MX: (n) => Buffer.concat([u16(0), NAMES(n === '' ? [] : n.split('.'))]), A: (a) => Buffer.from(a.split('.').map(Number)), AAAA: () => Buffer.alloc(16, 1) };
		const records = (typeof zone === 'string' ? [] : zone[type] ?? []).map((v) => {
			const d = data[type](v);
			return Buffer.concat([u16(0xc00c), q.subarray(at + 1, at + 3), u16(1), u32(60), u16(d.length), d]);
		});
		const head = Buffer.concat([q.subarray(0, 2), u16(0x8180 | rcode), u16(1), u16(records.length), u16(0), u16(0)]);
		const answer = zone === 'garbage' ? Buffer.concat([q.subarray(0, 2), u16(0x8180), u16(1), u16(9), u16(0), u16(0), question, Buffer.alloc(7, 0xff)])
			: Buffer.concat([head, question, ...records]);
		socket.send(answer, from.port, from.address);
	});
	await new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
	dns.address = `127.0.0.1:${socket.address().port}`;
	dns.close = () => new Promise((resolve) => { socket.close(() => resolve()); });
	onTeardown(dns.close);
	return dns;
}
