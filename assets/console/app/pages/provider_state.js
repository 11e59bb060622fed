// provider_state - how a provider does, in a word.

import { html } from '../lib.js';
import { Tag } from '../ui.js';

const STATES = {
	ready: ['ok', 'Ready'], not_configured: ['none', 'Not activated'], failing: ['bad', 'Failing'],
	retiring: ['warn', 'Retiring'], paused: ['warn', 'Paused'],
};

export function State({ provider }) {
	const [tone, label] = STATES[provider.state] ?? ['info', provider.state];
	return html`<${Tag} tone=${tone}>${label}<//>`;
}
