// icons - path data on a grid of 20, drawn as strokes in the text's colour.

import { html } from './lib.js';

const PATHS = {
	home: 'M3 9.5 10 3.5l7 6M5 8.5V16h10V8.5',
	people: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c.5-3 2.7-4.5 5.5-4.5s5 1.5 5.5 4.5M13 9.300a2.6 2.6 0 0 0 0-5.200M15 12.300c1.7.5 2.7 1.9 3 4.2',
	apps: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z',
	shield: 'M10 2.5 4 5v4.5c0 4 2.5 6.8 6 8 3.5-1.2 6-4 6-8V5zM7.5 10l1.8 1.8 3.3-3.6',
	sliders: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4',
	log: 'M5 3h7l3 3v11H5zM12 3v3h3M7.5 9.5h5M7.5 12h5M7.5 14.5h3',
	code: 'M7 6 3 10l4 4M13 6l4 4-4 4M11 4.5 9 15.5',
	book: 'M10 5.5C8.5 4 6 3.8 3 4v11.5c3-.2 5.5 0 7 1.5 1.5-1.5 4-1.7 7-1.5V4c-3-.2-5.5 0-7 1.5ZM10 5.5V17',
	search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12ZM13.5 13.5 17 17',
	menu: 'M3 5.5h14M3 10h14M3 14.5h14',
	close: 'M5 5l10 10M15 5 5 15',
	check: 'M4 10.5l4 4 8-9',
	chevron: 'M7.5 4.5 13 10l-5.5 5.5',
	down: 'M4.5 7.5 10 13l5.5-5.5',
	up: 'M4.5 12.5 10 7l5.5 5.5',
	sort: 'M6.5 8 10 4.5 13.5 8M6.5 12l3.5 3.5 3.5-3.5',
	plus: 'M10 4v12M4 10h12',
	copy: 'M7.5 7.5V3.5h9v9h-4M3.5 7.5h9v9h-9z',
	warning: 'M10 3 2.5 16.5h15zM10 8.5v3.5M10 14.200v.1',
	info: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 9v5M10 6.200v.1',
	bad: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM7.5 7.5l5 5M12.5 7.5l-5 5',
	key: 'M12.5 11.5a4 4 0 1 0-3.7-2.5L3 14.800V17h3v-2h2v-2l1.7-1.700a4 4 0 0 0 2.8.2ZM13.2 6.800v.1',
	user: 'M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3.5 17c.7-3.5 3.2-5 6.5-5s5.8 1.5 6.5 5',
	bolt: 'M11 2.5 4.5 11H10l-1 6.5L15.5 9H10z',
	upload: 'M10 13V3.5M6 7.5l4-4 4 4M3.5 13v3.5h13V13',
	download: 'M10 3.5V13M6 9l4 4 4-4M3.5 13v3.5h13V13',
	more: 'M4.2 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M9.4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M14.6 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0',
	out: 'M8 3.5H3.5v13H8M8 10h9M13.5 6.5 17 10l-3.5 3.5',
	refresh: 'M16.5 10a6.5 6.5 0 1 1-2-4.700M16.5 3v3.5H13',
	external: 'M8 4.5H4v11.5h11.5V12M11.5 3.5h5v5M16 4l-7 7',
};

export function Icon({ name, size = 20 }) {
	return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 20 20" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
