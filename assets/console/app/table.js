// table - lists of things.  Below 40 rem a row becomes a card; the roles are
// spelled out because a table that is not laid out as one loses them.

import { cls, html, useRef } from './lib.js';
import { Icon } from './icons.js';
import { Button } from './ui.js';
import { formatNumber } from './format.js';

// |columns| [{ key, label, draw(row), sort, num, head (the row's name: one of
// them), actions, wide }]; |sort| { key, dir } with onSort(key, dir);
// |selected| a Set of ids with onSelect(Set) brings boxes; |nameOf| the row's
// name for their labels; |empty| is shown for no rows.
export function Table({ caption, columns, rows, keyOf = (r) => r.id, nameOf, sort, onSort, selected, onSelect, empty, busy }) {
	const last = useRef(null);
	if (rows.length === 0 && empty) return empty;
	const pick = (at, on, range) => {
		const next = new Set(selected);
		const from = range && last.current !== null ? Math.min(at, last.current) : at;
		const to = range && last.current !== null ? Math.max(at, last.current) : at;
		for (const r of rows.slice(from, to + 1)) next[on ? 'add' : 'delete'](keyOf(r));
		last.current = at;
		onSelect(next);
	};
	const all = selected && rows.length > 0 && rows.every((r) => selected.has(keyOf(r)));
	const some = selected && !all && rows.some((r) => selected.has(keyOf(r)));
	const head = (c) => {
		if (!c.sort) return c.bare ? html`<span class="out">${c.label}</span>` : c.label;
		const is = sort?.key === c.key;
		return html`<button type="button" class="sort" onClick=${() => onSort(c.key, is && sort.dir === 'asc' ? 'desc' : 'asc')}>${c.label}<${Icon} name=${is ? (sort.dir === 'asc' ? 'up' : 'down') : 'sort'} size="14" /></button>`;
	};
	return html`<div class="table-box" tabindex="0" role="region" aria-label=${caption}>
		<table role="table" aria-busy=${busy ? 'true' : undefined}>
		<caption class="out">${caption}</caption>
		<thead role="rowgroup"><tr role="row">
			${selected && html`<th role="columnheader" scope="col" class="pick"><input type="checkbox" aria-label="Select all on this page" checked=${all} ref=${(el) => { if (el) el.indeterminate = some; }}
				onChange=${(e) => {
					const next = new Set(selected);
					for (const r of rows) next[e.target.checked ? 'add' : 'delete'](keyOf(r));
					onSelect(next);
				}} /></th>`}
			${columns.map((c) => html`<th key=${c.key} role="columnheader" scope="col" class=${cls(c.num && 'num', c.actions && 'act')} aria-sort=${c.sort && sort?.key === c.key ? (sort.dir === 'asc' ? 'ascending' : 'descending') : undefined}>${head(c)}</th>`)}
		</tr></thead>
		<tbody role="rowgroup">${rows.map((r, at) => html`<tr role="row" key=${keyOf(r)} class=${selected?.has(keyOf(r)) ? 'is-picked' : undefined}>
			${selected && html`<td role="cell" class="pick"><input type="checkbox" aria-label=${`Select ${nameOf ? nameOf(r) : at + 1}`} checked=${selected.has(keyOf(r))}
				onClick=${(e) => pick(at, e.target.checked, e.shiftKey)} /></td>`}
			${columns.map((c) => (c.head
				? html`<th key=${c.key} role="rowheader" scope="row" data-label=${c.label}>${c.draw(r)}</th>`
				: html`<td key=${c.key} role="cell" class=${cls(c.num && 'num', c.actions && 'act', c.wide && 'wide')} data-label=${c.actions || c.bare ? undefined : c.label}>${c.draw(r)}</td>`))}
		</tr>`)}</tbody></table></div>`;
}

// Pages by cursor: |page| { next_cursor, has_more, count, count_capped } of the
// answer, |paging| of usePaging(), |shown| rows here, |size| of a page.
export function Pager({ page, paging, shown, size, onCount, label = 'Pages' }) {
	const first = (paging.page - 1) * size + 1;
	const total = page.count === undefined || page.count === null ? null : `${formatNumber(page.count)}${page.count_capped ? '+' : ''}`;
	if (shown === 0 && paging.page === 1) return null;
	return html`<nav class="pager" aria-label=${label}>
		<p role="status">${shown === 0 ? 'Nothing on this page' : `${formatNumber(first)}–${formatNumber(first + shown - 1)}`}${total !== null ? ` of ${total}` : ''}
		${onCount && total === null && (page.has_more || paging.page > 1) && html` <button type="button" class="link" onClick=${onCount}>Count them</button>`}</p>
		<div class="actions">${(paging.page > 1) && html`<${Button} small onClick=${paging.previous}>Previous<//>`}
		${page.has_more && html`<${Button} small onClick=${() => paging.next(page.next_cursor)}>Next<//>`}</div></nav>`;
}

// The bar of what is done with the selected rows; announces how many.
export const BulkBar = ({ count, onClear, children, note }) => html`<div class="bulk" role="region" aria-label="Selected">
	<p role="status">${count === 0 ? '' : `${formatNumber(count)} selected`}</p>${count > 0 && html`<div class="actions">${children}<${Button} kind="quiet" small onClick=${onClear}>Clear<//></div>`}${count > 0 && note}</div>`;
