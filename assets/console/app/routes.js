// routes - the pages: where they are and what the navigation shows.  A page's
// module is fetched when it is first visited.  First match wins.  |isOne|: one page for all its ids.

export const routes = [
	{ path: '/setup', load: () => import('./pages/overview.js') },
	{ path: '/setup/start/:step?', load: () => import('./pages/start.js') },
	{ path: '/setup/users/new', load: () => import('./pages/person_new.js') },
	{ path: '/setup/users/:id?/:tab?', load: () => import('./pages/directory.js'), isOne: true },
	{ path: '/setup/import', load: () => import('./pages/imports.js') },
	{ path: '/setup/import/:id', load: () => import('./pages/import.js') },
	{ path: '/setup/applications', load: () => import('./pages/applications.js') },
	{ path: '/setup/applications/new', load: () => import('./pages/application_new.js') },
	{ path: '/setup/applications/:id/:tab?', load: () => import('./pages/application.js') },
	{ path: '/setup/authentication/add', load: () => import('./pages/provider_add.js') },
	{ path: '/setup/authentication/providers/:id', load: () => import('./pages/provider.js') },
	{ path: '/setup/authentication/:tab?', load: () => import('./pages/authentication.js') },
	{ path: '/setup/platform/:tab?', load: () => import('./pages/platform.js') },
	{ path: '/setup/audit', load: () => import('./pages/audit.js') },
	{ path: '/setup/audit/:id', load: () => import('./pages/audit_event.js') },
	{ path: '/setup/account/:tab?', load: () => import('./pages/account.js') },
];

// |words| are found by the palette besides the label; so are |parts|, which
// the navigation does not show.
export const menu = [
	{
		items: [
			{ href: '/setup', label: 'Overview', icon: 'home', words: 'home health charts', parts: [{ href: '/setup/start', label: 'Set up, step by step', words: 'start wizard first begin' }] },
			{
				href: '/setup/users', label: 'Directory', icon: 'people', words: 'users people persons',
				parts: [{ href: '/setup/users/new', label: 'Add a person', words: 'new create user' }, { href: '/setup/import', label: 'Import people', words: 'csv upload' }],
			},
			{ href: '/setup/applications', label: 'Applications', icon: 'apps', words: 'keys allowed ips', parts: [{ href: '/setup/applications/new', label: 'Add an application', words: 'new create' }] },
			{
				href: '/setup/authentication', label: 'Authentication', icon: 'shield', words: 'otp sms providers smtp mail',
				parts: [
					{ href: '/setup/authentication/policies', label: 'Sign-in policies', words: 'password mfa otp code session settings' },
					{ href: '/setup/authentication/templates', label: 'Message texts', words: 'templates' },
					{ href: '/setup/authentication/spend', label: 'SMS spend', words: 'ceiling budget cost prices countries' },
					{ href: '/setup/authentication/outbox', label: 'Outbox', words: 'sent messages delivery' },
				],
			},
			{
				href: '/setup/platform', label: 'Platform', icon: 'sliders', words: 'settings hostname',
				parts: [
					{ href: '/setup/platform/tokens', label: 'Token keys', words: 'secret rotate' },
					{ href: '/setup/platform/settings', label: 'Lifetimes and limits', words: 'settings ttl session' },
					{ href: '/setup/platform/runtime', label: 'Run-time values', words: 'traefik proxy forwarded environment' },
					{ href: '/setup/platform/branding', label: 'Branding', words: 'logo accent name colour' },
				],
			},
			{ href: '/setup/audit', label: 'Audit', icon: 'log', words: 'events history purge export' },
		],
	},
	{
		title: 'Developers',
		items: [
			{ href: '/setup/reference', label: 'API reference', icon: 'code', words: 'openapi curl endpoints' },
			{ href: '/setup/guide', label: 'Guide', icon: 'book', words: 'documentation help install operate' },
		],
	},
];

// Found by the palette; the account menu leads there.
export const account = [
	{ href: '/setup/account', label: 'My profile' },
	{ href: '/setup/account/sessions', label: 'My sessions' },
];
