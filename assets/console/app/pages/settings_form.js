// settings_form - some of the platform's settings as a form.  Each says what
// it does, what is usual and what is allowed; only what was changed is sent.

import { html } from '../lib.js';
import { patch, useLoad } from '../api.js';
import { CheckField, Field, Form, useForm } from '../form.js';
import { formatDuration, formatNumber, words as spelt } from '../format.js';
import { Loaded, Notice, toast } from '../ui.js';

const LABELS = {
	otp_length: 'Digits of a code', otp_ttl_s: 'Life of a code', otp_resend_s: 'Wait before another code', otp_attempts: 'Wrong tries that end a code',
	otp_window_max: 'Codes in 15 minutes', otp_day_max: 'Codes in a day', otp_address_max: 'Codes from one address', email_fallback: 'Fall back to e-mail',
	password_min_len: 'Least length', password_min_len_mfa: 'Least length with a second factor', reset_ttl_s: 'Life of a recovery', login_address_max: 'Wrong passwords from one address',
	login_app_max: 'Failed sign-ins of one application', mfa_admin_required: 'Administrators need a second factor', mfa_ttl_s: 'Time for the second factor',
	session_ttl_s: 'Ends when not refreshed for', refresh_ttl_s: 'Life of a refresh token', refresh_absolute_s: 'Ends at the latest after', refresh_grace_s: 'Time for a retry of a refresh',
	public_hostname: 'Public hostname', access_ttl_s: 'Life of an access token', token_alg: 'Signature of access tokens', default_country_code: 'Country code of numbers without one',
	console_idle_s: 'Console: ends when idle for', console_absolute_s: 'Console: ends at the latest after',
	sms_countries: 'Countries', sms_hour_max: 'Messages in an hour', sms_day_max: 'Messages in a day', sms_hour_budget: 'Money in an hour', sms_day_budget: 'Money in a day',
	sms_blocked_prefixes: 'Blocked numbers', sms_person_day_max: 'To one person in a day', sms_destination_day_max: 'To one number in a day',
	sms_country_hour_max: 'To one country in an hour', sms_country_day_max: 'To one country in a day', sms_app_hour_max: 'For one application in an hour',
	sms_app_day_max: 'For one application in a day', sms_breaker: 'Stop when codes do not come back', otp_app_hour_max: 'Codes for one application in an hour',
};

const labelOf = (s) => LABELS[s.name] ?? spelt(s.name.replace(/_s$/, ''));
const isMoney = (s) => s.name.endsWith('_budget');
const isTime = (s) => s.name.endsWith('_s');
const MILLION = 1_000_000;

// A setting's value as the form holds it, and back.
const shown = (s, v = s.value) => (s.kind === 'list' ? v.join(', ') : s.kind === 'bool' ? v : isMoney(s) ? String(v / MILLION) : String(v));
function parsed(s, v) {
	if (s.kind === 'bool') return v;
	if (s.kind === 'list') return v.split(/[\s,]+/).map((x) => x.replace(/^\+/, '')).filter(Boolean);
	if (s.kind === 'int') return isMoney(s) ? Math.round(Number(v) * MILLION) : Number(v);
	return v;
}

// What a value means: seconds as a duration, an empty list in words.
function words(s, v) {
	if (s.kind === 'bool') return v ? 'on' : 'off';
	if (s.kind === 'list') return v.length === 0 ? 'empty' : v.join(', ');
	if (isTime(s)) return formatDuration(v);
	return s.kind === 'int' ? formatNumber(isMoney(s) ? v / MILLION : v) : v || 'empty';
}

function hint(s) {
	const range = s.kind === 'int' && s.min !== null && s.max !== null ? ` From ${words(s, s.min)} to ${words(s, s.max)}.` : '';
	return `${s.description === labelOf(s) ? '' : `${s.description}. `}Usual: ${words(s, s.default)}.${range}`;
}

function check(list, values) {
	const errors = {};
	for (const s of list) {
		const v = parsed(s, values[s.name]);
		const money = isMoney(s) ? MILLION : 1;
		if (s.kind !== 'int') continue;
		if (String(values[s.name]).trim() === '' || !Number.isInteger(v)) errors[s.name] = `${labelOf(s)}: enter a whole number.`;
		else if ((s.min ?? v) > v || (s.max ?? v) < v) errors[s.name] = `${labelOf(s)}: enter a number from ${formatNumber((s.min ?? 0) / money)} to ${formatNumber(s.max / money)}.`;
	}
	return errors;
}

function Fields({ list, load }) {
	const form = useForm({
		values: Object.fromEntries(list.map((s) => [s.name, shown(s)])),
		check: (v) => check(list, v),
		save: async (v) => {
			const changes = Object.fromEntries(list.filter((s) => v[s.name] !== shown(s)).map((s) => [s.name, parsed(s, v[s.name])]));
			if (Object.keys(changes).length > 0) await patch('/settings', changes);
		},
		onSaved: async () => {
			await load.reload();
			toast('Saved. It holds for the next request.');
		},
	});
	const isChanged = list.some((s) => !s.is_default);
	return html`<${Form} form=${form} bar extra=${isChanged && html`<button type="button" class="link" onClick=${() => form.setAll(Object.fromEntries(list.map((s) => [s.name, shown(s, s.default)])))}>Set all to what is usual</button>`}>
		${list.map((s) => (s.kind === 'bool'
			? html`<${CheckField} key=${s.name} name=${s.name} label=${labelOf(s)} hint=${hint(s)} />`
			: html`<${Field} key=${s.name} name=${s.name} label=${labelOf(s)} hint=${hint(s)} inputmode=${s.kind === 'int' ? 'numeric' : undefined} spellcheck=${false} autocomplete="off"
				width=${s.kind === 'int' ? 'short' : undefined} suffix=${isTime(s) ? `seconds${Number(form.values[s.name]) >= 60 ? `, ${formatDuration(form.values[s.name])}` : ''}` : undefined} />`))}<//>`;
}

// |names|: which settings, in this order; |given|: they are loaded already.
export function SettingsForm({ names, load: given }) {
	const own = useLoad(given ? null : '/settings');
	const load = given ?? own;
	return html`<${Loaded} load=${load}>${({ data }) => {
		const list = names.map((n) => data.find((s) => s.name === n)).filter(Boolean);
		return list.length === 0 ? html`<${Notice} tone="warn">This service does not know these settings.<//>` : html`<${Fields} list=${list} load=${load} />`;
	}}<//>`;
}
