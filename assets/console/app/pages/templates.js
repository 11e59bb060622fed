// templates - what messages say: by name, channel and language, with a preview
// made by the service, which counts segments as a provider does.

import { html, useLayoutEffect, useRef, useState } from '../lib.js';
import { del, post, put, useLoad } from '../api.js';
import { Filter } from '../combobox.js';
import { confirm } from '../dialog.js';
import { Area, Field, Form, useForm } from '../form.js';
import { plural } from '../format.js';
import { useQuery } from '../router.js';
import { ActButton, Card, Loaded, Notice, Skeleton, Tag, toast } from '../ui.js';
import { nameOf } from './message_names.js';

const keyOf = (t) => `${t.name}/${t.channel}/${t.language}`;

// The service's rendering of what is typed, 300 ms after the last key.
function usePreview(template, values) {
	const [preview, setPreview] = useState(null);
	const [error, setError] = useState(null);
	const job = useRef(null);
	const text = JSON.stringify(values);
	useLayoutEffect(() => {
		const timer = setTimeout(async () => {
			job.current?.abort();
			job.current = new AbortController();
			try {
				const { body } = await post('/templates/preview', bodyOf(template, values), { signal: job.current.signal });
				setPreview(body);
				setError(null);
			} catch (e) {
				if (e.name !== 'AbortError') setError(e);
			}
		}, 300);
		return () => clearTimeout(timer);
	}, [text, keyOf(template)]);
	useLayoutEffect(() => () => job.current?.abort(), []);
	return { preview, error };
}

const bodyOf = (t, v) => ({ name: t.name, channel: t.channel, language: t.language, text: v.text, ...(t.channel === 'email' ? { subject: v.subject, ...(v.html.trim() === '' ? {} : { html: v.html }) } : {}) });

function Preview({ template, values }) {
	const { preview: p, error } = usePreview(template, values);
	if (error) return html`<${Notice} tone="warn" role="status">${error.errors.length > 0 ? error.errors.map((e) => e.message).join(' ') : error.message}<//>`;
	if (!p) return html`<${Skeleton} />`;
	return html`<div class="stack"><h3>Preview</h3>${p.subject && html`<p><strong>${p.subject}</strong></p>`}<div class="code"><pre class="is-wrapped" tabindex="0" role="region" aria-label="Preview of the text">${p.text}</pre></div>
		${template.channel === 'sms' && html`<p role="status"><${Tag} tone=${p.segments > 1 ? 'warn' : 'ok'}>${plural(p.segments, 'segment')}<//> ${plural(p.characters, 'character')}, ${p.encoding}. Each segment costs as a message.</p>`}
		${p.html && html`<details><summary>HTML part</summary><div class="code"><pre class="is-wrapped" tabindex="0" role="region" aria-label="HTML part">${p.html}</pre></div></details>`}
		${(p.warnings ?? []).length > 0 && html`<${Notice} tone="warn"><ul>${p.warnings.map((w) => html`<li key=${w}>${w.charAt(0).toUpperCase()}${w.slice(1)}.</li>`)}</ul><//>`}</div>`;
}

function Editor({ template: t, onChanged }) {
	const path = `/templates/${t.name}/${t.channel}/${encodeURIComponent(t.language)}`;
	const form = useForm({
		values: { subject: t.subject ?? '', text: t.text ?? '', html: t.html ?? '' },
		check: (v) => ({ ...(v.text.trim() === '' && { text: 'Enter the text.' }), ...(t.channel === 'email' && v.subject.trim() === '' && { subject: 'Enter the subject.' }) }),
		save: async (v) => {
			const { name, channel, language, ...body } = bodyOf(t, v);
			await put(path, body, t.version ? { ifMatch: t.version } : {});
		},
		onSaved: async () => {
			toast('Saved. The next message says this.');
			await onChanged();
		},
	});
	const reset = async () => {
		if (!await confirm({ title: 'Go back to the shipped text?', verb: 'Use the shipped text', body: html`<p>Your own text of “${nameOf(t.name)}” is deleted.</p>` })) return;
		await del(path, t.version ? { ifMatch: t.version } : {});
		toast('The shipped text is used again.');
		await onChanged();
	};
	return html`<div class="cols"><${Form} form=${form} bar extra=${t.is_default === false && html`<${ActButton} onClick=${reset}>Use the shipped text<//>`}>
		${t.channel === 'email' && html`<${Field} name="subject" label="Subject" />`}
		<${Area} name="text" label="Text" rows=${t.channel === 'sms' ? 5 : 10} hint=${`Variables, in double braces: ${t.variables}.`} />
		${t.channel === 'email' && html`<${Area} name="html" label="HTML" optional mono rows="8" hint="Shown by mail programs in place of the text." />`}<//>
		<${Preview} template=${t} values=${form.values} /></div>`;
}

// Another language begins with the text of the first.
function AddLanguage({ of, onAdd }) {
	const form = useForm({
		values: { language: '' }, guard: false,
		check: (v) => (/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(v.language.trim()) ? {} : { language: 'Enter a language tag, such as hi or en-IN.' }),
		save: async (v) => onAdd({ ...of, language: v.language.trim(), is_default: true, version: null }),
	});
	return html`<details><summary>Add a language</summary><${Form} form=${form} submit="Add"><${Field} name="language" label="Language" width="short" spellcheck=${false} hint="For people whose language it is." /><//></details>`;
}

export function Templates() {
	const query = useQuery();
	const load = useLoad('/templates');
	const [added, setAdded] = useState(null);
	return html`<${Loaded} load=${load}>${({ data }) => {
		const names = [...new Set(data.map((t) => t.name))];
		const name = names.includes(query.get('name')) ? query.get('name') : names[0];
		const channels = [...new Set(data.filter((t) => t.name === name).map((t) => t.channel))];
		const channel = channels.includes(query.get('channel')) ? query.get('channel') : channels[0];
		const languages = data.filter((t) => t.name === name && t.channel === channel);
		const all = added && added.name === name && added.channel === channel ? [...languages, added] : languages;
		const chosen = all.find((t) => t.language === query.get('language')) ?? all[0];
		return html`<div class="stack"><div class="toolbar">
			<${Filter} label="Message" value=${name} options=${names.map((n) => [n, nameOf(n)])} onPick=${(v) => query.set({ name: v, language: null })} />
			<${Filter} label="Channel" value=${channel} options=${channels.map((c) => [c, c === 'sms' ? 'SMS' : 'E-mail'])} onPick=${(v) => query.set({ channel: v, language: null })} />
			<${Filter} label="Language" value=${chosen.language} options=${all.map((t) => [t.language, t.language])} onPick=${(v) => query.set({ language: v })} /></div>
			<${Card} title=${`${nameOf(name)} by ${channel === 'sms' ? 'SMS' : 'e-mail'}`} actions=${html`<${Tag} tone=${chosen.is_default === false ? 'info' : 'none'}>${chosen.is_default === false ? 'Your own' : 'As shipped'}<//>`}>
				<${Editor} key=${`${keyOf(chosen)}${chosen.version}`} template=${chosen} onChanged=${async () => {
					setAdded(null);
					await load.reload();
				}} /><//>
			<${AddLanguage} key=${keyOf(chosen)} of=${chosen} onAdd=${async (t) => {
				setAdded(t);
				await query.set({ language: t.language });
			}} /></div>`;
	}}<//>`;
}
