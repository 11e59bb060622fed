// form - forms as GOV.UK has them: labels above, checked when they are sent,
// an error summary that takes the focus, what was typed is kept.

import { cls, createContext, html, useCallback, useContext, useId, useLayoutEffect, useRef, useState } from './lib.js';
import { Icon } from './icons.js';
import { useLeaveGuard } from './router.js';
import { Button, Copy, clearToasts } from './ui.js';

const Context = createContext(null);

// |values| at the start; check(values) -> {field: sentence}; save(values) may
// throw ApiError: its |errors| go to their fields, the rest above the form.
// onSaved(result) after it.  |guard| false: leaving asks nothing.
export function useForm({ values: start, check, save, onSaved, guard = true }) {
	const [values, setValues] = useState(start);
	const [errors, setErrors] = useState({});
	const [problem, setProblem] = useState(null);
	const [busy, setBusy] = useState(false);
	const [tries, setTries] = useState(0);	// each failed one moves the focus
	const base = useRef(JSON.stringify(start));
	const alive = useRef(true);
	useLayoutEffect(() => () => { alive.current = false; }, []);
	const dirty = JSON.stringify(values) !== base.current;
	const now = useRef(null);
	now.current = guard && dirty && !busy;
	useLeaveGuard(useCallback(() => now.current, []));
	const fail = (e) => {
		const byField = {};
		// "headers.X-Key" belongs to what asks for the headers.
		for (const x of e.errors ?? []) byField[Object.keys(values).find((k) => `${x.field}.`.startsWith(`${k}.`)) ?? x.field] ??= x.message;
		setErrors(byField);
		setProblem(Object.keys(byField).length > 0 ? null : e);
		setTries((n) => n + 1);
	};
	const submit = async (event) => {
		event?.preventDefault();
		if (busy) return;
		const found = check?.(values) ?? {};
		setErrors(found);
		setProblem(null);
		if (Object.keys(found).length > 0) {
			setTries((n) => n + 1);
			return;
		}
		clearToasts();
		setBusy(true);
		try {
			const result = await save(values);
			base.current = JSON.stringify(values);
			now.current = false;
			await onSaved?.(result, values);
		} catch (e) {
			if (e.name !== 'AbortError' && alive.current) fail(e);
		}
		if (alive.current) setBusy(false);
	};
	return {
		values, errors, problem, busy, dirty, tries, submit, fail,
		set: (name, value) => setValues((v) => ({ ...v, [name]: value })),
		setAll: (v) => setValues((old) => ({ ...old, ...v })),
		// To |v| (default: the start) with nothing unsaved.
		reset: (v) => {
			const to = v ?? JSON.parse(base.current);
			base.current = JSON.stringify(to);
			setValues(to);
			setErrors({});
			setProblem(null);
		},
		clear: () => {
			setErrors({});
			setProblem(null);
		},
	};
}

function Summary({ form, prefix }) {
	const box = useRef(null);
	useLayoutEffect(() => { if (form.tries > 0) box.current?.focus(); }, [form.tries]);
	const list = Object.entries(form.errors);
	if (list.length === 0 && !form.problem) return null;
	return html`<div class="notice is-bad" ref=${box} tabindex="-1" role="alert"><${Icon} name="bad" /><div>
		<p class="notice-title">${form.problem ? form.problem.message : 'There is a problem'}</p>
		${form.problem?.requestId && html`<p class="soft">Request <code>${form.problem.requestId}</code> <${Copy} text=${form.problem.requestId} label="Copy the request id" /></p>`}
		${list.length > 0 && html`<ul>${list.map(([name, text]) => html`<li key=${name}><a href=${`#${prefix}-${name}`} onClick=${(e) => {
			e.preventDefault();
			const el = document.getElementById(`${prefix}-${name}`);
			(el?.matches('fieldset') ? el.querySelector('input') : el)?.focus();
		}}>${text}</a></li>`)}</ul>`}</div></div>`;
}

// The form itself.  |submit|: text of its button (null: none); |cancel|: href or function;
// |danger| for what destroys; |bar|: a bar that stays in view while there is
// something to save.
export function Form({ form, submit = 'Save', cancel, danger, bar, children, extra }) {
	const prefix = useId('form');
	return html`<form class="form" novalidate onSubmit=${form.submit}>
		<${Context.Provider} value=${{ form, prefix }}>
			<${Summary} form=${form} prefix=${prefix} />
			${children}
		<//>
		${submit && html`<div class=${cls('form-foot', bar && form.dirty && 'is-bar')}>
			<${Button} type="submit" kind=${danger ? 'danger' : 'primary'} busy=${form.busy}>${submit}<//>
			${cancel && (typeof cancel === 'string' ? html`<${Button} href=${cancel}>Cancel<//>` : html`<${Button} onClick=${cancel}>Cancel<//>`)}
			${extra}
			${bar && html`<p class="soft" role="status">${form.dirty ? 'Not saved yet' : ''}</p>`}
		</div>`}
	</form>`;
}

