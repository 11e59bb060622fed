// ui - the small parts that pages are made of.  docs/console.md lists them.

import { cls, html, store, useLayoutEffect, useRef, useState, useStore } from './lib.js';
import { session } from './api.js';
import { Icon } from './icons.js';
import { focusDue, usePlace } from './router.js';
import { formatClock, formatDateTime, formatExact, formatNumber, formatRelative } from './format.js';

// ---- heading

// First in every page, also while it loads: the h1, the document's title, the
// actions.  |back|: { href, label } of the page above.  |isBehind|: of what
// stands beside the page; it is no heading and takes no focus.
export function PageHead({ title, section, back, actions, children, tag, isBehind }) {
	const h1 = useRef(null);
	const brand = session.value?.brand?.name ?? 'Identity Services';
	useLayoutEffect(() => {
		if (!isBehind) document.title = [title, section, brand].filter(Boolean).join(' – ');
	}, [title, section, brand, isBehind]);
	useLayoutEffect(() => {
		if (!focusDue.value || isBehind) return;
		focusDue.value = false;
		h1.current.focus({ preventScroll: true });
	}, [usePlace().path]);
	return html`<header class="page-head">
		${back && html`<a class="back" href=${back.href}><${Icon} name="chevron" size="16" />${back.label}</a>`}
		<div class="page-title">${isBehind ? html`<p class="h1">${title}</p>` : html`<h1 ref=${h1} tabindex="-1">${title}</h1>`}${tag}</div>
		${actions && html`<div class="actions">${actions}</div>`}
		${children && html`<p class="lead">${children}</p>`}
	</header>`;
}

// Links between the parts of one page; each is an address of its own.
// |items| [{ href, label, count? }].
export function Tabs({ label, items, current }) {
	return html`<nav class="tabs" aria-label=${label}><ul>${items.map((i) => html`<li key=${i.href}>
		<a href=${i.href} aria-current=${i.href === current ? 'page' : undefined}>${i.label}${i.count !== undefined && html`<span class="count">${formatNumber(i.count)}</span>`}</a></li>`)}</ul></nav>`;
}

// A panel.  |title| is an h2; |actions| stand beside it.
export function Card({ title, actions, children, id, tone, wide, note }) {
	return html`<section class=${cls('card', tone && `is-${tone}`, wide && 'is-wide')} id=${id} aria-label=${title}>
		${(title || actions) && html`<div class="card-head">${title && html`<h2>${title}</h2>`}${actions && html`<div class="actions">${actions}</div>`}</div>`}
		${note && html`<p class="hint">${note}</p>`}
		${children}
	</section>`;
}

// ---- acting

// |kind| primary | danger | plain (default) | quiet; |busy| says that it works
// and keeps the focus; |icon|; |href| makes it a link.
export function Button({ kind = 'plain', busy, icon, href, small, children, onClick, type = 'button', ...rest }) {
	const inner = html`${icon && html`<${Icon} name=${icon} size="16" />`}<span>${children}</span>`;
	const name = cls('button', `is-${kind}`, small && 'is-small', busy && 'is-busy');
	if (href) return html`<a class=${name} href=${href} ...${rest}>${inner}</a>`;
	return html`<button class=${name} type=${type} aria-disabled=${busy ? 'true' : undefined}
		onClick=${busy ? (e) => e.preventDefault() : onClick} ...${rest}>${inner}</button>`;
}

// A button that runs an async |onClick| and shows that it does.
export function ActButton({ onClick, ...rest }) {
	const [busy, setBusy] = useState(false);
	const alive = useRef(true);
	useLayoutEffect(() => () => { alive.current = false; }, []);
	return html`<${Button} busy=${busy} onClick=${async (e) => {
		setBusy(true);
		try {
			await onClick(e);
		} catch (x) {
			if (x.name !== 'AbortError') toast(x.message, { tone: 'bad', requestId: x.requestId });
		}
		if (alive.current) setBusy(false);
	}} ...${rest} />`;
}

// Copies |text| and says so.
export function Copy({ text, label = 'Copy', small = true }) {
	const [done, setDone] = useState(false);
	return html`<${Button} small=${small} kind="quiet" icon=${done ? 'check' : 'copy'} onClick=${async () => {
		await navigator.clipboard.writeText(text);
		setDone(true);
		announce(`Copied: ${label}`);
	}} onBlur=${() => setDone(false)} aria-label=${done ? `Copied: ${label}` : label === 'Copy' ? undefined : label}>${done ? 'Copied' : 'Copy'}<//>`;
}

