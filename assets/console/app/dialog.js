// dialog - what has to be answered before going on, in three tiers:
//	1 what can be undone is done at once: toast(text, { undo })
//	2 confirm(): what disturbs, named with its consequences
//	3 confirmTyped(): what cannot be taken back; the service asks for a
//	  step-up besides
// The two that calls bring up themselves are in again.js.

import { html, store, useId, useLayoutEffect, useRef, useState, useStore } from './lib.js';
import { setHelp } from './api.js';
import { Check, Field, Form, useForm } from './form.js';
import { Button, Notice } from './ui.js';
import { Icon } from './icons.js';
import { setAskLeave } from './router.js';

const open = store([]);

// Shows draw(close) until close(value) is called; resolves to that value.
export function openDialog(draw) {
	return new Promise((resolve) => {
		const entry = { id: Symbol('dialog'), draw, close: null };
		entry.close = (value) => {
			open.set(open.value.filter((e) => e !== entry));
			resolve(value);
		};
		open.set([...open.value, entry]);
	});
}

export const Dialogs = () => html`<div>${useStore(open).map((e) => html`<div key=${e.id}>${e.draw(e.close)}</div>`)}</div>`;

// A modal dialog.  |onClose| by Esc and the cross; |alert| for tiers 2 and 3;
// |foot|: its buttons, the safe one first.
export function Dialog({ title, onClose, alert, wide, foot, children }) {
	const ref = useRef(null);
	const id = useId('d');
	useLayoutEffect(() => {
		const before = document.activeElement;
		ref.current.showModal();
		(ref.current.querySelector('[data-first]') ?? ref.current.querySelector('input, select, textarea') ?? ref.current.querySelector('.dialog-foot button'))?.focus();
		return () => before?.isConnected && before.focus();
	}, []);
	return html`<dialog ref=${ref} class=${wide ? 'is-wide' : undefined} role=${alert ? 'alertdialog' : undefined} aria-labelledby=${id} aria-describedby=${alert ? `${id}b` : undefined}
		onCancel=${(e) => {
			e.preventDefault();
			onClose();
		}}>
		<div class="dialog-head"><h2 id=${id}>${title}</h2><button type="button" class="button is-quiet is-small" aria-label="Close" onClick=${onClose}><${Icon} name="close" size="18" /></button></div>
		<div class="dialog-body" id=${`${id}b`}>${children}</div>
		${foot && html`<div class="dialog-foot">${foot}</div>`}
	</dialog>`;
}

// Tier 2.  |body| says what happens; |verb| is the button.  -> bool
export function confirm({ title, body, verb, danger = true, cancel = 'Cancel' }) {
	return openDialog((close) => html`<${Dialog} alert title=${title} onClose=${() => close(false)} foot=${html`
		<${Button} data-first onClick=${() => close(false)}>${cancel}<//>
		<${Button} kind=${danger ? 'danger' : 'primary'} onClick=${() => close(true)}>${verb}<//>`}>${body}<//>`);
}

function Typed({ title, body, verb, word, what, close }) {
	const form = useForm({
		values: { word: '' },
		check: (v) => (v.word.trim() === String(word) ? {} : { word: `Type ${what} exactly as it is shown: ${word}` }),
		save: async () => close(true),
		guard: false,
	});
	return html`<${Dialog} alert title=${title} onClose=${() => close(false)}>
		${body}
		<${Form} form=${form} submit=${verb} danger cancel=${() => close(false)}>
			<${Field} name="word" label=${html`To confirm, type ${what}: <strong class="typed">${word}</strong>`} autocomplete="off" spellcheck=${false} autocapitalize="off" />
		<//><//>`;
}

// Tier 3: |word| (a name, a number) has to be typed; |what| names it ("the
// name of the application").  -> bool
export const confirmTyped = (o) => openDialog((close) => html`<${Typed} ...${o} close=${close} />`);

setAskLeave(() => confirm({
	title: 'Leave without saving?', body: html`<p>What you changed on this page is not saved.</p>`, verb: 'Leave', cancel: 'Stay',
}));

setHelp({
	signIn: async () => (await import('./again.js')).signInAgain(),
	stepUp: async () => (await import('./again.js')).stepUp(),
});

// A secret that is shown this once: |fields| [[label, text]].  Closing needs
// the box ticked; Esc asks for it.  |children| stand under the fields.
export function OnceDialog({ title, fields, file, children, close, stored }) {
	const [kept, setKept] = useState(false);
	const [asked, setAsked] = useState(false);
	const leave = () => (kept ? close() : setAsked(true));
	return html`<${Dialog} wide title=${title} onClose=${leave} foot=${html`
		${file && html`<${Button} icon="download" onClick=${() => {
			const a = document.createElement('a');
			a.href = URL.createObjectURL(new Blob([file.text], { type: 'text/plain' }));
			a.download = file.name;
			a.click();
			URL.revokeObjectURL(a.href);
		}}>Download ${file.name}<//>`}
		<${Button} kind="primary" onClick=${leave}>Done<//>`}>
		<${Notice} tone="warn">It is shown now and never again. The service keeps only a hash of it.<//>
		${fields}
		${children}
		<${Check} label=${stored} checked=${kept} error=${asked && !kept ? 'Tick this when it is stored; once this is closed it is gone.' : undefined} onChange=${setKept} />
	<//>`;
}
