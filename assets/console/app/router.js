// router - every state of the console is an address.  Links are plain <a>;
// clicks on those under /setup are taken over here.

import { store, useLayoutEffect, useStore } from './lib.js';

const read = () => ({ path: location.pathname.replace(/(.)\/$/, '$1'), query: new URLSearchParams(location.search), state: history.state });

export const place = store(read());
export const focusDue = { value: false };	// the next page's h1 takes the focus
const guards = new Set();	// fn() -> true: something is not saved
let askLeave = async () => true;
export function setAskLeave(fn) { askLeave = fn; }

// Paths under /setup that are no pages of the console.
const FOREIGN = /^\/setup\/(a|api|signin|signout|recover|logo|reference|guide)(\/|$)/;
const isOurs = (url) => url.origin === location.origin && /^\/setup(\/|$)/.test(url.pathname) && !FOREIGN.test(url.pathname);

async function mayLeave() {
	if (![...guards].some((fn) => fn())) return true;
	if (!await askLeave()) return false;
	guards.clear();
	return true;
}

function arrive(before, keepFocus) {
	place.set(read());
	if (place.value.path === before) return;
	// A link of a navigation keeps the focus: who walks the menu stays there.
	focusDue.value = !keepFocus && !document.activeElement?.closest('.side, .tabs');
	window.scrollTo(0, 0);
}

// Goes to |href|.  |replace|: the address changes without a step of history;
// |state|: kept with the step; |keepFocus|.  Gives false when the person stays.
export async function navigate(href, { replace = false, state = null, keepFocus = false } = {}) {
	const url = new URL(href, location.href);
	if (!isOurs(url)) {
		location.assign(url);
		return true;
	}
	const before = place.value.path;
	if (url.pathname.replace(/(.)\/$/, '$1') !== before && !await mayLeave()) return false;
	history[replace ? 'replaceState' : 'pushState'](state, '', url);
	arrive(before, keepFocus);
	return true;
}

addEventListener('popstate', async () => {
	const before = place.value.path;
	const last = place.value;
	if (location.pathname.replace(/(.)\/$/, '$1') !== before && [...guards].some((fn) => fn())) {
		// The step was taken already: take it back, ask, and take it again.
		const q = last.query.toString();
		history.pushState(last.state, '', last.path + (q === '' ? '' : `?${q}`));
		if (await mayLeave()) history.back();
		return;
	}
	arrive(before, false);
});

addEventListener('beforeunload', (e) => {
	if ([...guards].some((fn) => fn())) e.preventDefault();
});

document.addEventListener('click', (e) => {
	if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
	const a = e.target.closest?.('a[href]');
	if (!a || (a.target !== '' && a.target !== '_self') || a.hasAttribute('download')) return;
	const url = new URL(a.href);
	if (!isOurs(url)) return;
	if (url.hash !== '' && url.pathname === location.pathname && url.search === location.search) return;
	e.preventDefault();
	navigate(url.href);
});

export const usePlace = () => useStore(place);

// The address's query: get(name) with a fallback, set({name: value|null}),
// which forgets the cursor unless it is set; href(patch) for links.
export function useQuery() {
	const { path, query } = usePlace();
	const href = (patch) => {
		const q = new URLSearchParams(query);
		if (!('cursor' in patch)) q.delete('cursor');
		for (const [k, v] of Object.entries(patch)) {
			if (v === null || v === undefined || v === '' || v === false) q.delete(k);
			else q.set(k, v === true ? '1' : v);
		}
		const s = q.toString();
		return path + (s === '' ? '' : `?${s}`);
	};
	return {
		get: (name, otherwise = '') => query.get(name) ?? otherwise,
		href,
		set: (patch, o) => navigate(href(patch), o),
	};
}

// Keyset paging in the address: { cursor, page, next(cursor), previous() }.
// The cursors of the pages before live in the step of history.
export function usePaging() {
	const { query, state } = usePlace();
	const { href } = useQuery();
	const trail = state?.trail ?? [];
	const cursor = query.get('cursor');
	return {
		cursor,
		page: cursor === null ? 1 : Math.max(2, trail.length + 1),
		next: (to) => navigate(href({ cursor: to }), { state: { trail: [...trail, cursor] } }),
		previous: () => navigate(href({ cursor: trail.at(-1) ?? null }), { state: { trail: trail.slice(0, -1) } }),
	};
}

// While |isDirty()|, leaving the page asks first.
export function useLeaveGuard(isDirty) {
	useLayoutEffect(() => {
		guards.add(isDirty);
		return () => guards.delete(isDirty);
	}, [isDirty]);
}

// The first route whose |path| ("/setup/users/:id/:tab?") fits; its params.
export function match(routes, path) {
	for (const route of routes) {
		const want = route.path.split('/');
		const have = path.split('/');
		if (have.length > want.length) continue;
		const params = {};
		const fits = want.every((w, i) => {
			if (!w.startsWith(':')) return w === have[i];
			const name = w.replace(/[:?]/g, '');
			if (have[i] === undefined || have[i] === '') return w.endsWith('?');
			try {
				params[name] = decodeURIComponent(have[i]);
			} catch {
				return false;
			}
			return true;
		});
		if (fits) return { route, params };
	}
	return null;
}