// A menu of actions behind one button: |items| [{ label, onClick | href, tone }].
// It lies above everything, where it is whole: a table would cut it off.
export function Menu({ label, items, icon = 'more' }) {
	const [open, setOpen] = useState(false);
	const box = useRef(null);
	useLayoutEffect(() => {
		if (!open) return undefined;
		const away = (e) => { if (!box.current?.contains(e.target)) setOpen(false); };
		document.addEventListener('pointerdown', away);
		const list = box.current.querySelector('ul');
		list.showPopover();
		const at = box.current.getBoundingClientRect();
		const { offsetWidth: width, offsetHeight: height } = list;
		list.style.left = `${Math.max(8, at.right - width) + scrollX}px`;
		list.style.top = `${(at.bottom + height + 8 > innerHeight && at.top > height ? at.top - height : at.bottom) + scrollY}px`;
		list.querySelector('button, a')?.focus();
		return () => document.removeEventListener('pointerdown', away);
	}, [open]);
	const close = () => {
		setOpen(false);
		box.current?.querySelector('button')?.focus();
	};
	const onKeyDown = (e) => {
		if (!open) return;
		const all = [...box.current.querySelectorAll('ul button, ul a')];
		const at = all.indexOf(document.activeElement);
		const go = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[e.key];
		if (e.key === 'Escape') {
			e.stopPropagation();
			close();
		} else if (go !== undefined) {
			e.preventDefault();
			all[go % all.length].focus();
		}
	};
	return html`<div class="menu" ref=${box} onKeyDown=${onKeyDown} onFocusOut=${(e) => {
		if (open && e.relatedTarget && !box.current.contains(e.relatedTarget)) setOpen(false);
	}}>
		<button type="button" class="button is-quiet is-small" aria-expanded=${String(open)} aria-label=${label} onClick=${() => setOpen(!open)}><${Icon} name=${icon} size="18" /></button>
		${open && html`<ul class="menu-list" popover="manual">${items.filter(Boolean).map((i) => html`<li key=${i.label}>${i.href
			? html`<a href=${i.href} onClick=${() => setOpen(false)}>${i.label}</a>`
			: html`<button type="button" class=${i.tone === 'bad' ? 'is-bad' : undefined} onClick=${() => {
				close();
				i.onClick();
			}}>${i.label}</button>`}</li>`)}</ul>`}
	</div>`;
}

// ---- saying

const TONE_ICON = { ok: 'check', bad: 'bad', warn: 'warning', info: 'info' };

// A state in a word; |tone| ok | warn | bad | info | none.
export const Tag = ({ tone = 'none', children }) => html`<span class=${`tag is-${tone}`}>${children}</span>`;

// A notice in the page.  |role| status or alert where it appears by itself.
export function Notice({ tone = 'info', title, children, role, actions }) {
	return html`<div class=${`notice is-${tone}`} role=${role}><${Icon} name=${TONE_ICON[tone]} />
		<div>${title && html`<p class="notice-title">${title}</p>`}${children && html`<div>${children}</div>`}${actions && html`<div class="actions">${actions}</div>`}</div></div>`;
}

// A moment: "27 Nov 2026, 21:04", or "3 minutes ago" with |ago|; |exact| with
// seconds.  The whole, in UTC, is in the title.
export function Time({ at, ago, exact, none = 'Never' }) {
	if (!at) return html`<span class="soft">${none}</span>`;
	return html`<time datetime=${at} title=${new Date(at).toISOString()}>${ago ? formatRelative(at) : exact ? formatExact(at) : formatDateTime(at)}</time>`;
}

// Term and value pairs: |items| [[term, value], …]; falsy ones are left out.
export const Facts = ({ items }) => html`<dl class="facts">${items.filter(Boolean).map(([t, d]) => html`<div key=${t}><dt>${t}</dt><dd>${d}</dd></div>`)}</dl>`;

// A text to copy: commands, ids, addresses.
export function Code({ text, label = 'Copy', wrap }) {
	return html`<div class="code"><pre class=${wrap ? 'is-wrapped' : undefined} tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre><${Copy} text=${text} label=${label} /></div>`;
}

// One number with its name; |href| leads to what it counts.
export const Stat = ({ label, value, note, href, tone }) => html`<div class=${cls('stat', tone && `is-${tone}`)}>
	<p class="stat-label">${label}</p><p class="stat-value">${href ? html`<a href=${href}>${value}</a>` : value}</p>${note && html`<p class="stat-note">${note}</p>`}</div>`;

// ---- states of what is loaded

// What there is not.  |title|, one sentence, one action.
export const Empty = ({ title, children, action, icon }) => html`<div class="empty">${icon && html`<${Icon} name=${icon} size="32" />`}
	<h2>${title}</h2>${children && html`<p>${children}</p>`}${action}</div>`;

