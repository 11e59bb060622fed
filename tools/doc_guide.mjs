// doc_guide - the Guide: docs/guide.md as one static page, a part (Install,
// Operate, ...) after each "<!-- part: NAME -->".  Rows of the table of codes
// are anchors, which is where the console and the reference point to.

import { escape, line, markdown, page, permalink, slug } from './doc_html.mjs';

const PART = /^<!-- part: (.+?) -->$/m;

// The text before the first part, and the parts.
function parts(text) {
	const [intro, ...rest] = text.split(PART);
	const out = [];
	for (let i = 0; i < rest.length; i += 2) out.push({ title: rest[i], text: rest[i + 1] });
	return { intro, parts: out };
}

const headings = (text) => text.split('\n').flatMap((l) => (l.startsWith('## ') ? [l.slice(3)] : []));

// Codes are in backquotes, in the second column.
const errorRow = (cells) => (/^\d{3}$/.test(cells[0]) && /^`\w+`$/.test(cells[1] ?? '') ? `error-${cells[1].slice(1, -1)}` : null);

export function guidePage(text) {
	const guide = parts(text);
	const plain = (t) => t.replace(/[`*]/g, '');
	const seen = new Set();
	const heading = (n, title) => {
		let id = slug(title);
		while (seen.has(id)) id += '-';
		seen.add(id);
		return `<h${n} id="${id}">${line(title)} ${permalink(id, title)}</h${n}>`;
	};
	const body = `${markdown(guide.intro, { level: 1 })}
<section class="here" aria-labelledby="here" hidden>
<h2 id="here">This installation</h2>
<dl id="here-values"></dl>
</section>
${guide.parts.map((p) => `<section aria-labelledby="part-${slug(p.title)}"><h2 id="part-${slug(p.title)}" class="part">${escape(p.title)}</h2>\n${
		markdown(p.text, { level: 2, rowId: errorRow, heading })}\n</section>`).join('\n')}`;
	const list = guide.parts.map((p) => ({
		title: p.title,
		items: headings(p.text).map((h) => ({ href: `#${slug(h)}`, text: plain(h), html: `<span>${escape(plain(h))}</span>` })),
	}));
	return page({ title: 'Guide', here: 'Guide', filter: 'Filter tasks', list, body });
}
