// app_sync - how far an application's copy of the directory is, and the
// webhook that tells it of changes.

import { html } from './lib.js';
import { del, post, put, useLoad } from './api.js';
import { OnceDialog, confirm, openDialog } from './dialog.js';
import { CheckField, Field, Form, Row, useForm } from './form.js';
import { formatNumber } from './format.js';
import { ActButton, Card, Copy, Facts, Loaded, Notice, Tag, Time, toast } from './ui.js';

function Lag({ s }) {
	const leaver = s.last_leaver;
	return html`<${Card} title="Copy of the directory" note="What the application has told with its sync calls.">
		${!s.last_sync_at && html`<${Notice}>It never synced. That is fine when it asks about people one by one.<//>`}
		<${Facts} items=${[
			['Last sync', html`<${Time} at=${s.last_sync_at} ago />`],
			['Confirmed up to', html`<${Time} at=${s.acked_at} exact />`],
			['Behind', s.behind > 0 ? html`<${Tag} tone=${s.behind > 1000 ? 'bad' : 'warn'}>${formatNumber(s.behind)} changes<//>` : html`<${Tag} tone="ok">Nothing<//>`],
			['Last whole copy', html`<${Time} at=${s.full_at} />`],
			leaver && ['Last person removed', html`<div><${Time} at=${leaver.removed_at} exact /> ${leaver.acked_at ? html`<${Tag} tone="ok">taken over<//>` : html`<${Tag} tone="warn">not taken over yet<//>`}</div>`],
		]} /><//>`;
}

const secretField = (secret) => html`<${Row} id="hook-secret" label="Secret"><input id="hook-secret" class="mono" readonly data-first value=${secret} onFocus=${(e) => e.target.select()} /><//><div class="actions"><${Copy} text=${secret} label="Copy the secret" small=${false} /></div>`;

function Webhook({ app, hook, reload }) {
	const path = `/applications/${app.id}/webhook`;
	const form = useForm({
		values: { url: hook?.url ?? '', is_enabled: hook?.is_enabled ?? true },
		check: (v) => (/^https?:\/\/\S+$/.test(v.url.trim()) ? {} : { url: 'Enter an address that begins with https://.' }),
		save: async (v) => (await put(path, { url: v.url.trim(), is_enabled: v.is_enabled })).body,
		onSaved: async (r) => {
			if (r?.secret) await openDialog((close) => html`<${OnceDialog} title="Secret of the webhook" close=${close} stored="I have stored this secret" fields=${secretField(r.secret)}><p class="hint">The application checks with it that a call came from this service.</p><//>`);
			toast('The webhook is saved.');
			reload();
		},
	});
	const test = async () => {
		const { body } = await post(`${path}/test`, {});
		if (body && (body.ok === false || body.error)) toast(`It did not answer as it should: ${body.error ?? body.status}`, { tone: 'bad' });
		else toast('A test call is on its way.');
		reload();
	};
	const remove = async () => {
		if (!await confirm({ title: 'Remove the webhook?', verb: 'Remove', body: html`<p>${app.name} is not told of changes any more, and its secret is void. It can still sync by asking.</p>` })) return;
		await del(path);
		toast('The webhook is removed.');
		form.reset({ url: '', is_enabled: true });
		reload();
	};
	return html`<${Card} title="Webhook" note="A signed call without personal data: “something changed, sync now”."><${Form} form=${form} submit=${hook ? 'Save' : 'Add webhook'} extra=${hook && html`<${ActButton} onClick=${test}>Send a test<//><${ActButton} kind="quiet" onClick=${remove}>Remove<//>`}>
			<${Field} name="url" label="Address" type="url" hint="An https address of the application's server." autocomplete="off" spellcheck=${false} /><${CheckField} name="is_enabled" label="Calls are sent" /><//>
		${hook && html`<${Facts} items=${[['Last good call', html`<${Time} at=${hook.last_ok_at} ago />`], hook.last_error && ['Last error', html`<span class="bad">${hook.last_error}</span>`], hook.next_attempt_at && ['Next attempt', html`<${Time} at=${hook.next_attempt_at} ago />`]]} />`}<//>`;
}

export function Sync({ app }) {
	const lag = useLoad(`/applications/${app.id}/sync`, { every: 10_000 });
	const hook = useLoad(`/applications/${app.id}/webhook`);
	// no webhook is no error
	const none = hook.error?.status === 404;
	return html`<div class="cols"><${Loaded} load=${lag}>${(s) => html`<${Lag} s=${s} />`}<//>
		<${Loaded} load=${none ? { ...hook, data: { url: null }, error: null } : hook}>${(h) => html`<${Webhook} key=${h?.url ?? ''} app=${app} hook=${h?.url ? h : null} reload=${hook.reload} />`}<//></div>`;
}
