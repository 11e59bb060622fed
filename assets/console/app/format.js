// format - numbers and times as people read them.  The zone is the browser's
// and is named wherever a time stands alone.

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const dateTimeS = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const number = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

export const formatDateTime = (t) => dateTime.format(new Date(t));
export const formatExact = (t) => dateTimeS.format(new Date(t));
export const formatDate = (t) => day.format(new Date(t));
export const formatClock = (t) => clock.format(new Date(t));
export const formatNumber = (n) => number.format(n);
export const formatCompact = (n) => (Math.abs(n) < 10_000 ? number.format(n) : compact.format(n));
export const formatPercent = (n) => percent.format(n);

const UNITS = [['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60]];

// "3 minutes ago", "in 2 days".
export function formatRelative(t, now = Date.now()) {
	const s = (new Date(t).getTime() - now) / 1000;
	for (const [unit, size] of UNITS) {
		if (Math.abs(s) >= size) return relative.format(Math.round(s / size), unit);
	}
	return Math.abs(s) < 10 ? 'just now' : relative.format(Math.round(s), 'second');
}

// "2 h 30 min" of seconds.
export function formatDuration(seconds) {
	const parts = [];
	let s = Math.round(seconds);
	for (const [name, size] of [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]]) {
		const n = Math.floor(s / size);
		if (n > 0) parts.push(`${n} ${name}`);
		s -= n * size;
	}
	return parts.slice(0, 2).join(' ') || '0 s';
}

const SPELT = {
	ip: 'IP', api: 'API', otp: 'OTP', sms: 'SMS', smtp: 'SMTP', mfa: 'MFA', totp: 'TOTP', csrf: 'CSRF', url: 'URL', ttl: 'lifetime', alg: 'algorithm',
	len: 'length', min: 'least', max: 'at most', email: 'e-mail', csp: 'CSP', db: 'database', tls: 'TLS',
};

// "ip_not_allowed" -> "IP not allowed"
export function words(name) {
	const s = name.split('_').map((w) => SPELT[w] ?? w).join(' ');
	return s.charAt(0).toUpperCase() + s.slice(1);
}

// plural(1, 'session') -> "1 session"
export const plural = (n, one, many = `${one}s`) => `${formatNumber(n)} ${n === 1 ? one : many}`;

// "GMT+5:30", of this browser.
export const zoneName = () => new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
	.formatToParts(new Date()).find((p) => p.type === 'timeZoneName').value;
