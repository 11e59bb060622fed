// docs - what JavaScript adds to the API reference and the Guide: the theme,
// this installation's values, the filter, tabs and copy buttons, and trying a call (try.js).  The pages
// are complete without it.

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

function make(tag, props, ...children) {
	const e = Object.assign(document.createElement(tag), props);
	e.append(...children);
	return e;
}

function theme() {
	const chosen = /(?:^|; )theme=(light|dark)/.exec(document.cookie);
	if (chosen) document.documentElement.dataset.theme = chosen[1];
}

// ---- values

function fill(values) {
	for (const e of $$('[data-fill]')) {
		const v = values[e.dataset.fill];
		if (v) e.textContent = v;
	}
}

async function get(path) {
	const r = await fetch(path, { headers: { Accept: 'application/json' } });
	return r.ok ? r.json() : null;
}

function showHere(rows) {
	const list = $('#here-values');
	for (const [name, value] of rows) {
		if (value) list.append(make('dt', { textContent: name }), make('dd', {}, make('code', { textContent: value })));
	}
	$('.here').hidden = false;
}

// With a session of the console the page knows more than the address bar.
async function values() {
	fill({ origin: location.origin, host: location.host });
	let session, runtime;
	try {
		session = await get('/setup/api/session');
		if (session === null) return;
		runtime = $('.here') ? await get('/setup/api/runtime') : null;
	} catch {
		return;	// no network: the page stands without it
	}
	const url = session.environment?.public_url;
	if (url) fill({ origin: url.replace(/\/$/, ''), host: new URL(url).host });
	if (session.brand?.name) $('.home').textContent = session.brand.name;
	if (!runtime) return;
	const setting = (name) => runtime.settings?.find((s) => s.name === name)?.value;
	showHere([
		['Public address', url],
		['Plain listener', setting('IDENTITY_HTTP_LISTEN')],
		['HTTPS listener', setting('IDENTITY_HTTPS_LISTEN')],
		['Trusted proxies', setting('IDENTITY_TRUSTED_PROXIES') || 'none'],
		['Your address, as it was taken', runtime.request?.effective_ip],
		['Version', runtime.service?.version],
		['Workers', runtime.service?.workers && String(runtime.service.workers)],
	]);
}

// ---- the list

function filter() {
	const input = $('#filter');
	const groups = $$('.list section');
	const items = $$('.list li');
	input.closest('.filter').hidden = false;
	input.addEventListener('input', () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
		for (const li of items) li.hidden = !words.every((w) => li.dataset.text.includes(w));
		for (const g of groups) g.hidden = $$('li', g).every((li) => li.hidden);
		const n = items.filter((li) => !li.hidden).length;
		$('#filter-count').textContent = words.length === 0 ? '' : n === 0 ? 'Nothing matches.' : `${n} of ${items.length}`;
	});
	document.addEventListener('keydown', (e) => {
		if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
		e.preventDefault();
		$('.list details').open = true;
		input.focus();
	});
}

// The item of what is being read.
function follow() {
	const links = new Map($$('.list li a').map((a) => [a.hash.slice(1), a]));
	const seen = new IntersectionObserver((entries) => {
		const top = entries.find((e) => e.isIntersecting);
		if (!top) return;
		for (const a of links.values()) a.removeAttribute('aria-current');
		links.get(top.target.id).setAttribute('aria-current', 'true');
	}, { rootMargin: '-80px 0px -70% 0px' });
	for (const id of links.keys()) {
		const target = document.getElementById(id);
		if (target) seen.observe(target);
	}
}

function fold() {
	const narrow = matchMedia('(max-width: 50rem)');
	const set = () => { $('.list details').open = !narrow.matches; };
	narrow.addEventListener('change', set);
	set();
	$('.list').addEventListener('click', (e) => {
		if (narrow.matches && e.target.closest('li a')) set();
	});
}

// ---- tabs and copying

const LANGUAGE = 'identity.docs.language';

function choose(name) {
	for (const box of $$('.samples')) {
		for (const b of $$('.tabs button', box)) {
			const isOn = b.textContent === name;
			b.setAttribute('aria-selected', String(isOn));
			b.tabIndex = isOn ? 0 : -1;
			document.getElementById(b.getAttribute('aria-controls')).hidden = !isOn;
		}
	}
}

function pick(button) {
	const before = button.getBoundingClientRect().top;
	choose(button.textContent);
	button.focus();
	// All samples changed their height: stay where the reader is.
	scrollBy(0, button.getBoundingClientRect().top - before);
	try { localStorage.setItem(LANGUAGE, button.textContent); } catch { /* storage is off: not remembered */ }
}

function tabs() {
	for (const [n, box] of $$('.samples').entries()) {
		const panels = $$(':scope > details', box);
		const bar = make('div', { className: 'tabs' });
		bar.setAttribute('role', 'tablist');
		bar.setAttribute('aria-label', 'Language');
		for (const [i, d] of panels.entries()) {
			const b = make('button', { type: 'button', id: `tab-${n}-${i}`, textContent: $('summary', d).textContent });
			const panel = make('div', { id: `sample-${n}-${i}`, className: 'panel' }, ...$$(':scope > :not(summary)', d));
			b.setAttribute('role', 'tab');
			b.setAttribute('aria-controls', panel.id);
			panel.setAttribute('role', 'tabpanel');
			panel.setAttribute('aria-labelledby', b.id);
			d.replaceWith(panel);
			b.addEventListener('click', () => pick(b));
			bar.append(b);
		}
		bar.addEventListener('keydown', (e) => {
			const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
			if (!step) return;
			const all = $$('button', bar);
			pick(all[(all.indexOf(e.target) + step + all.length) % all.length]);
			e.preventDefault();
		});
		box.prepend(bar);
	}
	let kept = null;
	try { kept = localStorage.getItem(LANGUAGE); } catch { /* storage is off */ }
	const names = $$('button', $('.tabs') ?? document.createElement('p')).map((b) => b.textContent);
	if ($('.samples')) choose(names.includes(kept) ? kept : 'curl');
}

function copying() {
	const said = make('p', { className: 'skip' });
	said.setAttribute('role', 'status');
	document.body.append(said);
	for (const pre of $$('pre')) {
		const b = make('button', { type: 'button', className: 'copy', textContent: 'Copy' });
		b.setAttribute('aria-label', `Copy: ${pre.getAttribute('aria-label')}`);
		b.addEventListener('click', async () => {
			try {
				await navigator.clipboard.writeText($('code', pre).textContent);
				b.textContent = 'Copied';
			} catch {
				getSelection().selectAllChildren(pre);
				b.textContent = 'Selected';
			}
			said.textContent = b.textContent;
			setTimeout(() => { b.textContent = 'Copy'; }, 2000);
		});
		const block = make('div', { className: 'block' });
		pre.replaceWith(block);
		block.append(pre, b);
	}
}

theme();
fold();
filter();
tabs();
copying();
if ($('[data-try]')) (await import('./try.js')).offer();
// What was added above the place that the address names has moved it.
document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
follow();
await values();
