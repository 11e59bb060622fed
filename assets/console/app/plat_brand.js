// plat_brand - name, colour and logo, with what people will see beside it.

import { html, useLayoutEffect, useRef, useState } from './lib.js';
import { call, del, loadSession, patch, useLoad } from './api.js';
import { Field, Form, Row, useField, useForm } from './form.js';
import { ActButton, Button, Card, Loaded, Notice, Tag, toast } from './ui.js';

const HEX = /^#[0-9a-f]{6}$/i;
const TYPES = ['image/png', 'image/jpeg', 'image/webp'];
const MAX = 512 * 1024;

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
const luminance = (c) => c.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((n, v, i) => n + v * [0.2126, 0.7152, 0.0722][i], 0);
// WCAG 2: 1 to 21.
export function contrast(a, b) {
	const [x, y] = [luminance(rgb(a)), luminance(rgb(b))].sort((p, q) => q - p);
	return (x + 0.05) / (y + 0.05);
}

function Accent() {
	const f = useField('accent');
	const ok = HEX.test(f.value);
	const ratio = ok ? contrast(f.value, '#ffffff') : 0;
	return html`<${Row} id=${f.id} label="Accent colour" hint="Buttons and links. In the dark theme it is lightened." error=${f.error}>
		<div class="with-suffix"><input type="color" aria-label="Pick the accent colour" value=${ok ? f.value : '#1f5fbf'} onInput=${(e) => f.set(e.target.value)} /><input id=${f.id} class="w-short mono" value=${f.value} spellcheck=${false} autocomplete="off" maxlength="7"
			aria-describedby=${`${f.id}-hint ${f.id}-meter`} aria-invalid=${f.error ? 'true' : undefined} onInput=${(e) => f.set(e.target.value.trim())} /></div>
		<p id=${`${f.id}-meter`} class="meter" role="status">${ok && html`<meter min="1" max="21" low="4.5" optimum="21" value=${ratio} aria-label="Contrast with white"></meter> ${ratio.toFixed(1)} : 1 with white text ${ratio >= 4.5 ? html`<${Tag} tone="ok">readable<//>` : html`<${Tag} tone="bad">too light: 4.5 is needed<//>`}`}</p><//>`;
}

// The sign-in page as a picture; it is no form.
function Preview({ name, accent, logo, theme }) {
	const box = useRef(null);
	useLayoutEffect(() => { box.current.style.setProperty('--brand', HEX.test(accent) ? accent : '#1f5fbf'); }, [accent]);
	return html`<div class="preview" data-theme=${theme} ref=${box} role="img" aria-label=${`Sign-in page, ${theme} theme`}><div aria-hidden="true">
		<p class="mast">${logo ? html`<img src=${logo} alt="" width="28" height="28" />` : html`<span class="mark">${name.slice(0, 1) || '?'}</span>`}${name || '…'}</p>
		<div class="preview-sheet"><p class="preview-title">Sign in</p><p>E-mail or mobile number</p><span class="preview-input"></span><span class="button is-primary">Continue</span></div></div></div>`;
}

function Logo({ brand, again }) {
	const [error, setError] = useState(null);
	const [over, setOver] = useState(false);
	const input = useRef(null);
	const send = async (file) => {
		setError(null);
		if (!file) return;
		if (!TYPES.includes(file.type)) setError('The file must be a PNG, JPEG or WebP picture.');
		else if (file.size > MAX) setError('The file must be smaller than 512 KB.');
		else if (file.size === 0) setError('The file is empty.');
		else {
			try {
				await call('PUT', '/branding/logo', { bytes: file, type: file.type });
				toast('The logo is changed.');
				await again();
			} catch (e) {
				setError(e.message);
			}
		}
	};
	const remove = async () => {
		await del('/branding/logo');
		toast('The logo is removed.');
		await again();
	};
	return html`<${Card} title="Logo" note="PNG, JPEG or WebP, up to 512 KB, best square. It is checked by its content.">
		<div class=${over ? 'drop is-over' : 'drop'} onDragOver=${(e) => {
			e.preventDefault();
			setOver(true);
		}} onDragLeave=${() => setOver(false)} onDrop=${(e) => {
			e.preventDefault();
			setOver(false);
			send(e.dataTransfer.files[0]);
		}}>
			${brand.logo_url && html`<p><img class="logo" src=${brand.logo_url} alt="The logo now" height="64" /></p>`}
			<input ref=${input} id="logo-file" class="out" tabindex="-1" type="file" accept=${TYPES.join()} aria-label="Logo file" onChange=${(e) => {
				send(e.target.files[0]);
				e.target.value = '';
			}} />
			<div class="actions is-center"><${Button} icon="upload" onClick=${() => input.current.click()}>Choose a file<//>${brand.logo_url && html`<${ActButton} onClick=${remove}>Remove<//>`}</div>
			<p class="hint">or drop it here</p></div>
		${error && html`<${Notice} tone="bad" role="alert">${error}<//>`}<//>`;
}

function Editor({ brand, load }) {
	const form = useForm({
		values: { name: brand.name, accent: brand.accent ?? '#1f5fbf', support_url: brand.support_url ?? '' },
		check: (v) => {
			const e = {};
			if (v.name.trim() === '') e.name = 'Enter a name.';
			if (!HEX.test(v.accent)) e.accent = 'Enter a colour such as #1f5fbf.';
			else if (contrast(v.accent, '#ffffff') < 4.5) e.accent = 'White text on this colour cannot be read: choose a darker one.';
			if (v.support_url.trim() !== '' && !/^(https:\/\/|mailto:)[^\s"<>]+$/.test(v.support_url.trim())) e.support_url = 'Enter an address that begins with https:// or mailto:.';
			return e;
		},
		save: (v) => patch('/branding', { name: v.name.trim(), accent: v.accent.toLowerCase(), support_url: v.support_url.trim() }),
		onSaved: async () => {
			toast('Saved.');
			await again();
		},
	});
	const again = async () => {
		await loadSession();
		await load.reload();
	};
	return html`<div class="cols"><${Card} title="Name and colour"><${Form} form=${form} bar>
			<${Field} name="name" label="Name" hint="On the sign-in page, in messages and in authenticator apps." maxlength="80" autocomplete="off" />
			<${Accent} /><${Field} name="support_url" label="Where people find help" optional hint="An address or mailto: link, shown on the sign-in page." autocomplete="off" spellcheck=${false} /><//><//>
		<${Logo} brand=${brand} again=${again} />
		<${Card} title="Preview" wide><div class="previews"><${Preview} name=${form.values.name} accent=${form.values.accent} logo=${brand.logo_url} theme="light" /><${Preview} name=${form.values.name} accent=${form.values.accent} logo=${brand.logo_url} theme="dark" /></div><//></div>`;
}

export function Branding() {
	const load = useLoad('/branding');
	return html`<${Loaded} load=${load}>${(brand) => html`<${Editor} key="brand" brand=${brand} load=${load} />`}<//>`;
}
