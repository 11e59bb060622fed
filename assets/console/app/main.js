// main - starts the console: who is signed in, the brand's colour, the shell.

import { html, render } from './lib.js';
import { loadSession, session } from './api.js';
import { Boot, Shell } from './shell.js';

const root = document.getElementById('app');

function paint() {
	const { brand } = session.value;
	if (/^#[0-9a-f]{6}$/i.test(brand.accent ?? '')) document.documentElement.style.setProperty('--brand', brand.accent);
}
session.watch(paint);

async function start() {
	render(html`<${Boot} />`, root);
	try {
		await loadSession({ quiet: true });
	} catch (error) {
		if (error.status === 401) location.replace(`/setup/signin?next=${encodeURIComponent(location.pathname + location.search)}`);
		else render(html`<${Boot} error=${error} onRetry=${start} />`, root);
		return;
	}
	render(html`<${Shell} />`, root);
}

start();
