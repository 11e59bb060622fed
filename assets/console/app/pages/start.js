// start - the first set-up, step by step.  What is done is read from the
// service, so that it can be left and taken up again, by another administrator
// too; each step is an address and may be skipped.

import { html, useLayoutEffect } from '../lib.js';
import { useLoad } from '../api.js';
import { plural } from '../format.js';
import { navigate } from '../router.js';
import { Button, Card, Empty, Loaded, Notice, PageHead, lazy } from '../ui.js';

const STEPS = [
	{ id: 'address', label: 'Public address' }, { id: 'messages', label: 'Messages' }, { id: 'application', label: 'First application' },
	{ id: 'people', label: 'People' }, { id: 'done', label: 'Done' },
];
const hrefOf = (id) => `/setup/start/${id}`;
const nextOf = (id) => STEPS[STEPS.findIndex((s) => s.id === id) + 1]?.id ?? 'done';

// What there is already: { data: { settings, providers, apps, people } | undefined, … }
// as useLoad() gives it, of all four together.
function useProgress() {
	const parts = { settings: useLoad('/settings'), providers: useLoad('/providers'), apps: useLoad('/applications?limit=200'), people: useLoad('/users?limit=1&count=1') };
	const all = Object.values(parts);
	const isThere = all.every((p) => p.data !== undefined);
	const reload = () => Promise.all(all.map((p) => p.reload()));
	return {
		error: all.find((p) => p.error)?.error ?? null, isLoading: all.some((p) => p.isLoading), at: all[0].at, reload,
		data: isThere ? {
			hostname: parts.settings.data.data.find((s) => s.name === 'public_hostname'), providers: parts.providers.data.data,
			apps: parts.apps.data.data, people: parts.people.data.page.count,
		} : undefined,
	};
}

const isDone = {
	address: (d) => d.hostname.value !== '',
	messages: (d) => d.providers.some((p) => p.enabled),
	application: (d) => d.apps.some((a) => a.keys > 0),
	people: (d) => d.people > 1,
};
const firstOpen = (d) => Object.keys(isDone).find((id) => !isDone[id](d)) ?? 'done';

// What stands under each step's form: on, or past it.
const Onward = ({ id, done }) => html`<div class="actions"><${Button} kind=${done ? 'primary' : 'plain'} href=${hrefOf(nextOf(id))}>${done ? 'Go on' : 'Skip this step'}<//></div>`;

// ---- the last step

function Done({ data }) {
	const open = Object.keys(isDone).filter((id) => !isDone[id](data));
	return html`<div class="stack">
		${open.length === 0 ? html`<${Notice} tone="ok" title="It is set up">Applications can ask, people can sign in.<//>`
			: html`<${Notice} tone="warn" title=${`${plural(open.length, 'step')} left for later`}><ul>${open.map((id) => html`<li key=${id}><a href=${hrefOf(id)}>${STEPS.find((s) => s.id === id).label}</a></li>`)}</ul><//>`}
		<${Card} title="What comes next"><ul>
			<li><a href="/setup/account">Give your account an authenticator app</a>, and have recovery codes in a safe place.</li>
			<li>Make a second administrator: one who is locked out needs another.</li>
			<li><a href="/setup/guide">Read how to run it</a>: proxy, backup, upgrade.</li></ul>
			<${Button} kind="primary" href="/setup">To the overview<//><//></div>`;
}

const BODY = {
	address: lazy(async () => (await import('./start_address.js')).Address),
	messages: lazy(async () => (await import('./start_messages.js')).Messages),
	application: lazy(async () => (await import('./start_application.js')).Application),
	people: lazy(async () => (await import('./start_people.js')).People),
	done: Done,
};
const LEAD = {
	address: 'Where people and applications find this service.',
	messages: 'Sign-in codes and password recovery go out by e-mail or text message.',
	application: 'What asks about people has a key of its own, and calls from addresses that you allow.',
	people: 'Who may sign in.',
	done: 'You can come back to any step.',
};

// Where one is: the steps as links, each with its state in words.
const Trail = ({ data, current }) => html`<nav aria-label="Steps of the set-up"><ol class="steps">${STEPS.map((s) => html`<li key=${s.id} class=${data && isDone[s.id]?.(data) ? 'is-done' : undefined}>
	<a href=${hrefOf(s.id)} aria-current=${s.id === current ? 'step' : undefined}>${s.label}</a>${data && isDone[s.id]?.(data) && html` <span aria-hidden="true">✓</span><span class="out"> (done)</span>`}</li>`)}</ol></nav>`;

export default function Start({ params: { step } }) {
	const load = useProgress();
	const at = STEPS.find((s) => s.id === step);
	// Without a step: the first that is not done.
	useLayoutEffect(() => {
		if (step === undefined && load.data) navigate(hrefOf(firstOpen(load.data)), { replace: true });
	}, [step, load.data !== undefined]);
	if (step !== undefined && !at) return html`<div key="none"><${PageHead} title="There is no such step" /><${Empty} title="Nothing is at this address" action=${html`<${Button} href="/setup/start">To the first step<//>`} /></div>`;
	const Body = at && BODY[at.id];
	return html`<div key=${at?.id ?? 'start'}><${PageHead} title=${at?.label ?? 'Set up'} section="Set up">${at ? LEAD[at.id] : 'Looking for what is left to do.'}<//>
		<${Trail} data=${load.data} current=${at?.id} />
		${at && html`<${Loaded} load=${load}>${(data) => html`<div class="stack foot"><${Body} data=${data} reload=${load.reload} next=${() => navigate(hrefOf(nextOf(at.id)))} />${at.id !== 'done' && html`<${Onward} id=${at.id} done=${isDone[at.id](data)} />`}</div>`}<//>`}</div>`;
}
