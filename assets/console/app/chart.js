// chart - small charts as SVG in the page's colours, each with its numbers as
// a table.  At most some ninety points; no library.

import { html, useId } from './lib.js';
import { formatCompact, formatNumber } from './format.js';

const W = 480;
const H = 170;
const LEFT = 40;
const FOOT = 22;
const TOP = 8;

// The steps of an axis from 0 to at least |max|: three or four round numbers.
export function ticks(max) {
	if (max <= 0) return [0, 1];
	const raw = max / 3;
	const size = 10 ** Math.floor(Math.log10(raw));
	const step = Math.max([1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw), max >= 1 && Number.isInteger(max) ? 1 : 0);
	const out = [0];
	while (out.at(-1) < max) out.push(out.at(-1) + step);
	return out;
}

function Frame({ title, top, points, labelOf, children, series, unit, summary, hrefOf }) {
	const id = useId('ch');
	const t = ticks(top);
	const y = (v) => TOP + (H - TOP - FOOT) * (1 - v / t.at(-1));
	const every = Math.ceil(points.length / 6);
	return html`<figure class="chart"><figcaption class="legend">${series.map((s) => html`<span key=${s.key}><i class=${`key is-${s.tone}`} aria-hidden="true"></i>${s.label}</span>`)}</figcaption>
		<svg viewBox=${`0 0 ${W} ${H}`} role=${hrefOf ? 'group' : 'img'} aria-labelledby=${id}><title id=${id}>${title}. ${summary}</title>
			${t.map((v) => html`<g key=${v} class="grid"><path d=${`M${LEFT} ${y(v)}H${W}`} /><text x=${LEFT - 6} y=${y(v) + 4} text-anchor="end">${formatCompact(v)}</text></g>`)}
			${children(y, (W - LEFT) / Math.max(points.length, 1))}
			${points.map((p, i) => i % every === 0 && html`<text key=${i} class="axis" x=${LEFT + (W - LEFT) * (i + 0.5) / points.length} y=${H - 6} text-anchor="middle">${labelOf(p)}</text>`)}
		</svg>
		<details><summary>As a table</summary><div class="table-box" tabindex="0" role="region" aria-label=${`${title}, as a table`}><table><caption class="out">${title}</caption><thead><tr><th scope="col">Time</th>${series.map((s) => html`<th key=${s.key} scope="col" class="num">${s.label}${unit ? `, ${unit}` : ''}</th>`)}</tr></thead>
			<tbody>${points.map((p, i) => html`<tr key=${i}><th scope="row">${hrefOf ? html`<a href=${hrefOf(p)}>${labelOf(p, true)}</a>` : labelOf(p, true)}</th>${series.map((s) => html`<td key=${s.key} class="num">${p[s.key] === null || p[s.key] === undefined ? '–' : formatNumber(p[s.key])}</td>`)}</tr>`)}</tbody></table></div></details></figure>`;
}

// Stacked bars.  |series| [{ key, label, tone }]; |points| [{ [key]: n, … }];
// labelOf(point, whole); hrefOf(point) makes a bar a link.
export function Bars({ title, series, points, labelOf, hrefOf }) {
	const sum = (p) => series.reduce((n, s) => n + (p[s.key] ?? 0), 0);
	const top = Math.max(0, ...points.map(sum));
	const total = points.reduce((n, p) => n + sum(p), 0);
	const summary = `${formatNumber(total)} in all; ${series.map((s) => `${s.label} ${formatNumber(points.reduce((n, p) => n + (p[s.key] ?? 0), 0))}`).join(', ')}.`;
	return html`<${Frame} title=${title} top=${top} points=${points} labelOf=${labelOf} series=${series} summary=${summary} hrefOf=${hrefOf}>${(y, step) => points.map((p, i) => {
		let at = 0;
		const bars = series.map((s) => {
			const v = p[s.key] ?? 0;
			if (v === 0) return null;
			const y1 = y(at + v);
			const bar = html`<rect key=${s.key} class=${`fill is-${s.tone}`} x=${LEFT + step * i + step * 0.12} y=${y1} width=${step * 0.76} height=${y(at) - y1} />`;
			at += v;
			return bar;
		});
		const tip = html`<title>${labelOf(p, true)}: ${series.map((s) => `${s.label} ${formatNumber(p[s.key] ?? 0)}`).join(', ')}</title>`;
		const area = html`<rect class="hit" x=${LEFT + step * i} y=${TOP} width=${step} height=${H - TOP - FOOT} />`;
		return hrefOf && sum(p) > 0
			? html`<a key=${i} href=${hrefOf(p)} tabindex="-1" aria-hidden="true">${tip}${area}${bars}</a>`
			: html`<g key=${i}>${tip}${area}${bars}</g>`;
	})}<//>`;
}

// Lines; a point without a value (null) breaks them.
export function Lines({ title, series, points, labelOf, unit }) {
	const values = points.flatMap((p) => series.map((s) => p[s.key] ?? 0));
	const top = Math.max(0, ...values);
	const peak = series.map((s) => `${s.label} at most ${formatNumber(Math.max(0, ...points.map((p) => p[s.key] ?? 0)))} ${unit ?? ''}`).join(', ');
	return html`<${Frame} title=${title} top=${top} points=${points} labelOf=${labelOf} series=${series} unit=${unit} summary=${`${peak}.`}>${(y, step) => series.map((s) => {
		let pen = 'M';
		const d = points.map((p, i) => {
			const v = p[s.key];
			if (v === null || v === undefined) {
				pen = 'M';
				return '';
			}
			const part = `${pen}${(LEFT + step * (i + 0.5)).toFixed(1)} ${y(v).toFixed(1)}`;
			pen = 'L';
			// a lone point is a dot
			return part + (points.length === 1 ? 'h.1' : '');
		}).join('');
		return html`<path key=${s.key} class=${`line is-${s.tone}`} d=${d} />`;
	})}<//>`;
}

// Shares of one whole beside each other: |parts| [{ label, value, tone }].
export function Funnel({ title, parts }) {
	const top = Math.max(1, ...parts.map((p) => p.value));
	return html`<div class="funnel" role="img" aria-label=${`${title}: ${parts.map((p) => `${p.label} ${formatNumber(p.value)}`).join(', ')}`}>${parts.map((p) => html`<div key=${p.label}><span>${p.label}</span>
		<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6" rx="1" /><rect class=${`fill is-${p.tone}`} width=${100 * p.value / top} height="6" rx="1" /></svg><b>${formatNumber(p.value)}</b></div>`)}</div>`;
}
