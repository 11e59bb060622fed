// agent - a device in words, out of its name or its User-Agent.

const BROWSERS = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/(Chrome|Chromium|CriOS)\//, 'Chrome'], [/Safari\//, 'Safari'], [/curl\//, 'curl'], [/okhttp|Dart\//, 'an app']];
const SYSTEMS = [[/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']];

const find = (list, text) => list.find(([re]) => re.test(text))?.[1];

// |d|: { name, user_agent }, either may be missing.
export function agentName(d) {
	if (d?.name) return d.name;
	const ua = d?.user_agent ?? '';
	if (ua === '') return 'Unknown device';
	const words = [find(BROWSERS, ua), find(SYSTEMS, ua)].filter(Boolean);
	return words.length > 0 ? words.join(' on ') : ua.slice(0, 40);
}
