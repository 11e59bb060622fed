// import_missing - who is active and not in the file of an import: shown,
// disabled after the number is typed, enabled again.

import { html } from '../lib.js';
import { post, useLoad } from '../api.js';
import { confirmTyped } from '../dialog.js';
import { formatNumber, plural } from '../format.js';
import { usePaging, useQuery } from '../router.js';
import { Pager, Table } from '../table.js';
import { ActButton, Button, Card, Loaded, Notice, Tag } from '../ui.js';

const SIZE = 50;
const dash = (v) => v ?? html`<span class="soft">–</span>`;
const COLUMNS = [
	{ key: 'name', label: 'Name', head: true, draw: (p) => html`<a href=${`/setup/users/${p.auth_user_id}`}>${p.name}</a> ${p.is_admin && html`<${Tag} tone="warn">Admin<//>`}` },
	{ key: 'emp_id', label: 'Employee ID', draw: (p) => dash(p.emp_id) },
	{ key: 'email', label: 'E-mail', draw: (p) => dash(p.email) },
];

const sum = (rows, k) => rows.reduce((n, p) => n + p[k], 0);

function List({ job, onChanged }) {
	const paging = usePaging();
	const load = useLoad(`/imports/${job.id}/missing?limit=${SIZE}${paging.cursor ? `&cursor=${paging.cursor}` : ''}`);
	const disable = async (m) => {
		const people = plural(m.count, 'person', 'people');
		const sure = await confirmTyped({
			title: `Disable ${people}?`, verb: 'Disable', word: m.count, what: 'the number',
			body: html`<p>${m.count === 1 ? 'This person is' : 'They are'} active and missing from ${job.file_name}. Their sessions end at once${m.page.has_more || paging.cursor ? '' : ` (${plural(sum(m.data, 'sessions'), 'session')})`}, and they cannot sign in until they are enabled again. Here that can be taken back as long as the import can be undone.</p>`,
		});
		if (sure) onChanged((await post(`/imports/${job.id}/missing/disable`, { confirm_count: m.count })).body);
	};
	return html`<${Loaded} load=${load}>${(m) => html`<div class="stack">
		${m.refused === 'import_incomplete' ? html`<${Notice} tone="warn" title="Nobody counts as missing">Not every row of this file is known: some had errors, so that it is not known whom they are about, or the rows are not kept any more. Import the whole file again.<//>`
			: m.refused ? html`<${Notice} tone="bad" title="Too many are missing">${plural(m.count, 'person is', 'people are')} missing of ${formatNumber(m.active)} who are active. More than a tenth (${formatNumber(m.most)}) are not disabled in this way: the file may not be complete.<//>`
				: html`<p>${m.count === 0 ? 'Everybody who is active is in this file.' : html`<strong>${plural(m.count, 'person', 'people')}</strong> of ${formatNumber(m.active)} who are active. You yourself, and who was added since the file came, are never among them.`}</p>`}
		${m.count > 0 && html`<${Table} caption="People missing from this file" rows=${m.data} keyOf=${(p) => p.auth_user_id} columns=${COLUMNS} busy=${load.isLoading} />
			<${Pager} page=${m.page} paging=${paging} shown=${m.data.length} size=${SIZE} />`}
		${m.count > 0 && !m.refused && html`<div class="actions"><${ActButton} kind="danger" onClick=${() => disable(m)}>Disable ${plural(m.count, 'person', 'people')}<//></div>`}</div>`}<//>`;
}

export function Missing({ job, onChanged }) {
	const query = useQuery();
	const off = job.totals.disabled;
	if (off !== undefined) {
		return html`<${Card} title="Missing from this file"><p role="status">${plural(off, 'person who was', 'people who were')} missing ${off === 1 ? 'is' : 'are'} disabled.</p>
			<div class="actions"><${ActButton} onClick=${async () => onChanged((await post(`/imports/${job.id}/missing/enable`)).body)}>Enable them again<//></div><//>`;
	}
	return html`<${Card} title="Missing from this file" wide note="If this file is the whole staff, whoever is not in it can be disabled.">
		${job.totals.enabled !== undefined && html`<p role="status">${plural(job.totals.enabled, 'person was', 'people were')} enabled again.</p>`}
		${query.get('missing') ? html`<${List} job=${job} onChanged=${onChanged} />` : html`<div class="actions"><${Button} href=${query.href({ missing: 1 })}>Look who is missing<//></div>`}<//>`;
}
