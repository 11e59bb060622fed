// combobox - a text field that suggests, after the pattern of ARIA 1.2; and
// the two fields that lists have above them.

import { html, useId, useLayoutEffect, useRef, useState } from './lib.js';
import { Icon } from './icons.js';
import { announce } from './ui.js';
import { plural } from './format.js';

// search(text, signal) -> [{ id, label, note? }]; onPick(item|null).  |value|
// is the item picked.  |clears|: the field is emptied by a pick (for lists of
// several, whose chips stand beside it).  |min| letters before it asks.
// |early|(): what was typed before it was there; it takes the focus.
export function Combobox({ label, hint, error, value, onPick, search, clears, min = 1, hideLabel, inputRef, early }) {
	const id = useId('cb');
	const [text, setText] = useState(value?.label ?? '');
	const [items, setItems] = useState(null);
	const [at, setAt] = useState(-1);
	const [failed, setFailed] = useState(null);
	const job = useRef({ timer: 0, abort: null });
	useLayoutEffect(() => setText(value?.label ?? ''), [value?.id]);
	const ask = (q, wait = 200) => {
		const j = job.current;
		clearTimeout(j.timer);
		j.abort?.abort();
		if (q.trim().length < min) {
			setItems(null);
			return;
		}
		j.abort = new AbortController();
		j.timer = setTimeout(async () => {
			try {
				const found = await search(q.trim(), j.abort.signal);
				setFailed(null);
				setItems(found);
				setAt(found.length > 0 ? 0 : -1);
				announce(found.length === 0 ? 'No matches' : plural(found.length, 'match', 'matches'));
			} catch (e) {
				if (e.name === 'AbortError') return;
				setItems([]);
				setFailed(e.message);
			}
		}, wait);
	};
	const type = (q) => {
		setText(q);
		ask(q);
	};
	useLayoutEffect(() => {
		const q = early?.();
		if (q) type(q);
		return () => {
			clearTimeout(job.current.timer);
			job.current.abort?.abort();
		};
	}, []);
	const pick = (item) => {
		setItems(null);
		setText(clears ? '' : item.label);
		onPick(item);
	};
	const onKeyDown = (e) => {
		const n = items?.length ?? 0;
		if (e.key === 'ArrowDown' && items === null) ask(text, 0);
		else if (e.key === 'ArrowDown' && n > 0) setAt((at + 1) % n);
		else if (e.key === 'ArrowUp' && n > 0) setAt((at - 1 + n) % n);
		else if (e.key === 'Enter' && items && at >= 0) pick(items[at]);
		else if (e.key === 'Escape' && items) setItems(null);
		else return;
		e.preventDefault();
		e.stopPropagation();
	};
	const open = items !== null;
	return html`<div class=${`row combobox${error ? ' has-error' : ''}`}>
		<label for=${id} class=${hideLabel ? 'out' : undefined}>${label}</label>
		${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
		${error && html`<p class="error" id=${`${id}-error`}><span class="out">Error: </span>${error}</p>`}
		<input id=${id} ref=${inputRef} role="combobox" autocomplete="off" spellcheck=${false} aria-autocomplete="list" aria-expanded=${String(open)} aria-controls=${`${id}-list`} data-first=${early ? '' : undefined}
			aria-activedescendant=${open && at >= 0 ? `${id}-${at}` : undefined} aria-describedby=${[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined} aria-invalid=${error ? 'true' : undefined}
			value=${text} onInput=${(e) => {
				if (!clears && value) onPick(null);
				type(e.target.value);
			}} onKeyDown=${onKeyDown} onBlur=${() => setTimeout(() => setItems(null), 150)} />
		<ul id=${`${id}-list`} role="listbox" aria-label=${label} hidden=${!open || items.length === 0}>${items?.map((i, n) => html`<li key=${i.id} id=${`${id}-${n}`} role="option" aria-selected=${String(n === at)}
			onPointerDown=${(e) => {
				e.preventDefault();
				pick(i);
			}}><span>${i.label}</span>${i.note && html`<small>${i.note}</small>`}</li>`)}</ul>
		${open && items.length === 0 && html`<p class="listbox-none">${failed ?? `No matches for “${text.trim()}”`}</p>`}
	</div>`;
}

// What was picked, each to be taken away: |items| [{ id, label }].
export const Chips = ({ items, onRemove, label }) => items.length > 0 && html`<ul class="chips" aria-label=${label}>${items.map((i) => html`<li key=${i.id} class="chip"><span>${i.label}</span>
	<button type="button" aria-label=${`Remove ${i.label}`} onClick=${() => onRemove(i)}><${Icon} name="close" size="14" /></button></li>`)}</ul>`;

// The search field of a list: tells onSearch(text) 250 ms after the last key,
// for two letters and more or none.  "/" goes to it.
export function SearchBox({ label, value, onSearch, hint }) {
	const id = useId('s');
	const [text, setText] = useState(value);
	const timer = useRef(0);
	const own = useRef(value);
	useLayoutEffect(() => {
		// the address changed by something else: Back, Clear filters
		if (value !== own.current) setText(value);
		own.current = value;
	}, [value]);
	useLayoutEffect(() => () => clearTimeout(timer.current), []);
	const tell = (v, wait) => {
		clearTimeout(timer.current);
		const q = v.trim();
		if (q.length === 1) return;
		timer.current = setTimeout(() => {
			own.current = q;
			onSearch(q);
		}, wait);
	};
	return html`<form class="search" role="search" onSubmit=${(e) => {
		e.preventDefault();
		tell(text, 0);
	}}><label for=${id} class="out">${label}</label><${Icon} name="search" size="16" />
		<input id=${id} type="search" data-search autocomplete="off" spellcheck=${false} placeholder=${hint ?? label} value=${text} onInput=${(e) => {
			setText(e.target.value);
			tell(e.target.value, 250);
		}} /></form>`;
}

// A filter of a list: |options| [[value, label], …], the first for "all".
export function Filter({ label, value, options, onPick }) {
	const id = useId('fi');
	return html`<div class="filter"><label for=${id}>${label}</label><select id=${id} value=${value} onChange=${(e) => onPick(e.target.value)}>
		${options.map(([v, t]) => html`<option key=${v} value=${v} selected=${v === value}>${t}</option>`)}</select></div>`;
}