// What a field needs of its form: { id, value, error, set }.
export function useField(name) {
	const { form, prefix } = useContext(Context);
	return { id: `${prefix}-${name}`, value: form.values[name], error: form.errors[name], set: (v) => form.set(name, v), form };
}

// Label, hint and error around one control.
export function Row({ id, label, hint, error, children, optional }) {
	return html`<div class=${cls('row', error && 'has-error')}>
		<label for=${id}>${label}${optional && html` <span class="soft">(optional)</span>`}</label>
		${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
		${error && html`<p class="error" id=${`${id}-error`}><span class="out">Error: </span>${error}</p>`}
		${children}
	</div>`;
}
const describe = (id, hint, error) => [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;

// A line of text.  Everything else goes to the <input>.
export function Field({ name, label, hint, optional, type = 'text', suffix, width, onInput, ...rest }) {
	const f = useField(name);
	const [shown, setShown] = useState(false);
	const input = html`<input id=${f.id} name=${name} type=${type === 'password' && shown ? 'text' : type} value=${f.value ?? ''}
		class=${width && `w-${width}`} aria-invalid=${f.error ? 'true' : undefined} aria-describedby=${describe(f.id, hint, f.error)}
		onInput=${(e) => {
			f.set(e.target.value);
			onInput?.(e.target.value);
		}} ...${rest} />`;
	return html`<${Row} id=${f.id} label=${label} hint=${hint} error=${f.error} optional=${optional}>
		${type === 'password' || suffix ? html`<div class="with-suffix">${input}${suffix && html`<span>${suffix}</span>`}
			${type === 'password' && html`<button type="button" class="button is-quiet is-small" aria-label=${shown ? 'Hide the password' : 'Show the password'} onClick=${() => setShown(!shown)}>${shown ? 'Hide' : 'Show'}</button>`}</div>` : input}
	<//>`;
}

export function Area({ name, label, hint, optional, rows = 4, mono, ...rest }) {
	const f = useField(name);
	return html`<${Row} id=${f.id} label=${label} hint=${hint} error=${f.error} optional=${optional}>
		<textarea id=${f.id} name=${name} rows=${rows} class=${mono && 'mono'} aria-invalid=${f.error ? 'true' : undefined}
			aria-describedby=${describe(f.id, hint, f.error)} value=${f.value ?? ''} onInput=${(e) => f.set(e.target.value)} ...${rest}></textarea><//>`;
}

// |options| [[value, label], …].
export function Select({ name, label, hint, options, onPick }) {
	const f = useField(name);
	return html`<${Row} id=${f.id} label=${label} hint=${hint} error=${f.error}>
		<select id=${f.id} name=${name} aria-describedby=${describe(f.id, hint, f.error)} aria-invalid=${f.error ? 'true' : undefined} value=${f.value ?? ''} onChange=${(e) => {
			f.set(e.target.value);
			onPick?.(e.target.value);
		}}>${options.map(([v, t]) => html`<option key=${v} value=${v} selected=${String(v) === String(f.value ?? '')}>${t}</option>`)}</select><//>`;
}

// One of few, all in sight.  |options| [[value, label, hint?], …].
export function Radios({ name, label, hint, options, inline }) {
	const f = useField(name);
	return html`<fieldset id=${f.id} class=${cls('row', f.error && 'has-error', inline && 'is-inline')} aria-describedby=${describe(f.id, hint, f.error)}>
		<legend>${label}</legend>
		${hint && html`<p class="hint" id=${`${f.id}-hint`}>${hint}</p>`}
		${f.error && html`<p class="error" id=${`${f.id}-error`}><span class="out">Error: </span>${f.error}</p>`}
		${options.map(([v, t, h]) => html`<div class="choice" key=${v}><input type="radio" id=${`${f.id}-${v}`} name=${f.id} value=${v} checked=${String(f.value) === String(v)} onChange=${() => f.set(v)}
			aria-describedby=${h && `${f.id}-${v}-h`} /><label for=${`${f.id}-${v}`}>${t}</label>${h && html`<p class="hint" id=${`${f.id}-${v}-h`}>${h}</p>`}</div>`)}
	</fieldset>`;
}

// A box to tick, outside a form: |checked|, onChange(bool).
export function Check({ id, label, hint, checked, onChange, error, ...rest }) {
	const own = useId('c');
	const at = id ?? own;
	return html`<div class=${cls('row choice', error && 'has-error')}>${error && html`<p class="error" id=${`${at}-error`}><span class="out">Error: </span>${error}</p>`}
		<input type="checkbox" id=${at} checked=${Boolean(checked)} aria-invalid=${error ? 'true' : undefined} aria-describedby=${describe(at, hint, error)} onChange=${(e) => onChange(e.target.checked)} ...${rest} />
		<label for=${at}>${label}</label>${hint && html`<p class="hint" id=${`${at}-hint`}>${hint}</p>`}</div>`;
}

// The same as a field of a form.
export function CheckField({ name, ...rest }) {
	const f = useField(name);
	return html`<${Check} id=${f.id} checked=${f.value} error=${f.error} onChange=${f.set} ...${rest} />`;
}