export function ErrorState({ error, onRetry }) {
	const title = error.status === 0 ? 'No answer' : error.status === 404 ? 'Not found'
		: error.status === 403 ? 'Not allowed' : error.status === 429 ? 'Too many requests' : 'This could not be loaded';
	return html`<div class="empty is-bad" role="alert"><${Icon} name="bad" size="32" /><h2>${title}</h2><p>${error.message}</p>
		${error.requestId && html`<p class="soft">Request <code>${error.requestId}</code> <${Copy} text=${error.requestId} label="Copy the request id" /></p>`}
		${onRetry && html`<${Button} icon="refresh" onClick=${onRetry}>Try again<//>`}</div>`;
}

// Grey bars, but only after 300 ms: what is quick does not flicker.
export function Skeleton({ lines = 4 }) {
	const [show, setShow] = useState(false);
	useLayoutEffect(() => {
		const timer = setTimeout(() => setShow(true), 300);
		return () => clearTimeout(timer);
	}, []);
	return html`<div class="skeleton" aria-busy="true">${show && html`<p class="out">Loading…</p>`}${show && Array.from({ length: lines }, (_, i) => html`<div key=${i} class="bar"></div>`)}</div>`;
}

// What useLoad() gave, in all its states; the child draws the data.  One element
// in each state: preact loses the place of a component whose root changes.
// <${Loaded} load=${load}>${(data) => html`…`}<//>
export function Loaded({ load, lines, children }) {
	const draw = [children].flat()[0];
	if (load.data !== undefined) {
		return html`<div aria-busy=${load.isLoading ? 'true' : undefined}>
			${load.error && html`<${Notice} tone="warn" role="status" title="What you see may be old" actions=${html`<${Button} small onClick=${load.reload}>Try again<//>`}>${load.error.message} It is as of ${formatClock(load.at)}.<//>`}
			${draw(load.data)}</div>`;
	}
	return html`<div>${load.error ? html`<${ErrorState} error=${load.error} onRetry=${load.reload} />` : html`<${Skeleton} lines=${lines} />`}</div>`;
}

// A component that load() fetches when it is first drawn; |whole|: it is all of
// the page.
export function lazy(load, { whole } = {}) {
	let Body = null;
	return function Lazy(props) {
		const [error, setError] = useState(null);
		const [, redraw] = useState(0);
		useLayoutEffect(() => {
			let alive = true;
			if (!Body) {
				load().then((c) => {
					Body = c;
					if (alive) redraw(1);
				}, (e) => alive && setError(e));
			}
			return () => { alive = false; };
		}, []);
		if (Body) return html`<div class=${whole ? undefined : 'stack'}><${Body} ...${props} /></div>`;
		if (!error) return html`<div><${Skeleton} lines=${6} /></div>`;
		return html`<div>${whole && html`<${PageHead} title="This page cannot be loaded" />`}<${Empty} icon="refresh" title="It belongs to another version" action=${html`<${Button} kind="primary" onClick=${() => location.reload()}>Load the console again<//>`}>The service was upgraded while this page was open, or it does not answer.<//></div>`;
	};
}

// ---- messages: nothing important disappears by itself

const toasts = store([]);
const spoken = store('');

// Says |text| to screen readers alone.
export const announce = (text) => spoken.set(text);

// A message at the foot of the page.  |undo|: async fn behind an Undo button;
// |tone| ok | bad | info; it stays until it is closed or the page is left.
export function toast(text, { undo, tone = 'ok', requestId } = {}) {
	toasts.set([...toasts.value.slice(-2), { id: Symbol('toast'), text, undo, tone, requestId, path: location.pathname }]);
}
// Another page is there: what was said on the one before goes.
export const clearToasts = () => {
	const left = toasts.value.filter((t) => t.path === location.pathname);
	if (left.length < toasts.value.length) toasts.set(left);
};

export function Toasts() {
	const list = useStore(toasts);
	const close = (t) => toasts.set(toasts.value.filter((x) => x !== t));
	return html`<div><p class="out" role="status" aria-live="polite">${useStore(spoken)}</p>
		<div class="toasts" role="region" aria-label="Messages"><div role="status">${list.map((t) => html`<div key=${t.id} class=${`toast is-${t.tone}`}>
		<${Icon} name=${TONE_ICON[t.tone]} /><p>${t.text}${t.requestId && html` <small>(request ${t.requestId})</small>`}</p>
		${t.undo && html`<${ActButton} small kind="quiet" onClick=${async () => {
			await t.undo();
			close(t);
			announce('Undone.');
		}}>Undo<//>`}
		<button type="button" class="button is-quiet is-small" aria-label="Close this message" onClick=${() => close(t)}><${Icon} name="close" size="16" /></button>
	</div>`)}</div></div></div>`;
}
