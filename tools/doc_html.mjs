// doc_html - what the API reference and the Guide share: escaping, the small
// part of Markdown that our documents use, code samples, and the page around
// them.  Static HTML that is complete without JavaScript; assets/console/
// docs.js adds the filter, the tabs, the copy buttons and this installation's
// values.

export const escape = (s) => String(s).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

export const slug = (s) => s.toLowerCase().replace(/`/g, '').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');

// What stands in the text for the installation's own: docs.js puts the value
// there, and without it the text stays a working example.
export const HOST = 'https://identity.example.org';
const VALUES = [
	[HOST, 'origin'],
	['http://127.0.0.1:8080', 'origin'],
	['identity.example.org', 'host'],
];

// Escapes text and marks the values in it.
export function filled(text) {
	let out = [text];
	for (const [value, name] of VALUES) {
		out = out.flatMap((part) => (typeof part === 'string'
			? part.split(value).flatMap((s, i) => (i > 0 ? [{ value, name }, s] : [s]))
			: [part]));
	}
	return out.map((p) => (typeof p === 'string' ? escape(p) : `<span data-fill="${p.name}">${escape(p.value)}</span>`)).join('');
}

export const pre = (text, label) => `<pre tabindex="0" role="group" aria-label="${escape(label)}"><code>${filled(text)}</code></pre>`;

// ---- Markdown: what docs/guide.md and the descriptions of the API use

function inline(text) {
	const parts = [];
	const keep = (html) => `\u0000${parts.push(html) - 1}\u0000`;
	const kept = text
		.replace(/`([^`]+)`/g, (_, c) => keep(`<code>${filled(c)}</code>`))
		.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, t, href) => keep(`<a href="${escape(href)}">${inline(t)}</a>`))
		.replace(/\*\*([^*]+)\*\*/g, (_, b) => keep(`<strong>${inline(b)}</strong>`));
	const put = (s) => s.replace(/\u0000(\d+)\u0000/g, (_, n) => put(parts[Number(n)]));
	return put(filled(kept));
}

const cells = (line) => line.replace(/^\s*\||\|\s*$/g, '').split(/(?<!\\)\|/).map((c) => c.trim().replace(/\\\|/g, '|'));

function table(lines, rowId) {
	const [head, , ...rows] = lines.map(cells);
	const body = rows.map((r) => {
		const id = rowId?.(r);
		return `<tr${id ? ` id="${escape(id)}"` : ''}>${r.map((c, i) => `<td data-label="${escape(head[i] ?? '')}">${inline(c)}</td>`).join('')}</tr>`;
	});
	return `<div class="scroll" tabindex="0" role="group" aria-label="Table: ${escape(head.join(', '))}"><table><thead><tr>${
		head.map((c) => `<th scope="col">${inline(c)}</th>`).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

// A block is what stands between empty lines, but code may have some in it.
function blocks(text) {
	const out = [];
	for (const line of text.split('\n')) {
		const last = out.at(-1);
		if (last?.kind === 'fence' && !last.closed) {
			if (line.startsWith('```')) last.closed = true;
			else last.lines.push(line);
		} else if (line.startsWith('```')) {
			out.push({ kind: 'fence', lines: [] });
		} else if (line.trim() === '') {
			if (last?.kind === 'code') last.lines.push('');
			else out.push({ kind: 'gap', lines: [] });
		} else if (/^(\t| {4})/.test(line) && (last === undefined || ['gap', 'code', 'fence', 'heading'].includes(last.kind)) && !isInList(out)) {
			if (last?.kind === 'code') last.lines.push(line.replace(/^(\t| {4})/, ''));
			else out.push({ kind: 'code', lines: [line.replace(/^(\t| {4})/, '')] });
		} else {
			const kind = /^#{1,6} /.test(line) ? 'heading' : /^<!--/.test(line) ? 'comment' : /^\s*\|/.test(line) ? 'table' : /^\s*([-*]|\d+\.) /.test(line) ? 'list' : 'text';
			if (last !== undefined && last.kind === kind && kind !== 'heading') last.lines.push(line);
			else if (last?.kind === 'list' && kind === 'text') last.lines.push(line);
			else out.push({ kind, lines: [line] });
		}
	}
	return out.filter((b) => b.kind !== 'gap' && b.kind !== 'comment');
}

const isInList = (out) => out.filter((b) => b.kind !== 'gap').at(-1)?.kind === 'list' && out.at(-1)?.kind === 'list';

function list(lines) {
	const items = [];
	for (const l of lines) {
		if (/^\s*([-*]|\d+\.) /.test(l)) items.push(l.replace(/^\s*([-*]|\d+\.) /, ''));
		else items[items.length - 1] += ` ${l.trim()}`;
	}
	const tag = /^\s*\d/.test(lines[0]) ? 'ol' : 'ul';
	return `<${tag}>${items.map((i) => `<li>${inline(i)}</li>`).join('')}</${tag}>`;
}

// |level| is what "#" becomes; |rowId| names the rows of tables.
export function markdown(text, { level = 1, rowId, heading } = {}) {
	return blocks(text).map((b) => {
		switch (b.kind) {
		case 'heading': {
			const [, marks, title] = /^(#+) (.*)$/.exec(b.lines[0]);
			const n = marks.length - 1 + level;
			return heading ? heading(n, title) : `<h${n}>${inline(title)}</h${n}>`;
		}
		case 'code': return pre(b.lines.join('\n').trimEnd(), 'Example');
		case 'fence': return pre(b.lines.join('\n'), 'Example');
		case 'table': return table(b.lines, rowId);
		case 'list': return list(b.lines);
		default: return `<p>${inline(b.lines.join('\n'))}</p>`;
		}
	}).join('\n');
}

export const line = inline;

export const permalink = (id, title) => `<a class="permalink" href="#${escape(id)}" aria-label="Link to ${escape(title.replace(/[`*]/g, ''))}">#</a>`;

// ---- the page

// |list|: groups of { title, items: [{ href, html, text }] }.
export function page({ title, filter, list: groups, body, here }) {
	const nav = groups.map((g) => `<section><h2>${escape(g.title)}</h2><ul>${
		g.items.map((i) => `<li data-text="${escape(i.text.toLowerCase())}"><a href="${escape(i.href)}">${i.html}</a></li>`).join('\n')}</ul></section>`).join('\n');
	const link = (href, name) => `<a href="${href}"${name === here ? ' aria-current="page"' : ''}>${name}</a>`;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} – Identity Services</title>
<link rel="stylesheet" href="{{files}}/docs/docs.css">
<script type="module" src="{{files}}/docs/docs.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="home" href="/setup">Identity Services</a>
<nav aria-label="Documents">${link('/setup/reference', 'API reference')} ${link('/setup/guide', 'Guide')} <a href="/openapi.json">openapi.json</a></nav>
</header>
<div class="sheet">
<nav class="list" aria-label="Contents">
<details open><summary>Contents</summary>
<p class="filter" hidden><label for="filter">${escape(filter)}</label><input id="filter" type="search" autocomplete="off" spellcheck="false"></p>
<p id="filter-count" class="soft" role="status"></p>
${nav}
</details>
</nav>
<main id="main" tabindex="-1">
${body}
</main>
</div>
</body>
</html>
`;
}
