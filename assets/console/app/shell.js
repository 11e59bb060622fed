// shell - what stands around every page: navigation, account, messages,
// dialogs; and the page itself.

import { Component, html, useLayoutEffect, useRef, useState, useStore } from './lib.js';
import { session } from './api.js';
import { Dialogs } from './dialog.js';
import { Icon } from './icons.js';
import { openPalette, openShortcuts } from './keys.js';
import { match, usePlace } from './router.js';
import { account, menu, routes } from './routes.js';
import { setTheme, signOut, theme } from './theme.js';
import { Button, Empty, ErrorState, PageHead, Skeleton, Tag, Toasts, clearToasts, lazy } from './ui.js';

function Brand() {
	const { brand } = useStore(session);
	return html`<a class="brand" href="/setup">${brand.logo_url ? html`<img src=${brand.logo_url} alt="" width="28" height="28" />` : html`<span class="mark" aria-hidden="true">${brand.name.slice(0, 1)}</span>`}<span>${brand.name}</span></a>`;
}

function Account() {
	const { person } = useStore(session);
	const [open, setOpen] = useState(false);
	const [now, setNow] = useState(theme());
	const box = useRef(null);
	useLayoutEffect(() => {
		if (!open) return undefined;
		const away = (e) => { if (!box.current?.contains(e.target)) setOpen(false); };
		document.addEventListener('pointerdown', away);
		return () => document.removeEventListener('pointerdown', away);
	}, [open]);
	return html`<div class="account" ref=${box} onKeyDown=${(e) => {
		if (e.key !== 'Escape' || !open) return;
		setOpen(false);
		box.current.querySelector('button').focus();
	}}>
		<button type="button" class="account-button" aria-expanded=${String(open)} aria-controls="account-menu" onClick=${() => setOpen(!open)}>
			<span class="face" aria-hidden="true">${initials(person.name)}</span><span class="account-name">${person.name}<small>${person.email ?? person.mobile_number}</small></span><${Icon} name=${open ? 'down' : 'up'} size="14" /></button>
		<div id="account-menu" class="account-menu" hidden=${!open}>
			<ul>${account.map((i) => html`<li key=${i.href}><a href=${i.href} onClick=${() => setOpen(false)}>${i.label}</a></li>`)}
			<li><button type="button" onClick=${openShortcuts}>Keyboard shortcuts</button></li></ul>
			<fieldset><legend>Theme</legend><div class="segments">${[['auto', 'Auto'], ['light', 'Light'], ['dark', 'Dark']].map(([v, t]) => html`<label key=${v}><input type="radio" name="theme" value=${v} checked=${now === v} onChange=${() => {
				setTheme(v);
				setNow(v);
			}} /><span>${t}</span></label>`)}</div></fieldset>
			<ul><li><button type="button" onClick=${signOut}>Sign out</button></li></ul>
		</div></div>`;
}
const initials = (name) => name.split(/\s+/).filter(Boolean).map((w) => [...w][0]).slice(0, 2).join('').toUpperCase();

function Side() {
	const { path } = usePlace();
	const { environment, version } = useStore(session);
	const [open, setOpen] = useState(false);
	useLayoutEffect(() => setOpen(false), [path]);
	const current = (href) => (href === '/setup' ? path === href : path === href || path.startsWith(`${href}/`));
	return html`<header class="side">
		<div class="side-top"><${Brand} /><button type="button" class="button is-quiet side-toggle" aria-expanded=${String(open)} aria-controls="side-body" onClick=${() => setOpen(!open)}><${Icon} name=${open ? 'close' : 'menu'} /><span>Menu</span></button></div>
		<div id="side-body" class=${open ? 'side-body is-open' : 'side-body'}>
			<button type="button" class="go" onClick=${openPalette}><${Icon} name="search" size="16" /><span>Search</span><kbd>Ctrl K</kbd></button>
			<nav aria-label="Console">${menu.map((g) => html`<div key=${g.title ?? ''}>${g.title && html`<p class="nav-title">${g.title}</p>`}<ul>${g.items.map((i) => html`<li key=${i.href}>
				<a href=${i.href} aria-current=${current(i.href) ? 'page' : undefined}><${Icon} name=${i.icon} />${i.label}</a></li>`)}</ul></div>`)}</nav>
			<div class="side-foot">${environment.dev_otp && html`<${Tag} tone="warn">Codes are shown: not for production<//>`}<${Account} /><p class="version">Version ${version}</p></div>
		</div></header>`;
}

// A page whose code fails shows that, not an empty screen.
class Guard extends Component {
	componentDidCatch(error) {
		console.error(error);
		this.setState({ error });
	}

	componentDidUpdate(before) {
		if (this.state.error && before.at !== this.props.at) this.setState({ error: null });
	}

	render({ children }, { error }) {
		if (!error) return children;
		return html`<div><${PageHead} title="This page failed" /><${Empty} icon="bad" title="It is a fault of the console" action=${html`<${Button} onClick=${() => location.reload()}>Load it again<//>`}>${error.message}<//></div>`;
	}
}

const bodies = new Map();	// path of a route -> its component

function Page() {
	const { path } = usePlace();
	const found = match(routes, path);
	useLayoutEffect(() => clearToasts(), [path]);
	if (!found) return html`<div key="none"><${PageHead} title="There is no such page" /><${Empty} icon="search" title="Nothing is at this address" action=${html`<${Button} href="/setup">To the overview<//>`}>It may have been removed, or the address is not complete.<//></div>`;
	const { route, params } = found;
	if (!bodies.has(route.path)) bodies.set(route.path, lazy(async () => (await route.load()).default, { whole: true }));
	return html`<${Guard} at=${path}><${bodies.get(route.path)} key=${route.path + (route.isOne ? '' : params.id ?? '')} params=${params} /><//>`;
}

export function Shell() {
	return html`<div class="frame"><a class="skip" href="#main">Skip to the content</a>
		<${Side} /><main id="main" tabindex="-1"><${Page} /></main><${Toasts} /><${Dialogs} /></div>`;
}

// Before the session is known, and when it cannot be.
export const Boot = ({ error, onRetry }) => html`<main class="sheet">${error ? html`<${ErrorState} error=${error} onRetry=${onRetry} />` : html`<${Skeleton} />`}</main>`;
