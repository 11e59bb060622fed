// directory - the list of people, and one of them: beside the list where there
// is room for both, else in its place.  The address is the same, and carries
// the list's filters along.

import { html, useLayoutEffect, useState } from '../lib.js';
import { navigate, usePlace } from '../router.js';
import { Button, lazy } from '../ui.js';

const Users = lazy(async () => (await import('./users.js')).default, { whole: true });
const Person = lazy(async () => (await import('./person.js')).default, { whole: true });
const ROOM = matchMedia('(min-width: 1200px)');

function useRoom() {
	const [has, setHas] = useState(ROOM.matches);
	useLayoutEffect(() => {
		const tell = () => setHas(ROOM.matches);
		ROOM.addEventListener('change', tell);
		return () => ROOM.removeEventListener('change', tell);
	}, []);
	return has;
}

export default function Directory({ params }) {
	const { id } = params;
	const hasRoom = useRoom();
	const { query } = usePlace();
	const [turn, setTurn] = useState(0);	// the list is read again
	const isBeside = Boolean(id && hasRoom);
	const list = `/setup/users${String(query) && `?${query}`}`;
	const close = async () => {
		if (await navigate(list, { keepFocus: true })) setTimeout(() => document.querySelector(`.table-box a[href^="/setup/users/${id}"]`)?.focus(), 0);
	};
	useLayoutEffect(() => {
		if (!isBeside) return undefined;
		const onKey = (e) => {
			if (e.key === 'Escape' && !e.target.closest?.('dialog, .side, .menu')) close();
		};
		document.addEventListener('keydown', onKey);
		return () => document.removeEventListener('keydown', onKey);
	}, [isBeside, id, list]);
	return html`<div class=${isBeside ? 'beside' : undefined}>
		${(!id || hasRoom) && html`<div key="list"><${Users} open=${id} turn=${turn} /></div>`}
		${id && html`<section key="one" class=${isBeside ? 'drawer' : undefined} aria-label=${isBeside ? 'Person' : undefined}>
			${isBeside && html`<div class="drawer-close"><${Button} small kind="quiet" icon="close" onClick=${close}>Close<//></div>`}
			<${Person} key=${id} params=${params} list=${list} onChanged=${() => setTurn((n) => n + 1)} /></section>`}</div>`;
}
