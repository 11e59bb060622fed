// theme - light, dark or as the system has it: a cookie, so that the first
// page already knows; and signing out.

import { del } from './api.js';

export const theme = () => document.documentElement.dataset.theme ?? 'auto';

export function setTheme(name) {
	document.documentElement.dataset.theme = name;
	const secure = location.protocol === 'https:' ? '; Secure' : '';
	document.cookie = `theme=${name}; Path=/setup; Max-Age=${name === 'auto' ? 0 : 31_536_000}; SameSite=Lax${secure}`;
}

export async function signOut() {
	await del('/session', { quiet: true }).catch((e) => {
		// an ended session is what was wanted
		if (e.status !== 401) throw e;
	});
	location.assign('/setup/signin');
}
