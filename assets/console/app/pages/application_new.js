// application_new - a new application: its name and where it calls from.

import { html } from '../lib.js';
import { post } from '../api.js';
import { parseBlock, parseLines } from '../cidr.js';
import { Area, Field, Form, useForm } from '../form.js';
import { navigate } from '../router.js';
import { Card, PageHead, toast } from '../ui.js';

// onSaved(application); |allowed|: addresses to begin with.
export function ApplicationForm({ onSaved, allowed = '', cancel = '/setup/applications' }) {
	const form = useForm({
		values: { name: '', allowed_ips: allowed, rate_per_minute: '' },
		check: (v) => {
			const e = {};
			if (v.name.trim() === '') e.name = 'Enter a name.';
			const bad = parseLines(v.allowed_ips).find((r) => !parseBlock(r.block));
			if (bad) e.allowed_ips = `“${bad.block}” is no address or block, such as 203.0.113.9 or 10.0.0.0/8.`;
			if (v.rate_per_minute.trim() !== '' && !/^\d{1,7}$/.test(v.rate_per_minute.trim())) e.rate_per_minute = 'Enter a whole number, or leave it empty.';
			return e;
		},
		save: async (v) => (await post('/applications', {
			name: v.name.trim(),
			allowed_ips: parseLines(v.allowed_ips).map(({ block, label }) => (label ? { block, label } : { block })),
			...(v.rate_per_minute.trim() === '' ? {} : { rate_per_minute: Number(v.rate_per_minute) }),
		})).body,
		onSaved,
	});
	return html`<${Form} form=${form} submit="Add application" cancel=${cancel}>
		<${Field} name="name" label="Name" hint="People see it in the messages about their sign-ins." autocomplete="off" />
		<${Area} name="allowed_ips" label="Allowed IPs" optional rows=${4} mono hint="The addresses of its servers, one a line: an address or a block, then a word about it if you like. Requests from anywhere else are refused; with none, all are." spellcheck=${false} />
		<${Field} name="rate_per_minute" label="Requests a minute" optional hint="Empty: no limit of its own." inputmode="numeric" width="short" autocomplete="off" />
	<//>`;
}

export default function NewApplication() {
	return html`<div><${PageHead} title="Add an application" section="Applications" back=${{ href: '/setup/applications', label: 'Applications' }} />
		<${Card}><${ApplicationForm} onSaved=${async (app) => {
			await navigate(`/setup/applications/${app.id}/keys`);
			toast(`${app.name} is added. Now make its first key.`);
		}} /><//></div>`;
}
