// platform - the installation itself.  Its parts are addresses of their own.

import { html } from '../lib.js';
import { Empty, PageHead, Tabs, lazy } from '../ui.js';

const PARTS = [
	['', 'Public address', lazy(async () => (await import('../plat_runtime.js')).Address)],
	['tokens', 'Token keys', lazy(async () => (await import('../plat_tokens.js')).TokenKeys)],
	['settings', 'Lifetimes and limits', lazy(async () => (await import('../plat_settings.js')).PlatformSettings)],
	['runtime', 'Run-time values', lazy(async () => (await import('../plat_runtime.js')).Runtime)],
	['branding', 'Branding', lazy(async () => (await import('../plat_brand.js')).Branding)],
];

export default function Platform({ params: { tab = '' } }) {
	const part = PARTS.find(([name]) => name === tab);
	const href = (name) => (name === '' ? '/setup/platform' : `/setup/platform/${name}`);
	return html`<div><${PageHead} title="Platform" section=${part?.[1]} />
		<${Tabs} label="Parts of the platform" current=${href(tab)} items=${PARTS.map(([name, label]) => ({ href: href(name), label }))} />
		${part ? html`<${part[2]} key=${tab} />` : html`<${Empty} title="There is no such part" />`}</div>`;
}
